"""The narrative block of a section (CDA R2 4.3.5), walked once for its words: plain text, table rows, marked words."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from lxml import etree

from liaison.core.cda.markup import Element, on_one_line, words
from liaison.core.cda.terms import HL7

MAX_NESTING = 60
MAX_CELL = 5_000
MAX_COLUMNS = 200
MAX_SPAN = 100
CELL_SEPARATOR = " | "
PICTURE = "[image du document]"

# XML cannot hold it, so no text of a document breaks a line of ours.
_LINE_BREAK = "\x1e"

_NUMBER = re.compile(r"\d{1,6}", re.ASCII)
_BLOCKS = ("paragraph", "item", "footnote", "caption", "tbody", "tfoot", "thead", "list")


@dataclass(slots=True)
class Headings:
    """The headings of a table, known once the whole table is read: its first row of several cells."""

    titles: tuple[str, ...] = ()

    def under(self, words: tuple[str, ...]) -> int | None:
        """Where the first column stands whose heading starts with one of these words, given in small letters."""
        for place, title in enumerate(self.titles):
            if title.startswith(words):
                return place
        return None


@dataclass(slots=True)
class Row:
    """A table row: the words of each cell in order, empty ones kept, up to a length and a width no real table has.

    It holds data when it is a row of a body with something in it; it annotates the row above when it has merged cells
    (« Instruction au patient »).
    """

    headings: Headings
    cells: list[str] = field(default_factory=list)
    holds_data: bool = False
    annotates: bool = False


class Mark(NamedTuple):
    """What bears an ``ID``: where its words are among the pieces of the text, and the table row it stands in."""

    pieces: list[str]
    start: int
    end: int
    row: Row | None

    @property
    def words(self) -> str:
        return on_one_line("".join(self.pieces[self.start : self.end]))


@dataclass(frozen=True, slots=True)
class Narrative:
    """One ``text`` element: its ``markup`` as it came, its words, and in ``marks`` what bears an ``ID``.

    ``lines`` has one for each paragraph, item or row, the cells of a row apart.
    """

    markup: str
    lines: tuple[str, ...]
    rows: tuple[Row, ...]
    marks: dict[str, Mark]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    @property
    def data_rows(self) -> list[Row]:
        return [row for row in self.rows if row.holds_data]

    def rows_under(self, headings: tuple[str, ...]) -> list[Row]:
        """The rows of data of the tables that have a column whose heading starts with one of these words."""
        rows = (row for row in self.data_rows if not row.annotates)
        return [row for row in rows if row.headings.under(headings) is not None]


def read_narrative(text: Element | None) -> Narrative:
    if text is None:
        return Narrative("", (), (), {})
    walk = _Walk()
    walk.inside(text, 0)
    lines = map(on_one_line, "".join(walk.plain).split(_LINE_BREAK))
    said = tuple(line for line in lines if line.strip(CELL_SEPARATOR))
    markup = etree.tostring(text, encoding="unicode", with_tail=False)
    return Narrative(markup, said, tuple(walk.rows), walk.marks)


class _Walk:
    """One way through a narrative, which leaves the pieces of the text as it goes."""

    def __init__(self) -> None:
        self.plain: list[str] = []
        self.rows: list[Row] = []
        self.marks: dict[str, Mark] = {}
        self._line_break = _LINE_BREAK
        self._headings = Headings()
        self._row: Row | None = None

    def inside(self, element: Element, depth: int) -> None:
        """All that an element holds, and where its words are if entries may point to it."""
        plain = self.plain
        start = len(plain)
        if depth > MAX_NESTING:
            plain.append(words(element))
        else:
            if text := element.text:
                plain.append(text)
            for child in element if len(element) else ():
                _READERS.get(child.tag, _Walk.inside)(self, child, depth + 1)
                if tail := child.tail:
                    plain.append(tail)
        if element.keys() and (identifier := element.get("ID")):
            self.marks.setdefault(identifier, Mark(plain, start, len(plain), self._row))

    def line_break(self, element: Element, depth: int) -> None:
        """It should hold nothing; where a hospital's software put words in it, they are kept."""
        self.plain.append(self._line_break)
        self.inside(element, depth)

    def picture(self, element: Element, depth: int) -> None:
        self.plain.append(PICTURE)
        self.inside(element, depth)

    def dropped(self, _element: Element, _depth: int) -> None:
        """Leave nothing of a column's layout."""

    def block(self, element: Element, depth: int) -> None:
        self.plain.append(self._line_break)
        self.inside(element, depth)
        self.plain.append(self._line_break)

    def table(self, element: Element, depth: int) -> None:
        around, self._headings = self._headings, Headings()
        first = len(self.rows)
        self.block(element, depth)
        own = (row for row in self.rows[first:] if row.headings is self._headings)
        titles = next((row.cells for row in own if len(row.cells) > 1), [])
        self._headings.titles = tuple(title.casefold() for title in titles)
        self._headings = around

    def row(self, element: Element, depth: int) -> None:
        around, self._row = self._row, Row(self._headings)
        self.rows.append(self._row)
        self.block(element, depth)
        self._row = around

    def heading(self, element: Element, depth: int) -> None:
        self._cell(element, depth)

    def data(self, element: Element, depth: int) -> None:
        if self._cell(element, depth) and self._row:
            self._row.holds_data = True

    def _cell(self, element: Element, depth: int) -> str:
        """A cell stays on the line of its row, whatever it holds."""
        row, plain = self._row or Row(self._headings), self.plain
        if row.cells:
            plain.append(CELL_SEPARATOR)
        start = len(plain)
        around, self._line_break = self._line_break, " "
        self.inside(element, depth)
        self._line_break = around
        cell = on_one_line("".join(plain[start:]))
        if len(row.cells) < MAX_COLUMNS:
            row.cells.append(cell[:MAX_CELL])
        if element.keys() and span(element, "colspan") > 1:
            row.annotates = True
        return cell


def span(cell: Element, direction: str) -> int:
    """How many columns (``colspan``) or rows (``rowspan``) a cell takes, at most MAX_SPAN."""
    said = cell.get(direction)
    return min(int(said), MAX_SPAN) if said and _NUMBER.fullmatch(said) else 1


_READERS: dict[str, Callable[[_Walk, Element, int], object]] = {
    f"{{{HL7}}}{name}": reader
    for names, reader in (
        (("br",), _Walk.line_break),
        (("renderMultiMedia",), _Walk.picture),
        (("col", "colgroup", "footnoteRef"), _Walk.dropped),
        (_BLOCKS, _Walk.block),
        (("table",), _Walk.table),
        (("tr",), _Walk.row),
        (("th",), _Walk.heading),
        (("td",), _Walk.data),
    )
    for name in names
}
