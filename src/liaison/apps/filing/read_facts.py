"""What was read in the words of a letter is proposed with its sentence; a person puts it in the record, or does not."""

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from liaison.apps.audit.actions import begin, record
from liaison.apps.filing.models import Filing, ProposedFact, StatedFact
from liaison.apps.intake.models import Document
from liaison.apps.intake.readings import to_json
from liaison.apps.organisations.access import CARE_ROLES, has_role
from liaison.apps.organisations.models import User
from liaison.apps.refusals import AlreadyDone, NotAllowed, NotPossible
from liaison.apps.residents.letters import day_to_look
from liaison.apps.residents.models import FollowUpTask, RecordedAllergy, Resident, Stay
from liaison.core.letter_facts.values import ReadFact

Kind, State = ProposedFact.Kind, ProposedFact.State
DATES = (Kind.DATE, Kind.STAY)
PLACE = "lu dans le texte"
_TASKS = {Kind.FOLLOW_UP: FollowUpTask.Kind.FOLLOW_UP, Kind.EXPECTED_RESULT: FollowUpTask.Kind.EXPECTED_RESULT}
_FACTS = {Kind.PROBLEM: StatedFact.Kind.PROBLEM, Kind.CARRIAGE: StatedFact.Kind.CARRIAGE}


def keep_facts(document: Document, facts: Iterable[ReadFact]) -> None:
    """Inside the transaction of the reading. What a person decided stays; what the header states is not proposed.

    Safe to run again.
    """
    ProposedFact.objects.filter(document=document, state=State.PROPOSED).delete()
    known = set(ProposedFact.objects.filter(document=document).values_list("kind", "label", "start"))
    if document.stay_start or document.stay_end:
        known |= {("stay", fact.label, fact.start) for fact in facts if fact.kind == "stay"}
    ProposedFact.objects.bulk_create(
        ProposedFact(
            document=document,
            kind=fact.kind,
            label=fact.label,
            detail=fact.detail,
            start=fact.start,
            end=fact.end,
            excerpt=fact.excerpt,
            page=fact.page,
            places=to_json(fact.places),
            doubts=list(fact.doubts),
        )
        for fact in facts
        if (fact.kind, fact.label, fact.start) not in known
    )
    note_dates(document)


def note_dates(document: Document) -> None:
    """Show of a document the days read in its words, unless a person said they are not. In the same transaction."""
    kept = list(ProposedFact.objects.filter(document=document, kind__in=DATES).exclude(state=State.DISMISSED))
    day = next((fact for fact in kept if fact.kind == Kind.DATE), None)
    stay = next((fact for fact in kept if fact.kind == Kind.STAY), None)
    document.read_date, document.read_date_from = (day.start, _from(day)) if day else ("", "")
    document.read_stay_start, document.read_stay_end = (stay.start, stay.end) if stay else ("", "")
    document.save(update_fields=["read_date", "read_date_from", "read_stay_start", "read_stay_end"])


def _from(day: ProposedFact) -> Document.DateFrom:
    if day.state == State.CONFIRMED:
        return Document.DateFrom.PERSON
    return Document.DateFrom.TEXT if day.excerpt else Document.DateFrom.FILE


@transaction.atomic
def do_confirm_fact(fact: ProposedFact, *, user: User) -> None:
    """A person puts what was read in the record of the resident the document is filed with, with its source."""
    begin(fact.document.site)
    locked, resident = _lock(fact, user)
    if locked.state == State.CONFIRMED:
        raise AlreadyDone("C'est déjà dans le dossier.")
    _write(locked, resident, user)
    _decide(locked, State.CONFIRMED, user)
    note_dates(locked.document)
    record("fact_confirmed", locked, site=locked.document.site, user=user, resident=resident, kind=locked.kind)


@transaction.atomic
def do_dismiss_fact(fact: ProposedFact, *, user: User) -> None:
    """A person says that what was read is not to be kept. It stays, struck, and may still be confirmed."""
    begin(fact.document.site)
    locked, resident = _lock(fact, user)
    if locked.state != State.PROPOSED:
        raise AlreadyDone("Cette ligne est déjà décidée.")
    _decide(locked, State.DISMISSED, user)
    note_dates(locked.document)
    record("fact_dismissed", locked, site=locked.document.site, user=user, resident=resident, kind=locked.kind)


def propose_again(document: Document) -> None:
    """What was confirmed for a resident is to be confirmed for another. Inside the transaction of the unfiling."""
    confirmed = ProposedFact.objects.filter(document=document, state=State.CONFIRMED)
    confirmed.update(state=State.PROPOSED, decided_by=None, decided_at=None)
    note_dates(document)


def _lock(fact: ProposedFact, user: User) -> tuple[ProposedFact, Resident]:
    """The row, and the resident its document is filed with."""
    locked = ProposedFact.objects.select_for_update(of=["self"]).select_related("document__site").get(pk=fact.pk)
    if not has_role(user, locked.document.site, CARE_ROLES):
        raise NotAllowed("Votre rôle ne permet pas d'écrire dans les dossiers de cet établissement.")
    filings = Filing.objects.filter(document=locked.document, withdrawn_at__isnull=True).select_related("resident")
    filing = filings.first()
    if filing is None:
        raise NotPossible("Intégrez d'abord ce document au dossier d'un résident.")
    return locked, filing.resident


def _decide(fact: ProposedFact, state: ProposedFact.State, user: User) -> None:
    fact.state, fact.decided_by, fact.decided_at = state, user, timezone.now()
    fact.save(update_fields=["state", "decided_by", "decided_at"])


def _write(fact: ProposedFact, resident: Resident, user: User) -> None:
    kind, document = Kind(fact.kind), fact.document
    place = f"{PLACE}, page {fact.page}" if fact.page else PLACE
    if kind == Kind.DATE:
        return  # the day of the document itself: note_dates
    if kind == Kind.STAY:
        Stay.objects.create(
            resident=resident,
            document=document,
            start=fact.start,
            end=fact.end,
            hospital=document.custodian,
            place=place,
            read_in=fact,
        )
    elif kind == Kind.ALLERGY:
        RecordedAllergy.objects.create(
            resident=resident,
            document=document,
            agent=fact.label,
            reaction=fact.detail,
            place=place,
            read_in=fact,
            confirmed_by=user,
            confirmed_at=timezone.now(),
        )
    elif kind in _TASKS:
        FollowUpTask.objects.create(
            resident=resident,
            document=document,
            kind=_TASKS[kind],
            label=fact.label,
            due=fact.start,
            look_on=day_to_look(fact.start, document.dated),
            place=place,
            read_in=fact,
        )
    else:
        StatedFact.objects.create(
            resident=resident,
            document=document,
            kind=_FACTS[kind],
            label=fact.label,
            start=fact.start,
            place=place,
            read_in=fact,
        )
