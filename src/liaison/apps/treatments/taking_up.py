"""A resident whose treatment is not known here takes it from an earlier letter, as a prescriber confirms it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from liaison.apps.audit.actions import begin, record
from liaison.apps.intake.models import Document
from liaison.apps.organisations.models import User
from liaison.apps.refusals import AlreadyDone, NotPossible
from liaison.apps.residents.models import Resident
from liaison.apps.treatments.actions import current_lines
from liaison.apps.treatments.by_hand import open_act, start_line
from liaison.apps.treatments.letter_lines import lines_of_letter
from liaison.apps.treatments.models import Reconciliation, ReconciliationLine, TreatmentAct, TreatmentLine
from liaison.apps.treatments.prescribers import named_prescriber
from liaison.apps.treatments.written import Written
from liaison.core.cda.values import SECTION_DISCHARGE, Code, MedicationLine

State = Reconciliation.State
_WAITING = (State.OPEN, State.PARTIAL)


@dataclass(frozen=True, slots=True)
class TakenLetter:
    """A letter of the record and the treatment it gives: what was decided of it, else what it says at discharge."""

    document: Document
    decided: Reconciliation | None
    lines: tuple[Written, ...]


def letters_to_take_up(resident: Resident) -> list[TakenLetter]:
    """The letters that can give the treatment of a resident who has none here, the latest first.

    A letter whose lines wait for a decision is not among them: it is decided line by line.
    """
    if current_lines(resident):
        return []
    standing = Document.objects.filter(
        filings__resident=resident, filings__withdrawn_at__isnull=True, state=Document.State.FILED
    )
    waiting = Reconciliation.objects.filter(resident=resident, state__in=_WAITING).values("document")
    letters = [_taken(document, resident) for document in standing.exclude(pk__in=waiting).distinct()]
    with_lines = [letter for letter in letters if letter.lines]
    return sorted(with_lines, key=lambda letter: letter.document.effective_time or "", reverse=True)


def _taken(document: Document, resident: Resident) -> TakenLetter:
    decided = document.reconciliations.filter(resident=resident, state=State.DECIDED).first()
    if decided is None:
        said = [line for line in lines_of_letter(document) if line.section == SECTION_DISCHARGE]
        return TakenLetter(document, None, tuple(_as_written(line, document) for line in said))
    rows = decided.lines.select_related("current").prefetch_related("decisions__started_lines")
    given = [line for row in rows if (line := _in_force_after(row)) is not None]
    return TakenLetter(document, decided, tuple(_again(line) for line in given))


def _in_force_after(row: ReconciliationLine) -> TreatmentLine | None:
    """What was given of this line once it was decided: nothing when it was stopped."""
    decision = next(iter(row.decisions.all()), None)
    started = next(iter(decision.started_lines.all()), None) if decision else None
    if started or decision is None or row.current is None:
        return started
    return None if row.current.ended_by_id == decision.pk else row.current


def _again(line: TreatmentLine) -> Written:
    return Written(
        label=line.label,
        substance=line.substance,
        codes=tuple(Code(**code) for code in line.codes),
        dose=line.dose,
        unit=line.unit,
        morning=line.morning,
        noon=line.noon,
        evening=line.evening,
        bedtime=line.bedtime,
        frequency=line.frequency,
        route=line.route,
        as_needed=line.as_needed,
        start=line.started_at,
        ends_on=line.ends_on,
        indication=line.reason,
    )


def _as_written(line: MedicationLine, document: Document) -> Written:
    return Written(
        label=line.name,
        codes=line.codes,
        dose=line.dose,
        morning=line.moments.morning,
        noon=line.moments.noon,
        evening=line.moments.evening,
        bedtime=line.moments.bedtime,
        frequency=line.frequency,
        route=line.route,
        as_needed=line.as_needed,
        start=_day(line.start) or _day(document.effective_time),
        ends_on=_day(line.end),
        indication=line.reason,
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


@transaction.atomic
def do_take_up_letter(
    resident: Resident, *, user: User, document: Document, numbers: Sequence[int], prescriber: str
) -> TreatmentAct:
    """Start the chosen lines of the letter, numbered from 1 as shown, in the prescriber's name. Raises Refused."""
    begin(resident.site)
    named = named_prescriber(resident, user, prescriber)
    if current_lines(resident):
        raise AlreadyDone("Ce résident a déjà un traitement en cours ici : corrigez-le ligne par ligne.")
    letter = next((each for each in letters_to_take_up(resident) if each.document.pk == document.pk), None)
    if letter is None:
        raise NotPossible("Cette lettre ne peut pas donner le traitement de ce résident.")
    chosen = [line for number, line in enumerate(letter.lines, start=1) if number in set(numbers)]
    if not chosen:
        raise NotPossible("Choisissez une ligne au moins.")
    act = open_act(resident, TreatmentAct.Kind.LETTER, user=user, prescriber=named, document=document)
    for line in chosen:
        start_line(act, line)
    record(
        "treatment_taken_from_letter",
        act,
        site=resident.site,
        user=user,
        resident=resident,
        rpps=named.rpps,
        document=str(document.uuid),
        lines=len(chosen),
        left=len(letter.lines) - len(chosen),
    )
    return act
