"""Tables of treatments among the rows of a page: found by their headings, cut by where their columns stand."""

from collections.abc import Iterator
from itertools import pairwise

from liaison.core.medication.from_text.folding import folded
from liaison.core.medication.from_text.headings import heading_of
from liaison.core.medication.from_text.mentions import guessed_mention, starts_with_drug
from liaison.core.medication.from_text.rows import Cell, Row
from liaison.core.medication.from_text.tables import is_heading_row, role_of, roles_of
from liaison.core.medication.from_text.values import Grid, Token

_FAR = 5.0
_EVEN = 0.002
_END_OF_A_CELL = 5
_NOBODY = frozenset({"-", "–", "—", "/", "."})
_LONGEST_HEADING = 45
_MOST_HEADING_ROWS = 3


def read_tables(rows: list[Row]) -> Iterator[Grid | list[Row]]:
    """The rows of a page as tables and, between them, the rows that are in none."""
    position = 0
    start = 0
    while position < len(rows):
        heads = _heading_rows(rows, position)
        body = _body(rows, position + heads) if heads else []
        if body:
            if rows[start:position]:
                yield rows[start:position]
            yield _grid(rows[position : position + heads], body)
            position += heads + len(body)
            start = position
        else:
            position += 1
    if rows[start:]:
        yield rows[start:]


def _heading_rows(rows: list[Row], position: int) -> int:
    """How many rows head a table here; headings on several lines, or under a common one, are one."""
    if not _may_head(rows[position]):
        return 0
    for count in range(1, _MOST_HEADING_ROWS + 1):
        heads = rows[position : position + count]
        if len(heads) < count or (count > 1 and not _are_close(heads)):
            return 0
        if is_heading_row([cell.text for row in heads for cell in row.cells]):
            return count + _more_heads(rows, position + count)
    return 0


def _may_head(row: Row) -> bool:
    """Several short cells, one of them a heading we know."""
    return (
        len(row.cells) > 1
        and all(len(cell.text) <= _LONGEST_HEADING for cell in row.cells)
        and any(role != "other" for role in roles_of([cell.text for cell in row.cells]))
    )


def _are_close(heads: list[Row]) -> bool:
    return all(other.top - one.bottom < (one.bottom - one.top) * 2 for one, other in pairwise(heads))


def _more_heads(rows: list[Row], position: int) -> int:
    """A row of headings under headings: « Matin | Midi | Soir » below « Posologie »."""
    if position >= len(rows):
        return 0
    cells = rows[position].cells
    roles = [role_of(cell.text) for cell in cells]
    goes_on = len(cells) > 1 or cells[0].text[:1].islower()
    headed = all(role != "other" for role in roles) and goes_on and not starts_with_drug(folded(rows[position].text))
    return int(headed and not any(char.isdigit() for char in rows[position].text))


def _body(rows: list[Row], start: int) -> list[Row]:
    """The rows under the headings, up to a heading of the letter, a sentence across the columns, or a wide blank."""
    body: list[Row] = []
    for row in rows[start:]:
        height = row.bottom - row.top
        previous = body[-1] if body else None
        if previous and row.top - previous.bottom > height * _FAR:
            break
        if not (previous and _goes_on(row, previous)) and (_leaves(row) or (previous and _is_apart(row, previous))):
            break
        body.append(row)
    return body


def _goes_on(row: Row, previous: Row) -> bool:
    """The end of a cell cut by the width of its column: a few small words, right under the others."""
    is_close = row.top - previous.bottom < (row.bottom - row.top) * 0.9
    return is_close and row.text[:1].islower() and len(row.text.split()) <= _END_OF_A_CELL


def _is_apart(row: Row, previous: Row) -> bool:
    """Words alone after a blank, without a drug or a number: the next part of the letter."""
    is_alone = len(row.cells) == 1 and not any(char.isdigit() for char in row.text)
    far = row.top - previous.bottom > (row.bottom - row.top) * 0.9
    return is_alone and far and not starts_with_drug(folded(row.text))


def _leaves(row: Row) -> bool:
    if len(row.cells) > 1 or starts_with_drug(folded(row.text)):
        return False
    heading = heading_of(row.text)
    is_wide = row.cells[0].right - row.cells[0].left > 0.55  # noqa: PLR2004 (more than half of the page)
    return heading is not None or is_wide


