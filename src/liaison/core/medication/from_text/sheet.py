"""A text without pages as lines and tables: what a level 1 body, a narrative or a mail says."""

import re
from collections.abc import Iterator
from dataclasses import replace

from liaison.core.cda.values import Place
from liaison.core.medication.from_text.grids import read_tables
from liaison.core.medication.from_text.rows import Cell, Row
from liaison.core.medication.from_text.tables import is_heading_row
from liaison.core.medication.from_text.values import Grid, Line, Token

_WIDTH = 140.0
_CELL = re.compile(r"\S+(?: {1,2}\S+)*")
_BAR = "|"


def read_sheet(text: str, section: str = "") -> tuple[Line | Grid, ...]:
    """Bars and wide blanks cut cells; a row of headings and the rows below it are a table."""
    rows = text.expandtabs(8).splitlines()
    blocks: list[Line | Grid] = []
    position = 0
    while position < len(rows):
        if _BAR in rows[position] and is_heading_row(_cells(rows[position])):
            end = _end_of_bars(rows, position)
            blocks.append(_barred(rows[position:end], section))
        else:
            end = _next_bars(rows, position)
            blocks += _spaced(rows[position:end], position, section)
        position = end
    return tuple(blocks)


def _cells(row: str) -> list[str]:
    return [cell.strip() for cell in row.strip().strip(_BAR).split(_BAR)]


def _end_of_bars(rows: list[str], position: int) -> int:
    end = position + 1
    while end < len(rows) and _BAR in rows[end]:
        end += 1
    return end


def _next_bars(rows: list[str], position: int) -> int:
    end = position + 1
    while end < len(rows) and not (_BAR in rows[end] and is_heading_row(_cells(rows[end]))):
        end += 1
    return end


def _barred(rows: list[str], section: str) -> Grid:
    heads, *body = (_cells(row) for row in rows)
    held = [cells for cells in body if any(re.search(r"\w", cell) for cell in cells)]
    return Grid(tuple(heads), tuple(tuple(_tokens(cell) for cell in cells) for cells in held), section)


def _tokens(text: str) -> tuple[Token, ...]:
    return tuple(Token(word) for word in text.split())


def _spaced(rows: list[str], first: int, section: str) -> Iterator[Line | Grid]:
    """Columns made with blanks are found as those of a page are, one character being one place."""
    sheet = [row for number, text in enumerate(rows, start=first) if (row := _row(text, number, len(rows) + first))]
    for part in read_tables(sheet):
        if isinstance(part, Grid):
            yield Grid(part.headings, tuple(tuple(map(_unplaced, cells)) for cells in part.rows), section)
        else:
            yield from _as_lines(part, section, len(rows) + first)


def _row(text: str, number: int, count: int) -> Row | None:
    cells = []
    for found in _CELL.finditer(text.replace(f" {_BAR} ", "   ")):
        tokens = tuple(
            Token(word[0], None, _place(found.start() + word.start(), len(word[0]), number, count))
            for word in re.finditer(r"\S+", found[0])
        )
        cells.append(Cell(tokens, found.start() / _WIDTH, found.end() / _WIDTH))
    return Row(tuple(cells), number / count, (number + 1) / count) if cells else None


def _place(start: int, length: int, number: int, count: int) -> Place:
    return Place(1, start / _WIDTH, number / count, (start + length) / _WIDTH, (number + 1) / count)


def _unplaced(tokens: tuple[Token, ...]) -> tuple[Token, ...]:
    return tuple(replace(token, place=None) for token in tokens)


def _as_lines(rows: list[Row], section: str, count: int) -> Iterator[Line]:
    for position, row in enumerate(rows):
        apart = position == 0 or round((row.top - rows[position - 1].top) * count) > 1
        yield Line(tuple(_unplaced(cell.tokens) for cell in row.cells), apart=apart, section=section)
