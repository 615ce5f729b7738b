"""What changes a treatment: a letter suggests, a named prescriber decides, the decision applies (law 3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from liaison.apps.audit.actions import begin, record
from liaison.apps.exchanges.actions import do_handle_reply
from liaison.apps.intake.models import Document
from liaison.apps.intake.readings import medication_from_json, to_json
from liaison.apps.organisations.access import may_prescribe
from liaison.apps.organisations.models import User
from liaison.apps.refusals import AlreadyDone, NotAllowed, NotPossible
from liaison.apps.residents.models import Resident
from liaison.apps.treatments.jobs import offer_report
from liaison.apps.treatments.letter_lines import lines_of_letter, said_unchanged
from liaison.apps.treatments.models import Decision, Reconciliation, ReconciliationLine, TreatmentLine
from liaison.apps.treatments.words import intake, times
from liaison.core.cda.values import Code, MedicationLine, Moments
from liaison.core.medication.compare import ComparisonLine, compare
from liaison.core.medication.from_text.posology import read_posology
from liaison.core.medication.line import CurrentLine
from liaison.core.medication.pairing import Drug, current_drug, letter_drug, same_substance
from liaison.core.medication.risk import high_risk_class

if TYPE_CHECKING:
    from liaison.apps.exchanges.models import Reply

Verdict = Decision.Verdict
Status = ReconciliationLine.Status


@dataclass(frozen=True, slots=True)
class Choice:
    """What a prescriber chose for the line of that number. ``dose`` and ``frequency`` are for CHANGE only."""

    number: int
    verdict: str
    dose: str = ""
    frequency: str = ""
    reason: str = ""


@transaction.atomic
def do_record_current_treatment(resident: Resident, *, lines: Sequence[dict[str, Any]]) -> list[TreatmentLine]:
    """Take over the treatment a resident already has, from the home's record software."""
    begin(resident.site)
    created = [TreatmentLine.objects.create(resident=resident, **line) for line in lines]
    record("treatment_taken_over", resident, site=resident.site, resident=resident, lines=len(created))
    return created


def current_lines(resident: Resident) -> list[TreatmentLine]:
    return list(resident.treatment_lines.filter(ended_at__isnull=True).order_by("label", "id"))


def open_reconciliation(document: Document, resident: Resident, *, user: User | None) -> Reconciliation | None:
    """Compare a letter that states treatments with the current one. Inside the filing's transaction.

    One that lists none and says that nothing changes is compared too: each line held is for the doctor to keep or not.
    """
    letter = lines_of_letter(document)
    if not letter and not said_unchanged(document):
        return None
    held = current_lines(resident)
    comparison = compare([as_current(line) for line in held], letter)
    if not comparison.lines:
        return None
    now = timezone.now()
    reconciliation = Reconciliation.objects.create(
        resident=resident, document=document, opened_at=now, current_as_of=now, current_count=len(held)
    )
    by_key = {str(line.uuid): line for line in held}
    ReconciliationLine.objects.bulk_create(_as_row(reconciliation, line, by_key, letter) for line in comparison.lines)
    record(
        "reconciliation_opened",
        reconciliation,
        site=resident.site,
        user=user,
        resident=resident,
        lines=len(comparison.lines),
        in_letter=len(letter),
        held=len(held),
    )
    return reconciliation


def as_current(line: TreatmentLine) -> CurrentLine:
    """The line as ``core`` compares it."""
    return CurrentLine(
        key=str(line.uuid),
        label=line.label,
        substance=line.substance,
        codes=tuple(Code(**code) for code in line.codes),
        dose=intake(line),
        frequency=times(line),
        route=line.route,
        as_needed=line.as_needed,
        start=line.started_at.isoformat(),
    )


