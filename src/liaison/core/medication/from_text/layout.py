"""The words of PDF pages in the order a person reads them: lines, columns side by side, tables."""

import re
import statistics
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from liaison.core.cda.values import Place
from liaison.core.medication.from_text.folding import folded
from liaison.core.medication.from_text.grids import read_tables
from liaison.core.medication.from_text.headings import heading_of
from liaison.core.medication.from_text.mentions import starts_with_drug
from liaison.core.medication.from_text.rows import Row, rows_of
from liaison.core.medication.from_text.values import Grid, Line, Token
from liaison.core.pdf.values import Word

SOFT_HYPHEN = "\u00ad"
_FEWEST_ROWS = 4
_COLUMN_SHARE = 0.5
_MIDDLE = (0.3, 0.72)
_PAGE_NUMBER = re.compile(r"(?:page\s*)?\d{1,3}\s*(?:/|sur|de|\|)?\s*\d{0,3}|-\s*\d+\s*-")
_EDGE = 0.09
_WIDE_GAP = 1.75
_WORDS_OF_TEXT = 4


def read_pages(
    words: Sequence[Word], sizes: Sequence[tuple[float, float]], pages: Sequence[str]
) -> tuple[Line | Grid, ...]:
    """The lines and tables of a PDF. ``sizes`` are its pages' width and height in points, ``pages`` their texts."""
    whole = [
        _page_rows([word for word in words if word.page == number], number, size) for number, size in enumerate(sizes)
    ]
    noise = _repeated(whole)
    known = frozenset(word for text in pages for word in text.split())
    blocks: list[Line | Grid] = []
    for rows in whole:
        kept = [row for row in rows if _key(row) not in noise and not _PAGE_NUMBER.fullmatch(folded(row.text))]
        blocks += _blocks(kept)
    return tuple(_softened(blocks, known))


def _page_rows(words: list[Word], number: int, size: tuple[float, float]) -> list[Row]:
    wide, tall = size
    tokens = [
        Token(
            unicodedata.normalize("NFC", word.text),
            number + 1,
            Place(number + 1, word.left / wide, word.top / tall, word.right / wide, word.bottom / tall),
        )
        for word in words
        if wide > 0 and tall > 0
    ]
    return rows_of(tokens, wide / tall if tall else 1.0)


def _key(row: Row) -> str:
    return re.sub(r"\d+", "#", folded(row.text))


def _repeated(pages: list[list[Row]]) -> frozenset[str]:
    """What stands at the top or the foot of several pages: a name, an address, a page number."""
    if len(pages) < len(("one", "other")):
        return frozenset()
    edges = Counter(
        key for rows in pages for key in {_key(row) for row in rows if row.top < _EDGE or row.bottom > 1 - _EDGE}
    )
    return frozenset(key for key, count in edges.items() if count > 1)


def _blocks(rows: list[Row]) -> Iterator[Line | Grid]:
    """Tables first; what is left between them is lines, read column by column where there are two."""
    for part in read_tables(rows):
        if isinstance(part, Grid):
            yield part
        else:
            yield from _lines(part)


def _lines(rows: list[Row]) -> Iterator[Line]:
    for stretch, gutter in _stretches(rows):
        if gutter is None:
            yield from _in_order(stretch)
        else:
            yield from _in_order(_side(stretch, gutter, left=True))
            yield from _in_order(_side(stretch, gutter, left=False))


def _in_order(rows: list[Row]) -> Iterator[Line]:
    pitch = _pitch(rows)
    for position, row in enumerate(rows):
        previous = rows[position - 1] if position else None
        apart = previous is None or row.middle - previous.middle > pitch * _WIDE_GAP
        yield Line(tuple(cell.tokens for cell in row.cells), apart=apart)


def _pitch(rows: list[Row]) -> float:
    gaps = [other.middle - one.middle for one, other in pairwise(rows) if other.middle > one.middle]
    return statistics.median_low(sorted(gaps)) if gaps else 1.0


