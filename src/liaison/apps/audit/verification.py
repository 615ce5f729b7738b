"""Checking the journal, chain by chain."""

from collections.abc import Iterator, Mapping

from liaison.apps.audit.actions import payload
from liaison.apps.audit.models import Entry
from liaison.apps.organisations.models import Site
from liaison.core.chain.link import ChainEntry, ChainReport, verify

HOUSE = "house"


def verify_chains(heads: Mapping[str, str] | None = None) -> dict[str, ChainReport]:
    """The report of each chain, by FINESS (``house`` for the whole house's).

    ``heads`` are hashes noted earlier, by the same keys: each must still be in its chain, else its tail was cut off.
    """
    known = heads or {}
    chains: dict[str, int | None] = {HOUSE: None, **dict(Site.objects.values_list("finess", "pk"))}
    return {name: verify(_entries(site), expected_head=known.get(name)) for name, site in chains.items()}


def _entries(site: int | None) -> Iterator[ChainEntry]:
    chain = Entry.objects.filter(site=site).order_by("seq")
    for entry in chain.iterator(chunk_size=1000):
        yield ChainEntry(entry.seq, entry.previous_hash, entry.hash, payload(entry))
