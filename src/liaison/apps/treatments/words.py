"""A treatment in French words, for the letters, the mails and the reports that the home writes."""

from collections.abc import Mapping
from typing import Any

from liaison.apps.treatments.models import Decision, ReconciliationLine, TreatmentLine
from liaison.apps.treatments.written import Written

Status = ReconciliationLine.Status
Verdict = Decision.Verdict

SUGGESTIONS = {
    Status.CONTINUED: "poursuivi",
    Status.EQUIVALENT: "remplacé par un équivalent",
    Status.MODIFIED: "modifié",
    Status.STOPPED: "arrêté",
    Status.STARTED: "nouveau",
    Status.NOT_MENTIONED: "non mentionné par la lettre",
}
_MOMENTS = (("morning", "matin"), ("noon", "midi"), ("evening", "soir"), ("bedtime", "coucher"))


def held(line: ReconciliationLine) -> str:
    """What the resident took before, with its posology; a dash when he did not take it."""
    return f"{line.current.label} {posology(line.current)}".strip() if line.current else "—"


def in_letter(line: ReconciliationLine) -> str:
    """What the letter says of the drug, with its posology; a dash when it says nothing."""
    return f"{line.letter['name']} {posology_of_letter(line.letter)}".strip() if line.letter else "—"


def posology(line: TreatmentLine) -> str:
    return _joined(intake(line), times(line), line.route, "si besoin" if line.as_needed else "")


def named_posology(line: TreatmentLine) -> str:
    """« DOLIPRANE 1 g : 1 matin, 1 soir »: the strength of the label never runs into the dose."""
    said = posology(line)
    return f"{line.label} : {said}" if said else line.label


def intake(line: TreatmentLine | Written) -> str:
    """« 1 comprimé »: the dose, with its unit when the dose does not say it."""
    return line.dose if not line.unit or line.unit.lower() in line.dose.lower() else f"{line.dose} {line.unit}".strip()


def times(line: TreatmentLine | Written) -> str:
    """The frequency as written, else the moments of the day: « 1 matin, 1 soir »."""
    moments = {name: getattr(line, name) for name, _ in _MOMENTS}
    return line.frequency or _said(moments)


def _said(moments: Mapping[str, str]) -> str:
    return ", ".join(f"{moments[name]} {word}" for name, word in _MOMENTS if moments.get(name))


def times_of_letter(letter: Mapping[str, Any]) -> str:
    """From the JSON of a letter's line, as ``times``."""
    return letter.get("frequency", "") or _said(letter.get("moments") or {})


def posology_of_letter(letter: dict[str, Any]) -> str:
    """From the JSON of a letter's line; the moments of the day where no frequency is written."""
    as_needed = f"si besoin {letter.get('condition', '')}".strip() if letter.get("as_needed") else ""
    return _joined(letter.get("dose", ""), times_of_letter(letter), letter.get("route", ""), as_needed)


def decided(decision: Decision) -> str:
    """« Modifier : 2,5 mg, le matin », in the words of what is done."""
    asked = _joined(decision.dose, decision.frequency)
    return f"{decision.get_verdict_display()}{f' : {asked}' if asked else ''}"


def _joined(*parts: str) -> str:
    return ", ".join(part for part in parts if part)
