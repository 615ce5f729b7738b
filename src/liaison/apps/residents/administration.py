"""What the home's own software tells us by HL7: every message is kept, then taken or refused, in one transaction."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from liaison.apps.audit.actions import begin, record
from liaison.apps.blobs import store
from liaison.apps.organisations.models import Site
from liaison.apps.refusals import NotPossible, Refused
from liaison.apps.residents.actions import do_register
from liaison.apps.residents.identity import do_change_identity, do_place
from liaison.apps.residents.merging import do_merge_residents, standing_record
from liaison.apps.residents.models import AdministrativeMessage, Resident, Source
from liaison.apps.residents.names import mark_homonym
from liaison.apps.residents.stays import (
    do_come_back,
    do_leave_for_hospital,
    do_take_back_leaving,
    do_take_back_return,
)
from liaison.core.hl7v2.adt import PLACES_OUTSIDE, AdtEvent, AdtFault, read_adt
from liaison.core.hl7v2.message import Hl7Message
from liaison.core.notices import Unreadable
from liaison.runtime.failpoints import reach

Verdict = AdministrativeMessage.Verdict
OF_SOMEBODY_KNOWN = {
    "leaves",
    "absent",
    "back",
    "moves",
    "arrival_cancelled",
    "leaving_cancelled",
    "move_cancelled",
    "absence_cancelled",
    "return_cancelled",
}
PRESENT_AFTER = {
    "arrives": True,
    "back": True,
    "moves": True,
    "leaving_cancelled": True,
    "leaves": False,
    "arrival_cancelled": False,
}
ENDING_AN_ABSENCE = {"arrives", "back", "moves", "leaves", "arrival_cancelled"}
"""A change of room within the home is that of somebody who is there. A leaving cancelled says nothing of an absence."""
NO_LEAVING_TO_CANCEL = "Aucun départ dit par le logiciel n'est en cours : rien n'a été annulé."
NO_RETURN_TO_CANCEL = "Aucun retour dit par le logiciel n'est à annuler : rien n'a été fait."
NOTHING_TO_MERGE = "Le dossier à fusionner n'était pas connu ici : rien n'a été fait."


@dataclass(frozen=True, slots=True)
class Taken:
    """The message as it is kept, and the fault to answer with when it was not taken."""

    message: AdministrativeMessage
    fault: AdtFault | None = None


@transaction.atomic
def do_take_message(
    site: Site, content: bytes, read: Hl7Message | Unreadable, *, outside: Collection[str] = PLACES_OUTSIDE
) -> Taken:
    """Keep a message and do what it says. The same bytes taken before are not done twice: only answered again.

    ``outside`` are the places of an A02 that mean the hospital.
    """
    begin(site)
    blob = store.put(content)
    before = AdministrativeMessage.objects.filter(site=site, blob=blob, verdict=Verdict.TAKEN).first()
    if before is not None:
        return Taken(before)
    event = _event_of(read, outside)
    resident, note = None, ""
    if isinstance(event, AdtEvent):
        try:
            with transaction.atomic():
                resident, note = _do(site, event)
        except Refused as refusal:
            event = AdtFault("207", "PID^1^3", str(refusal))
    fault = event if isinstance(event, AdtFault) else None
    message = AdministrativeMessage.objects.create(
        site=site,
        received_at=timezone.now(),
        blob=blob,
        size=len(content),
        control_id=read.field("MSH", 10)[:200] if isinstance(read, Hl7Message) else "",
        event=event.code if isinstance(event, AdtEvent) else "",
        verdict=Verdict.ERROR if fault else Verdict.TAKEN,
        error_code=fault.code if fault else "",
        problem=fault.message if fault else note,
        resident=resident,
    )
    said = "administrative_message_refused" if fault else "administrative_message_taken"
    record(said, message, site=site, resident=resident, event=message.event, error_code=message.error_code)
    reach("adt: before commit")
    return Taken(message, fault)


def _event_of(read: Hl7Message | Unreadable, outside: Collection[str]) -> AdtEvent | AdtFault:
    if isinstance(read, Unreadable):
        return AdtFault("100", "MSH^1", read.notice.message)
    return read_adt(read, outside=outside)


def _do(site: Site, event: AdtEvent) -> tuple[Resident, str]:
    """The resident the message is about, once what it says is done, and a remark."""
    named, resident = _find(site, event)
    if resident is None:
        resident = _register(site, event)
    elif named is None or named.pk == resident.pk:
        do_change_identity(resident, source=Source.HL7, traits=_traits(event), reason=f"Message {event.code}")
    if event.homonym:
        mark_homonym(resident)
    if event.meaning == "merge":
        return resident, _merge(site, event, resident)
    return resident, _move(event, resident)


def _find(site: Site, event: AdtEvent) -> tuple[Resident | None, Resident | None]:
    """The record that bears the home's identifier, and the one that stands for it or holds the matricule."""
    named = Resident.objects.filter(site=site, local_id=event.local_id).first() if event.local_id else None
    ins = event.traits.get("ins", "")
    holders = list(Resident.objects.filter(site=site, ins=ins, merged_into__isnull=True)) if ins else []
    if named is None:
        if len(holders) > 1:
            raise NotPossible("Plusieurs résidents portent ce matricule INS.")
        return None, holders[0] if holders else None
    standing = standing_record(named)
    if any(holder.pk != standing.pk for holder in holders):
        raise NotPossible("Le matricule INS est celui d'un autre résident que l'identifiant.")
    if named.pk == standing.pk and _is_another_person(named, event):
        raise NotPossible("Cet identifiant est celui d'un autre résident (matricule et naissance).")
    return named, standing