def _as_row(
    reconciliation: Reconciliation,
    line: ComparisonLine,
    held: dict[str, TreatmentLine],
    letter: Sequence[MedicationLine],
) -> ReconciliationLine:
    return ReconciliationLine(
        reconciliation=reconciliation,
        number=line.number,
        status=line.status,
        hl7_code=line.hl7_code,
        current=held[line.current_key] if line.current_key else None,
        letter=to_json(letter[line.letter_index]) if line.letter_index is not None else None,
        label=line.label[:300],
        change=line.change[:500],
        reason=line.reason[:500],
        high_risk=line.high_risk[:100],
        proposal=line.proposal[:500],
        pair_number=line.pair,
        discrepancy=line.discrepancy,
    )


def withdraw_reconciliations(document: Document) -> None:
    """Close what a withdrawn letter opened; decisions made stay in force. In the unfiling's transaction."""
    document.reconciliations.exclude(state=Reconciliation.State.WITHDRAWN).update(state=Reconciliation.State.WITHDRAWN)


@transaction.atomic
def do_decide_lines(
    reconciliation: Reconciliation, *, user: User, choices: Sequence[Choice], on_answer: "Reply | None" = None
) -> list[Decision]:
    """Record and apply what a named prescriber decided, line by line. All stand or none. Raises Refused."""
    begin(reconciliation.resident.site)
    locked = (
        Reconciliation.objects.select_for_update(of=["self"]).select_related("resident__site").get(pk=reconciliation.pk)
    )
    if not may_prescribe(user, locked.resident.site):
        raise NotAllowed("Seul un médecin de l'établissement, avec son RPPS, décide d'un traitement.")
    if locked.state == Reconciliation.State.WITHDRAWN:
        raise NotPossible("La lettre a été retirée du dossier : il n'y a plus rien à décider ici.")
    if on_answer and on_answer.recipient.transmission.reconciliation_id != locked.pk:
        raise NotPossible("Cette réponse parle d'une autre lettre.")
    if not choices:
        raise NotPossible("Aucune ligne n'est décidée.")
    decisions = [_decide(locked, choice, user, on_answer) for choice in choices]
    _note_state(locked)
    if locked.state == Reconciliation.State.DECIDED:
        offer_report(locked.pk)
    if on_answer and on_answer.handled_at is None and locked.state == Reconciliation.State.DECIDED:
        do_handle_reply(on_answer, user=user)
    return decisions


def _decide(reconciliation: Reconciliation, choice: Choice, user: User, on_answer: "Reply | None") -> Decision:
    line = reconciliation.lines.filter(number=choice.number).first()
    if line is None:
        raise NotPossible(f"La ligne {choice.number} n'existe pas.")
    if line.decisions.exists():
        raise AlreadyDone(f"La ligne {choice.number} est déjà décidée.")
    if choice.verdict == Verdict.CHANGE and not (choice.dose or choice.frequency):
        raise NotPossible(f"Ligne {choice.number} : dites la dose ou la fréquence à donner.")
    _check_still_true(line, choice, reconciliation.resident)
    decision = Decision.objects.create(
        line=line,
        verdict=Verdict(choice.verdict),
        dose=choice.dose[:100],
        frequency=choice.frequency[:200],
        reason=choice.reason[:500],
        prescriber=str(user),
        prescriber_rpps=user.rpps,
        on_answer=on_answer,
        decided_by=user,
        decided_at=timezone.now(),
    )
    _apply(decision, line, reconciliation.resident)
    record(
        "line_decided",
        reconciliation,
        site=reconciliation.resident.site,
        user=user,
        resident=reconciliation.resident,
        line=line.number,
        verdict=decision.verdict,
        decision=decision.pk,
        reply=str(on_answer.uuid) if on_answer else "",
    )
    return decision


def _check_still_true(line: ReconciliationLine, choice: Choice, resident: Resident) -> None:
    """A treatment that changed since the comparison is never changed blindly: that is how a drug gets doubled."""
    if line.current and line.current.ended_at is not None:
        if choice.verdict == Verdict.KEEP:
            raise NotPossible(
                f"Ligne {line.number} : ce traitement a pris fin depuis la comparaison, il n'y a plus rien à garder."
                " Comparez de nouveau."
            )
        raise NotPossible(f"Ligne {line.number} : ce traitement a changé depuis la comparaison. Comparez de nouveau.")
    keeps = choice.verdict == Verdict.KEEP
    starts = not keeps and (choice.verdict == Verdict.CHANGE or line.status == Status.STARTED)
    if starts and line.current is None and _started_meanwhile(line, resident):
        raise NotPossible(
            f"Ligne {line.number} : un médicament de même substance ou de même classe à risque a été ajouté depuis la"
            " comparaison. Comparez de nouveau."
        )


