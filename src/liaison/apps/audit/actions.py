"""Writing in the journal, in the same transaction as the act itself."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import chain, repeat
from typing import Any

from django.db import connection, models, transaction
from django.utils import timezone

from liaison.apps.audit.models import Entry
from liaison.apps.organisations.models import Site, User
from liaison.apps.residents.models import Resident
from liaison.apps.rows import insert_rows
from liaison.core.chain.link import entry_hash

CHAIN_LOCK = 0x4C494149


def begin(site: Site | None) -> None:
    """The first line of every act: alone with the site's chain until the transaction ends.

    Taken before any row is locked, so that two acts of a site wait for each other once and never crosswise. Acts of
    two sites do not wait for each other.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("An act and its audit entry are one transaction.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [CHAIN_LOCK, site.pk if site else 0])


def record(
    action: str,
    subject: models.Model,
    *,
    site: Site | None,
    user: User | None = None,
    resident: Resident | None = None,
    **details: Any,
) -> Entry:
    """Append one entry to the site's chain, or to the whole house's when there is no site.

    ``details`` are ids, codes, counts and times only. Runs inside the transaction of the act: the entry and the act
    stand or fall together.
    """
    return record_all(action, [(subject, details)], site=site, user=user, residents=[resident])[0]


def record_all(
    action: str,
    subjects: Iterable[tuple[models.Model, Mapping[str, Any]]],
    *,
    site: Site | None,
    user: User | None = None,
    residents: Sequence[Resident | None] = (),
) -> list[Entry]:
    """Append an entry for each subject, with its own details, in their order, as ``record`` would one by one.

    ``residents`` are whom each is about, when they are about any.
    """
    begin(site)
    last = Entry.objects.filter(site=site).order_by("-seq").values_list("seq", "hash").first()
    seq, previous_hash = last or (0, "")
    entries = []
    about = chain(residents, repeat(None))
    for number, ((subject, details), resident) in enumerate(zip(subjects, about, strict=False), start=seq + 1):
        entry = Entry(
            site=site,
            seq=number,
            at=timezone.now(),
            user=user,
            action=action,
            subject_type=kind_of(subject),
            subject_id=str(getattr(subject, "uuid", subject.pk)),
            resident=resident,
            details=dict(details),
            previous_hash=previous_hash,
        )
        previous_hash = entry.hash = entry_hash(previous_hash, payload(entry))
        entries.append(entry)
    insert_rows(entries)
    return entries


def kind_of(subject: models.Model) -> str:
    """The name under which the journal knows a kind of subject: the model's, in lower case."""
    return type(subject).__name__.lower()


def payload(entry: Entry) -> dict[str, Any]:
    """What the hash of an entry covers: everything but the hashes."""
    return {
        "site": entry.site_id,
        "seq": entry.seq,
        "at": _instant(entry.at),
        "user": entry.user_id,
        "action": entry.action,
        "subject_type": entry.subject_type,
        "subject_id": entry.subject_id,
        "resident": entry.resident_id,
        "details": entry.details,
    }


def _instant(at: datetime) -> str:
    return at.astimezone(timezone.get_fixed_timezone(0)).isoformat(timespec="microseconds")
