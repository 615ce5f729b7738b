"""The narrative block of a section (CDA R2 4.3.5), walked once: safe HTML, plain text, table rows, marked words.

The HTML is built from a whitelist, every text and attribute escaped: no address, no style, no script of the document
passes, and an unknown element leaves only its text.
"""

import re
from dataclasses import dataclass
from html import escape
from typing import NamedTuple

from liaison.core.cda.markup import Element, attribute, name_of, words

MAX_NESTING = 60
CELL_SEPARATOR = " | "

_TAGS = {
    **{name: name for name in ("table", "thead", "tbody", "tfoot", "tr", "th", "td", "caption", "sub", "sup")},
    "paragraph": "p",
    "item": "li",
    "linkHtml": "span",
    "footnote": "small",
}
_STYLES = {"bold": "strong", "italics": "em", "underline": "u"}
_DROPPED = frozenset({"col", "colgroup", "footnoteRef"})
_BLOCKS = frozenset({"paragraph", "list", "item", "caption", "footnote", "thead", "tbody", "tfoot"})
_SPANS = ("colspan", "rowspan")
_MAX_SPAN = 100
_NUMBER = re.compile(r"\d{1,6}", re.ASCII)
_PICTURE = "[image du document]"


class Extent(NamedTuple):
    """A stretch of the pieces of a narrative, joined only when somebody asks for its words."""

    pieces: list[str]
    start: int
    end: int

    @property
    def words(self) -> str:
        return " ".join("".join(self.pieces[self.start : self.end]).split())


class Table:
    """The rows of a table so far; its headings are its first row of several cells."""

    def __init__(self) -> None:
        self.rows: list[Row] = []

    @property
    def headings(self) -> tuple[str, ...]:
        return next((row.cells for row in self.rows if row.width > 1), ())


