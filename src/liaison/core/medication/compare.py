"""The current treatment beside the treatment of a letter, line by line: what a prescriber is asked to decide.

A suggestion, never a change. Statuses are those of the HL7 France medication guide (draft 0.1.0). A drug absent from
the letter is "not mentioned", never "stopped". Every line of both sides is shown exactly once.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from liaison.core.cda.values import SECTION_ADMISSION, SECTION_STOPPED, MedicationLine
from liaison.core.medication.classes import class_notes, replacements, with_class, with_duplicates
from liaison.core.medication.line import CIS, CurrentLine, codes_of, drug_name, is_prolonged_release, label_of, plain
from liaison.core.medication.pairing import (
    Basis,
    Drug,
    Pair,
    current_drug,
    letter_drug,
    pair,
)
from liaison.core.medication.posology import same_dose, strength
from liaison.core.medication.risk import high_risk_class
from liaison.core.medication.sameness import same_intake, same_times

Status = Literal["continued", "equivalent", "modified", "stopped", "started", "not_mentioned"]

HL7_CODES: dict[Status, str] = {
    "continued": "10000001",
    "equivalent": "10000002",
    "stopped": "10000003",
    "modified": "10000004",
    "started": "10000005",
    "not_mentioned": "",
}
NO_DISCREPANCY, UNQUALIFIED = "10000001", "10000002"
SECTION_HISTORY = "10160-0"

_CITED_ONLY = frozenset({SECTION_ADMISSION, SECTION_HISTORY})
_SURE_OF_THE_PRODUCT = frozenset({"CIS", "CIP", "UCD"})


@dataclass(frozen=True, slots=True)
class ComparisonLine:
    """One line to decide. ``change``, ``reason``, ``high_risk`` and ``proposal`` are French and may be empty.

    ``pair`` is the number of the line it replaces or is replaced by: another molecule of its class. ``discrepancy``
    is an HL7 France code, for a person to qualify; ``hl7_code`` that of the status, empty for not_mentioned.
    ``letter_index`` is the index in the sequence of the letter given.
    """

    number: int
    status: Status
    hl7_code: str
    current_key: str | None
    letter_index: int | None
    label: str
    change: str
    reason: str
    high_risk: str
    proposal: str
    pair: int | None = None
    discrepancy: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """The lines, numbered from 1: the current ones in their order, then those of the letter alone in theirs.

    ``current_count`` and ``letter_count`` are the lines given, all of them in ``lines``.
    """

    lines: tuple[ComparisonLine, ...]
    current_count: int
    letter_count: int


@dataclass(frozen=True, slots=True)
class _Row:
    current: CurrentLine | None
    letter: MedicationLine | None
    letter_index: int | None
    basis: Basis | None
    drug: Drug


def compare(current: Sequence[CurrentLine], letter: Sequence[MedicationLine]) -> Comparison:
    """Compare both lists. Keys of ``current`` are unique; nothing is merged, nothing left out."""
    rows = _rows(current, letter)
    lines = [_line(number, row) for number, row in enumerate(rows, start=1)]
    drugs = [row.drug for row in rows]
    pairs = replacements([(line.status, drug) for line, drug in zip(lines, drugs, strict=True)])
    noted = tuple(
        replace(line, change=with_duplicates(line.number, line.change, drugs), pair=pairs.get(line.number))
        for line in lines
    )
    beside = class_notes([line.status for line in noted], drugs)
    told = tuple(replace(line, change=with_class(line.change, beside.get(line.number, ()))) for line in noted)
    return Comparison(told, len(current), len(letter))


def _rows(current: Sequence[CurrentLine], letter: Sequence[MedicationLine]) -> list[_Row]:
    by_current = {found.current: found for found in _pairs(current, letter)}
    paired = {found.letter for found in by_current.values()}
    rows = [_current_row(position, line, letter, by_current.get(position)) for position, line in enumerate(current)]
    return rows + [
        _Row(None, line, index, None, letter_drug(index, line))
        for index, line in enumerate(letter)
        if index not in paired
    ]


def _current_row(position: int, line: CurrentLine, letter: Sequence[MedicationLine], found: Pair | None) -> _Row:
    drug = current_drug(position, line)
    if found is None:
        return _Row(line, None, None, None, drug)
    return _Row(line, letter[found.letter], found.letter, found.basis, drug)


def _pairs(current: Sequence[CurrentLine], letter: Sequence[MedicationLine]) -> tuple[Pair, ...]:
    """What the letter decides is paired first; what it only cites takes what is left."""
    ours = [current_drug(position, line) for position, line in enumerate(current)]
    deciding = [letter_drug(i, line) for i, line in enumerate(letter) if line.section not in _CITED_ONLY]
    citing = [letter_drug(i, line) for i, line in enumerate(letter) if line.section in _CITED_ONLY]
    decided = pair(ours, deciding)
    left = [drug for drug in ours if drug.position not in {found.current for found in decided}]
    return decided + pair(left, citing)


def _line(number: int, row: _Row) -> ComparisonLine:
    status = _status(row)
    return ComparisonLine(
        number=number,
        status=status,
        hl7_code=HL7_CODES[status],
        current_key=row.current.key if row.current else None,
        letter_index=row.letter_index,
        label=_label(row),
        change=" ; ".join(_changes(row, status)),
        reason=row.letter.reason if row.letter else "",
        high_risk=_high_risk(row),
        proposal=_proposal(row.letter, status),
        discrepancy=NO_DISCREPANCY if status in ("continued", "equivalent") else UNQUALIFIED,
    )


def _status(row: _Row) -> Status:
    if row.letter is None or row.letter.section in _CITED_ONLY:
        return "not_mentioned"
    if row.letter.section == SECTION_STOPPED:
        return "not_mentioned" if row.letter.negated else "stopped"
    if row.letter.negated:
        return "stopped"
    if row.current is None:
        return "started"
    if _posology_changes(row.current, row.letter, row.basis):
        return "modified"
    return "equivalent" if _product_changes(row.current, row.letter) else "continued"


def _label(row: _Row) -> str:
    if row.current:
        return row.current.label
    return label_of(row.letter) if row.letter else ""


def _changes(row: _Row, status: Status) -> list[str]:
    if row.letter is None:
        return []
    if row.letter.section in _CITED_ONLY:
        return ["cité dans la lettre comme traitement d'avant la sortie seulement"]
    if row.letter.negated:
        return ["dit avec une négation dans la lettre : à lire dans le texte"]
    if row.current is None or status == "stopped":
        return []
    return (
        _posology_changes(row.current, row.letter, row.basis)
        + _product_changes(row.current, row.letter)
        + _unsaid(row.current, row.letter)
    )


def _posology_changes(current: CurrentLine, letter: MedicationLine, basis: Basis | None) -> list[str]:
    changes: list[str] = []
    strengths = strength(current.label), strength(label_of(letter))
    if basis not in _SURE_OF_THE_PRODUCT and all(strengths) and not same_dose(*strengths):
        changes.append(_words("dosage", *(text.lower() for text in strengths)))
    if letter.dose and not same_intake(current, letter):
        changes.append(_words("dose", current.dose, letter.dose))
    if letter.frequency and not same_times(current, letter):
        changes.append(_words("fréquence", current.frequency, letter.frequency))
    if letter.route and current.route and plain(letter.route) != plain(current.route):
        changes.append(_words("voie", current.route, letter.route))
    if letter.as_needed != current.as_needed:
        changes.append(_words("si besoin", _yes_or_no(current.as_needed), _yes_or_no(letter.as_needed)))
    return changes


def _product_changes(current: CurrentLine, letter: MedicationLine) -> list[str]:
    theirs = label_of(letter)
    if not theirs:
        return []
    if drug_name(current.label) != drug_name(theirs):
        return [_words("spécialité", drug_name(current.label), drug_name(theirs))]
    if is_prolonged_release(current.label) != is_prolonged_release(theirs):
        return [_words("forme", current.label, theirs)]
    before, after = codes_of(current.codes, CIS), codes_of(letter.codes, CIS)
    if before and after and before.isdisjoint(after):
        return [_words("spécialité", current.label, theirs)]
    return []


def _unsaid(current: CurrentLine, letter: MedicationLine) -> list[str]:
    """What the letter leaves out of a line it goes on with: said, because silence is not agreement."""
    return [
        f"{noun} non précisée dans la lettre ({before} avant)"
        for noun, before, after in (
            ("dose", current.dose, letter.dose),
            ("fréquence", current.frequency, letter.frequency),
        )
        if before and not after
    ]


def _words(noun: str, before: str, after: str) -> str:
    return f"{noun} : {before or 'non précisée'} → {after}"


def _yes_or_no(value: bool) -> str:
    return "oui" if value else "non"


def _high_risk(row: _Row) -> str:
    codes = (*(row.current.codes if row.current else ()), *(row.letter.codes if row.letter else ()))
    substance = row.current.substance if row.current else ""
    return high_risk_class(codes, _label(row), substance, label_of(row.letter) if row.letter else "")


def _proposal(letter: MedicationLine | None, status: Status) -> str:
    if letter is None:
        return "La lettre n'en parle pas."
    name = label_of(letter)
    if letter.negated:
        return f"À lire dans la lettre : négation à propos de {name}"
    if status == "stopped":
        return f"Arrêter {name}"
    if not letter.dose and not letter.frequency and letter.narrative:
        return letter.narrative
    parts = (name, letter.dose, letter.frequency, letter.route, "si besoin" if letter.as_needed else "")
    return ", ".join(part for part in parts if part)