def _stretches(rows: list[Row]) -> Iterator[tuple[list[Row], float | None]]:
    """The rows cut where they begin or cease to be two columns of text."""
    gutter = _gutter(rows)
    if gutter is None:
        yield rows, None
        return
    inside = [index for index, row in enumerate(rows) if not row.crosses(gutter)]
    first, last = _longest_run(inside, rows, gutter)
    if rows[:first]:
        yield rows[:first], None
    yield rows[first : last + 1], gutter
    if rows[last + 1 :]:
        yield from _stretches(rows[last + 1 :])


def _longest_run(inside: list[int], rows: list[Row], gutter: float) -> tuple[int, int]:
    runs: list[list[int]] = []
    for index in inside:
        if runs and index == runs[-1][-1] + 1:
            runs[-1].append(index)
        else:
            runs.append([index])
    best = max(runs, key=lambda run: sum(rows[index].has_both_sides(gutter) for index in run))
    both = [index for index in best if rows[index].has_both_sides(gutter)]
    return min(both), best[-1] if best[-1] > both[-1] else both[-1]


def _gutter(rows: list[Row]) -> float | None:
    """Where a second column of text starts: cells of many rows begin at one place past a blank, and read as text."""
    starts = [cell.left for row in rows for cell in row.cells[1:] if _MIDDLE[0] < cell.left < _MIDDLE[1]]
    if len(starts) < _FEWEST_ROWS:
        return None
    place, count = Counter(round(start, 2) for start in starts).most_common(1)[0]
    aligned = [start for start in starts if abs(start - place) <= 0.012]  # noqa: PLR2004 (an eighth of an inch)
    gutter = min(aligned) - 0.005
    split = [row for row in rows if row.has_both_sides(gutter) and not row.crosses(gutter)]
    if len(split) < _FEWEST_ROWS or count < _FEWEST_ROWS:
        return None
    return gutter if _are_columns(split, gutter) else None


def _are_columns(rows: list[Row], gutter: float) -> bool:
    """Two columns of text, not a list whose posologies are lined up: the right side has headings or drugs too."""
    left, right = _side(rows, gutter, left=True), _side(rows, gutter, left=False)
    drugs_left = sum(starts_with_drug(folded(row.text)) for row in left)
    drugs_right = sum(starts_with_drug(folded(row.text)) for row in right)
    headings_right = sum(heading_of(row.text) is not None and not starts_with_drug(folded(row.text)) for row in right)
    if drugs_left == 0:
        return _are_sentences(left) and (_are_sentences(right) or drugs_right + headings_right > 0)
    beside = sum(
        starts_with_drug(folded(one.text))
        and bool(re.match(r"\W*(?:\d|un|½|¼|le |au |matin|si |per os|voie)", folded(other.text)))
        for one, other in zip(left, right, strict=False)
    )
    if beside >= drugs_left * _COLUMN_SHARE:
        return False
    return drugs_right >= 1 or headings_right >= 1 or beside == 0


def _are_sentences(rows: list[Row]) -> bool:
    """Whether these cells hold running text: the labels of a form are shorter."""
    return statistics.median(len(row.text.split()) for row in rows) >= _WORDS_OF_TEXT if rows else False


def _side(rows: list[Row], gutter: float, *, left: bool) -> list[Row]:
    sides = []
    for row in rows:
        cells = tuple(cell for cell in row.cells if (cell.left < gutter) == left)
        if cells:
            sides.append(replace(row, cells=cells))
    return sides


def _softened(blocks: list[Line | Grid], known: frozenset[str]) -> Iterator[Line | Grid]:
    """A word the page breaks at the end of a line is marked so, where the text of the page knows it whole."""
    for position, block in enumerate(blocks):
        following = blocks[position + 1] if position + 1 < len(blocks) else None
        if isinstance(block, Line) and isinstance(following, Line) and block.tokens and following.tokens:
            last, first = block.tokens[-1], following.tokens[0]
            if last.text + first.text in known and last.text not in known:
                yield _marked(block)
                continue
        yield block


def _marked(line: Line) -> Line:
    *cells, last = line.cells
    *tokens, token = last
    return replace(line, cells=(*cells, (*tokens, replace(token, text=token.text + SOFT_HYPHEN))))
