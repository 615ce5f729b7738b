"""What residents take now, as a home's software exports it: a CSV file, each fault said in French.

One line for each drug of each resident; cells are separated by semicolons, commas or tabs (whichever the first line
holds most), in UTF-8 or Windows-1252. The columns are those of ``COLUMNS``, in any order.
"""

import csv
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from liaison.core.cda.values import Code
from liaison.core.medication.line import ATC, CIP, CIS, UCD
from liaison.core.notices import Notice, Unreadable
from liaison.core.roster import RosterProblem, iso_date

MOST_BYTES = 20_000_000
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

TOO_LARGE = Notice("treatments_too_large", "Le fichier est trop grand (20 Mo et 200 000 lignes au plus).")
NOT_CSV = Notice("treatments_not_csv", "Ce fichier n'est pas un CSV lisible.")
EMPTY = Notice("treatments_empty", "Le fichier est vide.")
_SYSTEMS = {"cis": CIS, "cip": CIP, "ucd": UCD, "atc": ATC}
_ANSWERS = {"": False, "non": False, "oui": True}
_WIDTH = "La ligne n'a pas autant de cases que l'en-tête."


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
    problems: tuple[RosterProblem, ...] = ()


def read_treatment_list(content: bytes) -> TreatmentList | Unreadable:
    """The treatments of a CSV file; Unreadable when the file or its header cannot be used at all."""
    if len(content) > MOST_BYTES:
        return Unreadable(TOO_LARGE)
    try:
        lines = _lines(content)
    except csv.Error:
        return Unreadable(NOT_CSV)
    if not lines:
        return Unreadable(EMPTY)
    if len(lines) - 1 > MOST_ROWS:
        return Unreadable(TOO_LARGE)
    header = [cell.strip().lower() for cell in lines[0][1]]
    fault = _fault_of_header(header)
    return Unreadable(fault) if fault else _read(header, lines[1:])


def _lines(content: bytes) -> list[tuple[int, list[str]]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    delimiter = max(";,\t", key=text.partition("\n")[0].count)
    reader = csv.reader(text.splitlines(keepends=True), delimiter=delimiter, strict=True)
    return [(reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells)]


def _fault_of_header(header: list[str]) -> Notice | None:
    unknown = [name for name in header if name not in COLUMNS]
    twice = [name for name, times in Counter(header).items() if times > 1]
    if unknown:
        return Notice("treatments_unknown_column", f"L'en-tête porte {len(unknown)} colonne(s) inconnue(s).")
    if twice:
        return Notice("treatments_column_twice", f"La colonne {twice[0]} est là deux fois.")
    if "medicament" not in header or not {"identifiant", "matricule_ins"} & set(header):
        message = "Il faut la colonne medicament, et identifiant ou matricule_ins."
        return Notice("treatments_missing_column", message)
    return None


def _read(header: list[str], lines: list[tuple[int, list[str]]]) -> TreatmentList:
    rows: list[TreatmentRow] = []
    problems: list[RosterProblem] = []
    for number, cells in lines:
        if len(cells) != len(header):
            problems.append(RosterProblem(number, _WIDTH))
            continue
        values = dict.fromkeys(COLUMNS, "") | dict(zip(header, map(str.strip, cells), strict=True))
        faults = [RosterProblem(number, fault) for fault in _faults(values)]
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
