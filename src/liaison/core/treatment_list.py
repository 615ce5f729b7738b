"""What residents take now, as a home's software exports it: a CSV file, each fault said in French.

One line for each drug of each resident. The columns are those of ``COLUMNS``, in any order.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from liaison.core.cda.values import Code
from liaison.core.csv_list import WRONG_WIDTH, CsvList, LineProblem, read_csv_list
from liaison.core.medication.line import ATC, CIP, CIS, UCD
from liaison.core.notices import Notice, Unreadable
from liaison.core.roster import iso_date

MOST_ROWS = 200_000
COLUMNS = {
    "identifiant": 64,
    "matricule_ins": 15,
    "medicament": 200,
    "dci": 200,
    "cis": 8,
    "cip": 13,
    "ucd": 13,
    "atc": 7,
    "dose": 100,
    "unite": 40,
    "matin": 40,
    "midi": 40,
    "soir": 40,
    "coucher": 40,
    "frequence": 200,
    "voie": 100,
    "si_besoin": 3,
    "debut": 10,
    "fin": 10,
    "indication": 300,
    "prescripteur": 200,
}
"""Each column and the characters a cell may hold."""

MISSING_COLUMN = Notice("treatments_missing_column", "Il faut la colonne medicament, et identifiant ou matricule_ins.")
_SYSTEMS = {"cis": CIS, "cip": CIP, "ucd": UCD, "atc": ATC}
_ANSWERS = {"": False, "non": False, "oui": True}


@dataclass(frozen=True, slots=True)
class TreatmentRow:
    """One drug of one resident. ``values`` holds every column as text; ``start`` and ``end`` are None when not said."""

    line: int
    values: Mapping[str, str]
    codes: tuple[Code, ...]
    as_needed: bool
    start: date | None
    end: date | None


@dataclass(frozen=True, slots=True)
class TreatmentList:
    """The lines that can be taken, and what is wrong with the others, in the order of the file."""

    rows: tuple[TreatmentRow, ...]
    problems: tuple[LineProblem, ...] = ()


def read_treatment_list(content: bytes) -> TreatmentList | Unreadable:
    """The treatments of a CSV file; Unreadable when the file or its header cannot be used at all."""
    listed = read_csv_list(content, columns=COLUMNS, most_rows=MOST_ROWS)
    if isinstance(listed, Unreadable):
        return listed
    if "medicament" not in listed.header or not {"identifiant", "matricule_ins"} & set(listed.header):
        return Unreadable(MISSING_COLUMN)
    return _read(listed)


def _read(listed: CsvList) -> TreatmentList:
    rows: list[TreatmentRow] = []
    problems: list[LineProblem] = []
    for number, cells in listed.lines:
        if len(cells) != len(listed.header):
            problems.append(LineProblem(number, WRONG_WIDTH))
            continue
        values = dict.fromkeys(COLUMNS, "") | dict(zip(listed.header, map(str.strip, cells), strict=True))
        faults = [LineProblem(number, fault) for fault in _faults(values)]
        problems += faults
        if not faults:
            rows.append(_row(number, values))
    return TreatmentList(tuple(rows), tuple(problems))


def _faults(values: Mapping[str, str]) -> Iterator[str]:
    if not values["medicament"]:
        yield "La case medicament est vide."
    if not (values["identifiant"] or values["matricule_ins"]):
        yield "Il faut un identifiant ou un matricule INS."
    for name, most in COLUMNS.items():
        if len(values[name]) > most:
            yield f"La case {name} dépasse {most} caractères."
    if values["si_besoin"].lower() not in _ANSWERS:
        yield "La case si_besoin est oui ou non."
    for name in ("debut", "fin"):
        if values[name] and _day(values[name]) is None:
            yield f"La case {name} n'est pas une date."


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(iso_date(text))
    except ValueError:
        return None


def _row(number: int, values: dict[str, str]) -> TreatmentRow:
    codes = tuple(Code(values[name], system) for name, system in _SYSTEMS.items() if values[name])
    start, end = _day(values["debut"]), _day(values["fin"])
    return TreatmentRow(number, values, codes, _ANSWERS[values["si_besoin"].lower()], start, end)