class Row:
    """A table row. Its cells are joined at the first demand: most rows are only ever shown."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._extents: list[Extent] = []
        self._data: list[Extent] = []
        self._cells: tuple[str, ...] | None = None

    def add(self, cell: Extent, *, is_data: bool) -> None:
        self._extents.append(cell)
        if is_data:
            self._data.append(cell)

    @property
    def width(self) -> int:
        return len(self._extents)

    @property
    def cells(self) -> tuple[str, ...]:
        """The words of each cell in order, empty ones kept."""
        if self._cells is None:
            self._cells = tuple(extent.words for extent in self._extents)
        return self._cells

    def column(self, headings: tuple[str, ...]) -> int | None:
        """Where the first column stands whose heading starts with one of these words."""
        titles = enumerate(self._table.headings)
        return next((place for place, title in titles if title.casefold().startswith(headings)), None)

    @property
    def holds_data(self) -> bool:
        """Whether it is a row of a body, with something in it, and no row of headings."""
        return any(extent.words for extent in self._data)


@dataclass(frozen=True, slots=True)
class Narrative:
    """One ``text`` element. ``html`` is well-formed and safe to show as it is; ``marks`` holds what bears an ``ID``.

    ``lines`` has one for each paragraph, item or row, the cells of a row apart.
    """

    html: str
    lines: tuple[str, ...]
    rows: tuple[Row, ...]
    marks: dict[str, tuple[Extent, Row | None]]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    @property
    def data_rows(self) -> list[Row]:
        return [row for row in self.rows if row.holds_data]

    def rows_under(self, headings: tuple[str, ...]) -> list[Row]:
        """The rows of data of the tables that have a column whose heading starts with one of these words."""
        return [row for row in self.data_rows if row.column(headings) is not None]


def read_narrative(text: Element | None) -> Narrative:
    if text is None:
        return Narrative("", (), (), {})
    walk = _Walk()
    walk.marked(text, 0)
    lines = (" ".join(line.split()) for line in "".join(walk.plain).split("\n"))
    said = tuple(line for line in lines if line.strip(CELL_SEPARATOR))
    return Narrative("".join(walk.html).strip(), said, tuple(walk.rows), walk.marks)


class _Walk:
    """One way through a narrative, which leaves the pieces of the HTML and of the text as it goes."""

    def __init__(self) -> None:
        self.html: list[str] = []
        self.plain: list[str] = []
        self.rows: list[Row] = []
        self.marks: dict[str, tuple[Extent, Row | None]] = {}
        self._line_break = "\n"
        self._table = Table()
        self._row: Row | None = None

    def _inside(self, element: Element, depth: int) -> None:
        if depth > MAX_NESTING:
            self._say(words(element))
            return
        self._say(element.text)
        for child in element:
            self._child(child, name_of(child), depth + 1)
            self._say(child.tail)

    def _say(self, text: str | None) -> None:
        if text:
            self.html.append(text if text.isspace() else escape(text))
            self.plain.append(text.replace("\n", " "))

    def _child(self, child: Element, name: str, depth: int) -> None:
        if name in _DROPPED:
            return
        tag = _tag(child, name)
        if tag:
            self.html.append(f"<{tag}{_attributes(child, name)}>")
        _READERS.get(name, _Walk.marked)(self, child, depth)
        if tag:
            self.html.append(f"</{tag}>")

    def marked(self, element: Element, depth: int) -> None:
        start = len(self.plain)
        self._inside(element, depth)
        self._mark(element, start)

    def _mark(self, element: Element, start: int) -> None:
        identifier = element.get("ID")
        if identifier:
            self.marks.setdefault(identifier, (self._since(start), self._row))

    def _since(self, start: int) -> Extent:
        return Extent(self.plain, start, len(self.plain))

    def block(self, element: Element, depth: int) -> None:
        self.plain.append(self._line_break)
        self.marked(element, depth)
        self.plain.append(self._line_break)

    def line_break(self, _element: Element, _depth: int) -> None:
        self.html.append("<br/>")
        self.plain.append(self._line_break)

    def picture(self, element: Element, depth: int) -> None:
        self.html.append(f"<span>{_PICTURE}</span>")
        self.plain.append(_PICTURE)
        self._inside(element, depth)

    def table(self, element: Element, depth: int) -> None:
        around, self._table = self._table, Table()
        self.block(element, depth)
        self._table = around

    def row(self, element: Element, depth: int) -> None:
        around, self._row = self._row, Row(self._table)
        self._table.rows.append(self._row)
        self.rows.append(self._row)
        self.block(element, depth)
        self._row = around

    def cell(self, element: Element, depth: int) -> None:
        """A cell stays on the line of its row, whatever it holds."""
        row = self._row or Row(self._table)
        if row.width:
            self.plain.append(CELL_SEPARATOR)
        start = len(self.plain)
        around, self._line_break = self._line_break, " "
        self.marked(element, depth)
        self._line_break = around
        row.add(self._since(start), is_data=name_of(element) == "td")


_READERS = {
    "br": _Walk.line_break,
    "renderMultiMedia": _Walk.picture,
    "table": _Walk.table,
    "tr": _Walk.row,
    "th": _Walk.cell,
    "td": _Walk.cell,
    **dict.fromkeys(_BLOCKS, _Walk.block),
}


def _tag(element: Element, name: str) -> str:
    if name == "list":
        return "ol" if attribute(element, "listType") == "ordered" else "ul"
    if name == "content":
        style = attribute(element, "styleCode").lower().split()
        return next((_STYLES[word] for word in style if word in _STYLES), "span")
    return _TAGS.get(name, "")


def _attributes(element: Element, name: str) -> str:
    if name not in ("th", "td"):
        return ""
    kept = "".join(f' {span}="{width}"' for span in _SPANS if (width := _span(element, span)) > 1)
    return kept + (' scope="col"' if name == "th" and _in_head(element) else "")


def _span(cell: Element, name: str) -> int:
    value = cell.get(name)
    return min(int(value), _MAX_SPAN) if value and _NUMBER.fullmatch(value) else 1


def _in_head(cell: Element) -> bool:
    row = cell.getparent()
    head = None if row is None else row.getparent()
    return head is not None and name_of(head) == "thead"
