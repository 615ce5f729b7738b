"""What a reader found, held against what a letter states: precision and recall of each field, and every miss."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from benchmarks.treatments.letters import MOMENTS, Letter, Truth
from liaison.core.cda.values import MedicationLine
from liaison.core.medication.from_text.folding import folded

FIELDS = (
    "drug",
    "section",
    "strength",
    "dose",
    "posology",
    "moments",
    "route",
    "as_needed",
    "end",
    "duration",
    "unsure",
)


@dataclass(slots=True)
class Tally:
    """By field: how many values are right, how many were found, how many are there to find."""

    right: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    there: Counter[str] = field(default_factory=Counter)
    misses: list[str] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)

    def figures(self) -> dict[str, dict[str, float]]:
        return {
            name: {
                "precision": round(self.right[name] / self.found[name], 4) if self.found[name] else 1.0,
                "recall": round(self.right[name] / self.there[name], 4) if self.there[name] else 1.0,
                "values": self.there[name],
            }
            for name in FIELDS
        }


def add(tally: Tally, letter: Letter, lines: Sequence[MedicationLine]) -> None:
    """Match each stated line with a found line of its drug, one of its section if there is one, and compare fields."""
    left = list(lines)
    for truth in letter.truths:
        line = _taken(truth, left)
        _compare(tally, letter, truth, line)
    for line in left:
        tally.found.update(name for name, value in _said(line).items() if value)
        tally.misses.append(f"{_where(letter)} en trop : {line.section} {line.name} « {line.excerpt[:80]} »")


def _taken(truth: Truth, left: list[MedicationLine]) -> MedicationLine | None:
    named = [line for line in left if _names(truth, line)]
    best = next((line for line in named if line.section == truth.section), next(iter(named), None))
    if best:
        left.remove(best)
    return best


def _names(truth: Truth, line: MedicationLine) -> bool:
    said = " ".join(re.findall(r"[a-z0-9]+", folded(line.name)))
    return any(" ".join(re.findall(r"[a-z0-9]+", folded(name))) in said for name in truth.names)


def _compare(tally: Tally, letter: Letter, truth: Truth, line: MedicationLine | None) -> None:
    wanted = _wanted(truth)
    if line and _is_wrong_and_sure(wanted, truth, line):
        tally.silent.append(
            f"{_where(letter)} {line.section} {_told(line)} dans « {line.excerpt[:90]} » ({truth.names[0]})"
        )
    said = _said(line) if line else {}
    for name in FIELDS:
        expected, got = wanted.get(name, ""), said.get(name, "")
        if name not in wanted:
            continue
        tally.there[name] += bool(expected)
        tally.found[name] += bool(got)
        if expected and got and _same(name, expected, got, truth, line):
            tally.right[name] += 1
        elif expected or got:
            tally.misses.append(
                f"{_where(letter)} {name} : {expected!r} lu {got!r} dans « "
                f"{line.excerpt[:90] if line else ''} » ({truth.names[0]})"
            )


def _wanted(truth: Truth) -> dict[str, str]:
    """The fields a letter states; those it leaves open are not asked (a stopped drug has no posology)."""
    wanted = {"drug": truth.names[0], "section": truth.section}
    if truth.section == "18610-6":
        return wanted
    if truth.unsure:
        return {**wanted, "unsure": "oui"}
    return {
        **wanted,
        **({} if truth.partial and not truth.strength else {"strength": truth.strength}),
        **({"dose": truth.dose} if truth.dose else {}),
        **({"posology": "oui", "moments": _moments(truth.moments)} if truth.moments or truth.rhythm else {}),
        **({} if truth.partial and not truth.route else {"route": truth.route}),
        "as_needed": "oui" if truth.as_needed else "",
        "end": truth.end,
        "duration": truth.duration,
    }


def _said(line: MedicationLine) -> dict[str, str]:
    moments = line.moments
    values = zip(MOMENTS.values(), (moments.morning, moments.noon, moments.evening, moments.bedtime), strict=True)
    said = {name: value for name, value in values if value}
    return {
        "drug": line.name,
        "section": line.section,
        "strength": line.name,
        "dose": line.dose,
        "posology": "oui" if said or line.frequency else "",
        "moments": _moments(said),
        "route": line.route,
        "as_needed": "oui" if line.as_needed else "",
        "end": line.end,
        "duration": line.duration,
        "unsure": "oui" if _is_doubted(line) else "",
    }


def _is_wrong_and_sure(wanted: dict[str, str], truth: Truth, line: MedicationLine) -> bool:
    """A place or a posology that is not the one written, without a word of doubt: what must never reach a doctor."""
    if truth.section != line.section and not line.doubts:
        return True
    if _is_doubted(line) or not _told(line):
        return False
    return "unsure" in wanted or ("posology" in wanted and not _same_posology(truth, line))


def _told(line: MedicationLine) -> str:
    return " ".join(filter(None, (line.dose, _said(line)["moments"], line.frequency)))


def _is_doubted(line: MedicationLine) -> bool:
    return any("posologie" in doubt for doubt in line.doubts)


def _moments(moments: dict[str, str]) -> str:
    return ", ".join(f"{name} {_amount(value)}" for name, value in moments.items() if _amount(value) != "0")


def _amount(value: str) -> str:
    return (
        folded(value)
        .replace("½", "1/2")
        .replace("¼", "1/4")
        .replace("¾", "3/4")
        .replace(",", ".")
        .replace("unites", "ui")
        .replace(" u", " ui" if value.endswith(" u") else " u")
        .strip()
    )


def _same(name: str, expected: str, got: str, truth: Truth, line: MedicationLine | None) -> bool:
    if line is None or name in ("drug", "section", "as_needed", "unsure"):
        return line is not None and (name != "section" or expected == got)
    if name == "strength":
        return _squeezed(expected) in _squeezed(got)
    if name == "posology":
        return _same_posology(truth, line)
    if name == "moments":
        return _same_moments(truth, line)
    if name == "dose":
        return _same_dose(expected, line)
    return _squeezed(expected) == _squeezed(got)


def _same_dose(expected: str, line: MedicationLine) -> bool:
    """« 40 mg matin »: the amount may be read as the strength of the drug or as its dose."""
    said = _squeezed(expected)
    return said == _squeezed(line.dose) or (
        not line.dose and said.endswith(("mg", "ug")) and said in _squeezed(line.name)
    )


def _same_posology(truth: Truth, line: MedicationLine) -> bool:
    """The dose if one is stated, the moments and the rhythm: all of them right."""
    return (
        (not truth.dose or _same_dose(truth.dose, line))
        and (not truth.moments or _same_moments(truth, line))
        and _squeezed(truth.rhythm) in _squeezed(line.frequency)
    )


def _same_moments(truth: Truth, line: MedicationLine) -> bool:
    """« Aricept 10 mg le soir »: one intake in the evening, told as one or as its strength."""
    said = _squeezed(_said(line)["moments"])
    ways = [truth.moments]
    if truth.strength and not truth.dose:
        ways.append({name: truth.strength if value == "1" else value for name, value in truth.moments.items()})
    return said in [_squeezed(_moments(way)) for way in ways]


def _squeezed(text: str) -> str:
    return re.sub(r"[\s.,;()]+", "", _amount(text))


def _where(letter: Letter) -> str:
    return f"[{letter.layout} {letter.seed}]"
