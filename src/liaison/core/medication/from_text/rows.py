"""Words of a page as rows and cells. Places are shares of the page; ``ratio`` is its width over its height."""

import statistics
from dataclasses import dataclass

from liaison.core.medication.from_text.values import Token, joined

_CELL_GAP = 1.15
_SMALLEST_GAP = 0.014


@dataclass(frozen=True, slots=True)
class Cell:
    """Words with no wide blank between them."""

    tokens: tuple[Token, ...]
    left: float
    right: float

    @property
    def text(self) -> str:
        return joined(self.tokens)


@dataclass(frozen=True, slots=True)
class Row:
    """Words at one height of the page."""

    cells: tuple[Cell, ...]
    top: float
    bottom: float

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2

    @property
    def text(self) -> str:
        return " ".join(cell.text for cell in self.cells)

    def crosses(self, place: float) -> bool:
        return any(cell.left < place < cell.right for cell in self.cells)

    def has_both_sides(self, place: float) -> bool:
        return self.cells[0].right <= place <= self.cells[-1].left


def rows_of(tokens: list[Token], ratio: float) -> list[Row]:
    """The rows of a page from its top to its foot."""
    placed = [token for token in tokens if token.place]
    rows: list[list[Token]] = []
    for token in sorted(placed, key=_middle):
        if rows and _is_beside(rows[-1], token):
            rows[-1].append(token)
        else:
            rows.append([token])
    height = _usual_height(placed)
    return sorted((_row(row, height / ratio if ratio else height) for row in rows), key=lambda row: row.middle)


def _middle(token: Token) -> float:
    return (token.place.top + token.place.bottom) / 2 if token.place else 0.0


def _is_beside(row: list[Token], token: Token) -> bool:
    """Whether a word shares most of its height with the last words of the row."""
    place = token.place
    if place is None:
        return False
    for other in row[-3:]:
        held = other.place
        if held is None:
            continue
        common = min(held.bottom, place.bottom) - max(held.top, place.top)
        if common > 0.5 * min(held.bottom - held.top, place.bottom - place.top):
            return True
    return False


def _usual_height(tokens: list[Token]) -> float:
    heights = [token.place.bottom - token.place.top for token in tokens if token.place]
    return statistics.median(heights) if heights else 0.0


def _row(tokens: list[Token], gap: float) -> Row:
    ordered = sorted(tokens, key=lambda token: token.place.left if token.place else 0.0)
    cells: list[list[Token]] = []
    for token in ordered:
        if cells and _gap(cells[-1][-1], token) <= max(gap * _CELL_GAP, _SMALLEST_GAP):
            cells[-1].append(token)
        else:
            cells.append([token])
    places = [token.place for token in tokens if token.place]
    return Row(tuple(map(_cell, cells)), min(place.top for place in places), max(place.bottom for place in places))


def _gap(one: Token, other: Token) -> float:
    return other.place.left - one.place.right if one.place and other.place else 0.0


def _cell(tokens: list[Token]) -> Cell:
    places = [token.place for token in tokens if token.place]
    return Cell(tuple(tokens), min(place.left for place in places), max(place.right for place in places))