def _started_meanwhile(line: ReconciliationLine, resident: Resident) -> bool:
    """Whether the resident now takes this drug, or one of its high-risk class, by a line that nobody compared."""
    if line.letter is None:
        return False
    letter = letter_drug(0, medication_from_json(line.letter))
    unseen = (
        resident.treatment_lines.filter(ended_at__isnull=True)
        .exclude(reconciled__reconciliation=line.reconciliation_id)
        .exclude(started_by__line__reconciliation=line.reconciliation_id)
    )
    return any(_alike(letter, current_drug(0, as_current(held)), line.high_risk) for held in unseen)


def _alike(letter: Drug, held: Drug, high_risk: str) -> bool:
    return same_substance(letter, held) or (
        bool(high_risk) and high_risk == high_risk_class(held.codes, held.label, *held.names)
    )


def _apply(decision: Decision, line: ReconciliationLine, resident: Resident) -> None:
    """Change the current treatment as decided, and in no other way."""
    follows_letter = decision.verdict == Verdict.ACCEPT
    stops = decision.verdict == Verdict.STOP or (follows_letter and line.status == Status.STOPPED)
    changes = decision.verdict == Verdict.CHANGE or (
        follows_letter and line.status in {Status.STARTED, Status.MODIFIED, Status.EQUIVALENT}
    )
    if (stops or changes) and line.current and line.current.ended_at is None:
        line.current.ended_at, line.current.ended_by = decision.decided_at, decision
        line.current.save(update_fields=["ended_at", "ended_by"])
    if changes:
        _start(decision, line, resident)


def _start(decision: Decision, line: ReconciliationLine, resident: Resident) -> None:
    letter = medication_from_json(line.letter) if line.letter else None
    held = line.current
    frequency = decision.frequency or (letter.frequency if letter else "") or (held.frequency if held else "")
    dose = decision.dose or (letter.dose if letter else "") or (held.dose if held else "")
    TreatmentLine.objects.create(
        resident=resident,
        label=letter.name if letter else held.label if held else line.label,
        substance=held.substance if held else "",
        codes=to_json(letter.codes) if letter and letter.codes else held.codes if held else [],
        dose=dose,
        frequency=frequency,
        route=(letter.route if letter else "") or (held.route if held else ""),
        as_needed=letter.as_needed if letter else bool(held and held.as_needed),
        reason=decision.reason or (held.reason if held else ""),
        prescriber=decision.prescriber,
        started_at=timezone.localdate(decision.decided_at),
        ends_on=_planned_end(letter),
        started_by=decision,
        **_moments(decision, letter, dose, frequency),
    )


def _moments(decision: Decision, letter: MedicationLine | None, dose: str, frequency: str) -> dict[str, str]:
    """The moments the letter says, unless the decision changes them: then those its words say."""
    changed = bool(decision.dose or decision.frequency)
    moments = letter.moments if letter and not changed else Moments()
    if moments == Moments():
        moments = read_posology(f"{dose} {frequency}").moments
    return {name: getattr(moments, name)[:40] for name in ("morning", "noon", "evening", "bedtime")}


def _planned_end(letter: MedicationLine | None) -> date | None:
    try:
        return date.fromisoformat(letter.end[:10]) if letter and letter.end else None
    except ValueError:
        return None


def _note_state(reconciliation: Reconciliation) -> None:
    waiting = reconciliation.lines.filter(decisions__isnull=True).exists()
    reconciliation.state = Reconciliation.State.PARTIAL if waiting else Reconciliation.State.DECIDED
    reconciliation.save(update_fields=["state"])