def _grid(heads: list[Row], body: list[Row]) -> Grid:
    edges = _edges(heads, body)
    headings: list[str] = [""] * len(edges)
    for row in heads:
        for cell in row.cells:
            place = _column(edges, (cell.left + cell.right) / 2)
            headings[place] = f"{headings[place]} {cell.text}".strip()
    return Grid(_told(headings), tuple(_merged_rows(body, edges, headings)))


def _told(headings: list[str]) -> tuple[str, ...]:
    """« Posologie » above « Matin » is « Matin »: the nearest heading is the column's."""
    told = []
    for heading in headings:
        words = heading.split()
        last = words[-1] if words else ""
        told.append(last if len(words) > 1 and role_of(last) in ("morning", "noon", "evening", "bedtime") else heading)
    return tuple(told)


def _edges(heads: list[Row], body: list[Row]) -> list[float]:
    """The left edge of each column: blanks that no row of the table crosses."""
    spans = sorted(
        (cell.left, cell.right) for row in (*heads[-1:], *body) for cell in row.cells if _is_in_a_column(cell, heads)
    )
    edges: list[float] = []
    reached = -1.0
    for left, right in spans:
        if left > reached + 0.004:
            edges.append(left)
        reached = max(reached, right)
    wanted = max(len(row.cells) for row in heads)
    if len(edges) >= wanted:
        return edges
    return sorted(cell.left - 0.01 for cell in max(heads, key=lambda row: len(row.cells)).cells)


def _is_in_a_column(cell: Cell, heads: list[Row]) -> bool:
    return cell.right - cell.left < 0.6 or len(heads[-1].cells) == 1  # noqa: PLR2004 (not across the page)


def _column(edges: list[float], place: float) -> int:
    return max((index for index, edge in enumerate(edges) if edge <= place + 0.002), default=0)


def _merged_rows(body: list[Row], edges: list[float], headings: list[str]) -> Iterator[tuple[tuple[Token, ...], ...]]:
    """The rows of the table; a line without a drug of its own goes on with the row above."""
    roles = roles_of(headings)
    drug = next((i for i, role in enumerate(roles) if role in ("drug", "admission", "discharge")), 0)
    rows = [_cells(row, edges) for row in body]
    begins = [
        index for index, row in enumerate(body) if _begins(rows[index], drug, row, body[index - 1] if index else None)
    ]
    if not begins:
        return
    starts = [_start(body, one, other) for one, other in zip([-1, *begins], begins, strict=False)]
    for start, end in zip(starts, [*starts[1:], len(body)], strict=True):
        yield tuple(tuple(token for row in rows[start:end] for token in row[column]) for column in range(len(edges)))


def _start(body: list[Row], previous: int, begin: int) -> int:
    """Where the row named at ``begin`` starts: its other cells may be taller than its name, which then stands lower."""
    if previous < 0 or begin - previous == 1:
        return begin
    gaps = [body[index].top - body[index - 1].bottom for index in range(previous + 1, begin + 1)]
    widest = max(gaps)
    if widest <= min(gaps) + _EVEN:
        return begin
    return previous + 1 + gaps.index(widest)


def _cells(row: Row, edges: list[float]) -> list[list[Token]]:
    cells: list[list[Token]] = [[] for _ in edges]
    for cell in row.cells:
        for token in cell.tokens:
            if token.place:
                cells[_column(edges, (token.place.left + token.place.right) / 2)].append(token)
    return cells


def _begins(cells: list[list[Token]], drug: int, row: Row, previous: Row | None) -> bool:
    """Whether a line starts a row: it names a drug, or has words in most columns after a blank."""
    name = " ".join(token.text for token in cells[drug])
    if not name:
        return False
    if name in _NOBODY and sum(bool(cell) for cell in cells) > 1:
        return True
    if starts_with_drug(folded(name)) or guessed_mention(name):
        return True
    filled = sum(bool(cell) for cell in cells)
    far = previous is not None and row.top - previous.bottom > (row.bottom - row.top) * 0.6
    return name[0].isupper() and (filled > 1 or far)
