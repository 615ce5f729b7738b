"""The hospitals a home knows an address of: those that wrote to it, and those a person named."""

from dataclasses import dataclass

from django.db.models import Max

from liaison.apps.directory.queries import is_trusted_address
from liaison.apps.intake.models import Document
from liaison.apps.organisations.models import Site
from liaison.apps.residents.models import Absence

MOST_KNOWN = 30


@dataclass(frozen=True, slots=True)
class Hospital:
    name: str
    address: str


def hospitals_of(site: Site) -> list[Hospital]:
    """One for each address of the trust circle, the last to write first; then those named with an absence."""
    found: dict[str, Hospital] = {}
    for sender, label, custodian in _senders(site):
        address = sender.lower()
        if address not in found and is_trusted_address(address):
            found[address] = Hospital(label or custodian, address)
    named = Absence.objects.filter(resident__site=site).exclude(hospital_address="").order_by("-pk")
    for hospital, address in named.values_list("hospital", "hospital_address")[:MOST_KNOWN]:
        found.setdefault(address, Hospital(hospital or address, address))
    return list(found.values())[:MOST_KNOWN]


def hospital_of(absence: Absence) -> Hospital | None:
    """The one the resident went to, when it was said."""
    if not absence.hospital_address:
        return None
    return Hospital(absence.hospital or absence.hospital_address, absence.hospital_address)


def _senders(site: Site) -> list[tuple[str, str, str]]:
    """Those who sent a document of an establishment, by address, label and name: a laboratory's PDF names none."""
    sent = Document.objects.filter(site=site, message__sender_trusted=True).exclude(custodian="")
    senders = sent.values("message__sender", "message__sender_label", "custodian").annotate(last=Max("created_at"))
    rows = senders.order_by("-last").values_list("message__sender", "message__sender_label", "custodian")
    return list(rows[: 4 * MOST_KNOWN])