def _is_another_person(resident: Resident, event: AdtEvent) -> bool:
    """Another matricule and another birth date: the identifier was given to somebody else, nothing was corrected."""
    ins, born = event.traits.get("ins", ""), event.traits.get("birth_date", "")
    return bool(ins and resident.ins and ins != resident.ins and born and born != resident.birth_date)


def _register(site: Site, event: AdtEvent) -> Resident:
    traits = event.traits
    if event.meaning in OF_SOMEBODY_KNOWN or not {"birth_family", "birth_given"} <= traits.keys():
        raise NotPossible("Ce résident n'est pas connu ici.")
    usual = {"ins_status": Resident.InsStatus.PROVISIONAL, "sex": Resident.Sex.UNKNOWN, "birth_date": ""}
    return do_register(site=site, identity={**usual, **_traits(event)}, care_team=[])


def _traits(event: AdtEvent) -> dict[str, str]:
    """What the message states; a status stated without an attribute of doubt takes that attribute away."""
    doubt = {"doubt": ""} if "ins_status" in event.traits else {}
    return {**doubt, **event.traits, **({"local_id": event.local_id} if event.local_id else {})}


def _move(event: AdtEvent, resident: Resident) -> str:
    """Presence, room and absence; a message about the identity alone says nothing of them but the room.

    A remark when there was nothing to take back.
    """
    at = _moment(event)
    present = PRESENT_AFTER.get(event.meaning)
    do_place(resident, source=Source.HL7, room="" if event.meaning == "absent" else event.room, present=present)
    if event.meaning == "absent":
        do_leave_for_hospital(resident, source=Source.HL7, at=at)
    elif event.meaning in ENDING_AN_ABSENCE:
        do_come_back(resident, source=Source.HL7, at=at)
    elif event.meaning == "absence_cancelled":
        return "" if do_take_back_leaving(resident) else NO_LEAVING_TO_CANCEL
    elif event.meaning == "move_cancelled" and _left_by_transfer(resident):
        do_take_back_leaving(resident)
    elif event.meaning == "return_cancelled":
        return "" if do_take_back_return(resident) else NO_RETURN_TO_CANCEL
    return ""


def _left_by_transfer(resident: Resident) -> bool:
    """Whether the last movement told is a transfer (A02), which may have been the leaving for the hospital."""
    told = resident.administrative_messages.filter(verdict=Verdict.TAKEN, event__in=("A02", "A21", "A22"))
    last = told.order_by("-pk").values_list("event", flat=True).first()
    return last == "A02"


def _merge(site: Site, event: AdtEvent, survivor: Resident) -> str:
    """Put the record of the former identifier into the survivor's; a remark when there was nothing to put."""
    gone = Resident.objects.filter(site=site, local_id=event.former_id).first()
    if gone is None:
        return NOTHING_TO_MERGE
    standing = standing_record(gone)
    if standing.pk != survivor.pk:
        do_merge_residents(survivor=survivor, absorbed=standing, source=Source.HL7, reason="Message A40")
    return ""


def _moment(event: AdtEvent) -> datetime:
    """When it happened, in the site's time zone; now when the message does not say it, or says the future."""
    now = timezone.now()
    try:
        stated = timezone.make_aware(datetime.fromisoformat(event.at))
    except ValueError:
        return now
    return min(stated, now)
