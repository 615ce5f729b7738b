"""The current treatment as a person writes it: a line added, corrected, stopped, each in the name of a prescriber."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from liaison.apps.audit.actions import begin, record
from liaison.apps.intake.models import Document
from liaison.apps.intake.readings import to_json
from liaison.apps.organisations.models import User
from liaison.apps.refusals import AlreadyDone, NotPossible
from liaison.apps.residents.models import Resident
from liaison.apps.treatments.actions import as_current, current_lines
from liaison.apps.treatments.models import TreatmentAct, TreatmentLine
from liaison.apps.treatments.prescribers import Prescriber, named_prescriber
from liaison.apps.treatments.written import Written
from liaison.core.medication.line import CurrentLine
from liaison.core.medication.pairing import current_drug, same_substance

Kind = TreatmentAct.Kind


@transaction.atomic
def do_write_line(
    resident: Resident, *, user: User, written: Written, prescriber: str, reason: str = "", second: bool = False
) -> TreatmentLine:
    """Add a line, in the name of the prescriber whose RPPS is given. Raises Refused.

    ``second`` says that the drug is taken already and that this line is one more, not the same again.
    """
    begin(resident.site)
    named = named_prescriber(resident, user, prescriber)
    _check(written)
    if not second and _takes_already(resident, written):
        raise NotPossible(
            "Le résident prend déjà ce médicament : corrigez sa ligne, ou dites que c'est une seconde ligne."
        )
    act = open_act(resident, Kind.WRITTEN, user=user, prescriber=named, reason=reason)
    line = start_line(act, written)
    _trace("treatment_line_written", act, line=line.pk)
    return line


@transaction.atomic
def do_correct_line(
    line: TreatmentLine, *, user: User, written: Written, prescriber: str, reason: str
) -> TreatmentLine:
    """End a line and start it again as corrected: what it was stays in the history. Raises Refused."""
    begin(line.resident.site)
    named = named_prescriber(line.resident, user, prescriber)
    _check(written)
    locked = _standing(line, reason)
    if _says_the_same(locked, written):
        raise NotPossible("Rien n'est changé dans cette ligne.")
    act = open_act(locked.resident, Kind.WRITTEN, user=user, prescriber=named, reason=reason)
    _end(locked, act)
    corrected = start_line(act, written)
    _trace("treatment_line_corrected", act, line=corrected.pk, before=locked.pk)
    return corrected


@transaction.atomic
def do_stop_line(line: TreatmentLine, *, user: User, prescriber: str, reason: str) -> None:
    """End a line. Raises Refused."""
    begin(line.resident.site)
    named = named_prescriber(line.resident, user, prescriber)
    locked = _standing(line, reason)
    act = open_act(locked.resident, Kind.WRITTEN, user=user, prescriber=named, reason=reason)
    _end(locked, act)
    _trace("treatment_line_stopped", act, line=locked.pk)


def open_act(
    resident: Resident,
    kind: Kind,
    *,
    user: User | None,
    prescriber: Prescriber | None = None,
    reason: str = "",
    document: Document | None = None,
) -> TreatmentAct:
    """The act to which lines are tied. Inside a transaction."""
    return TreatmentAct.objects.create(
        resident=resident,
        kind=kind,
        by=user,
        at=timezone.now(),
        prescriber=prescriber.name[:200] if prescriber else "",
        prescriber_rpps=prescriber.rpps if prescriber else "",
        reason=reason.strip()[:300],
        document=document,
    )


def start_line(act: TreatmentAct, written: Written) -> TreatmentLine:
    return TreatmentLine.objects.create(
        resident=act.resident, prescriber=act.prescriber, started_in=act, **_values(written)
    )


def _values(written: Written) -> dict[str, Any]:
    return {
        "label": written.label.strip()[:200],
        "substance": written.substance.strip()[:200],
        "codes": to_json(written.codes),
        "dose": written.dose.strip()[:100],
        "unit": written.unit.strip()[:40],
        "morning": written.morning.strip()[:40],
        "noon": written.noon.strip()[:40],
        "evening": written.evening.strip()[:40],
        "bedtime": written.bedtime.strip()[:40],
        "frequency": written.frequency.strip()[:200],
        "route": written.route.strip()[:100],
        "as_needed": written.as_needed,
        "reason": written.indication.strip()[:300],
        "started_at": written.start or timezone.localdate(),
        "ends_on": written.ends_on,
    }


def _check(written: Written) -> None:
    said = (written.dose, written.frequency, written.morning, written.noon, written.evening, written.bedtime)
    if not written.label.strip():
        raise NotPossible("Nommez le médicament.")
    if not any(text.strip() for text in said):
        raise NotPossible("Dites la posologie : une dose, des moments de la journée ou une fréquence.")
    if written.ends_on and written.ends_on < (written.start or timezone.localdate()):
        raise NotPossible("La fin prévue est avant le début.")


def _takes_already(resident: Resident, written: Written) -> bool:
    wanted = current_drug(0, CurrentLine("", written.label, written.substance, written.codes))
    return any(same_substance(wanted, current_drug(0, as_current(held))) for held in current_lines(resident))


def _standing(line: TreatmentLine, reason: str) -> TreatmentLine:
    """The line as it is now, alone with its site's chain. Raises Refused when it has ended, or nobody says why."""
    if not reason.strip():
        raise NotPossible("Dites pourquoi cette ligne change.")
    locked = TreatmentLine.objects.select_related("resident__site").get(pk=line.pk)
    if locked.ended_at is not None:
        raise AlreadyDone("Cette ligne a déjà pris fin.")
    return locked


def _says_the_same(line: TreatmentLine, written: Written) -> bool:
    return all(getattr(line, name) == value for name, value in _values(written).items())


def _end(line: TreatmentLine, act: TreatmentAct) -> None:
    line.ended_at, line.ended_in = act.at, act
    line.save(update_fields=["ended_at", "ended_in"])


def _trace(action: str, act: TreatmentAct, **details: int) -> None:
    resident = act.resident
    record(action, act, site=resident.site, user=act.by, resident=resident, rpps=act.prescriber_rpps, **details)
