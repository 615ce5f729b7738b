"""A list as a home's software exports it: a CSV file, its header and its lines, or why it cannot be used.

Cells are separated by semicolons, commas or tabs (whichever the first line holds most), in UTF-8 or Windows-1252.
"""

import csv
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from liaison.core.notices import Notice, Unreadable

MOST_BYTES = 20_000_000
WRONG_WIDTH = "La ligne n'a pas autant de cases que l'en-tête."

NOT_CSV = Notice("csv_unreadable", "Ce fichier n'est pas un CSV lisible.")
EMPTY = Notice("csv_empty", "Le fichier est vide.")


@dataclass(frozen=True, slots=True)
class LineProblem:
    """Why one line (1 is the header) cannot be taken. The sentence holds no value of the line."""

    line: int
    message: str


@dataclass(frozen=True, slots=True)
class CsvList:
    """The names of the columns, in lower case, and each line that is not blank with its number in the file."""

    header: tuple[str, ...]
    lines: tuple[tuple[int, tuple[str, ...]], ...]


def read_csv_list(content: bytes, *, columns: Iterable[str], most_rows: int) -> CsvList | Unreadable:
    """The lines of a file whose header holds some of ``columns``, each at most once, and no other."""
    if len(content) > MOST_BYTES:
        return Unreadable(_too_large(most_rows))
    try:
        lines = _lines(content)
    except csv.Error:
        return Unreadable(NOT_CSV)
    if not lines:
        return Unreadable(EMPTY)
    if len(lines) - 1 > most_rows:
        return Unreadable(_too_large(most_rows))
    header = tuple(cell.strip().lower() for cell in lines[0][1])
    fault = _fault_of_header(header, frozenset(columns))
    return Unreadable(fault) if fault else CsvList(header, tuple(lines[1:]))


def _lines(content: bytes) -> list[tuple[int, tuple[str, ...]]]:
    text = _decoded(content)
    delimiter = max(";,\t", key=text.partition("\n")[0].count)
    reader = csv.reader(text.splitlines(keepends=True), delimiter=delimiter, strict=True)
    return [(reader.line_num, tuple(cells)) for cells in reader if any(cell.strip() for cell in cells)]


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _fault_of_header(header: tuple[str, ...], columns: frozenset[str]) -> Notice | None:
    unknown = [name for name in header if name not in columns]
    twice = [name for name, times in Counter(header).items() if times > 1]
    if unknown:
        return Notice("csv_unknown_column", f"L'en-tête porte {len(unknown)} colonne(s) inconnue(s).")
    if twice:
        return Notice("csv_column_twice", f"La colonne {twice[0]} est là deux fois.")
    return None


def _too_large(most_rows: int) -> Notice:
    rows = f"{most_rows:,}".replace(",", " ")
    return Notice(
        "csv_too_large", f"Le fichier est trop grand ({MOST_BYTES // 1_000_000} Mo et {rows} lignes au plus)."
    )
