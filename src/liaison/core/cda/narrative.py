"""The narrative block of a section (CDA R2 4.3.5), walked once: safe HTML, plain text, table rows, marked words.

The HTML is built from a whitelist, every text and attribute escaped: no address, no style, no script of the document
passes, and an unknown element leaves only its text.
"""

import re
from dataclasses import dataclass, field
from html import escape
from typing import NamedTuple

from liaison.core.cda.markup import Element, name_of, words
from liaison.core.cda.terms import HL7

MAX_NESTING = 60
MAX_CELL = 5_000
MAX_COLUMNS = 200
CELL_SEPARATOR = " | "

_INLINE = {"sub": "sub", "sup": "sup", "linkHtml": "span"}
_BLOCKS = {
    "paragraph": "p",
    "item": "li",
    "footnote": "small",
    **{name: name for name in ("caption", "tbody", "tfoot")},
}
_STYLES = {"bold": "strong", "italics": "em", "underline": "u"}
_MAX_SPAN = 100
_NUMBER = re.compile(r"\d{1,6}", re.ASCII)
_PICTURE = "[image du document]"


@dataclass(slots=True)
class Headings:
    """The headings of a table, known once the whole table is read: its first row of several cells."""

    titles: tuple[str, ...] = ()

    def under(self, words: tuple[str, ...]) -> int | None:
        """Where the first column stands whose heading starts with one of these words."""
        titles = (title.casefold() for title in self.titles)
        return next((place for place, title in enumerate(titles) if title.startswith(words)), None)


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
        return _joined(self.pieces[self.start : self.end])


@dataclass(frozen=True, slots=True)
class Narrative:
    """One ``text`` element. ``html`` is well-formed and safe to show as it is; ``marks`` holds what bears an ``ID``.

    ``lines`` has one for each paragraph, item or row, the cells of a row apart.
    """

    html: str
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
    lines = (" ".join(line.split()) for line in "".join(walk.plain).split("\n"))
    said = tuple(line for line in lines if line.strip(CELL_SEPARATOR))
    return Narrative("".join(walk.html).strip(), said, tuple(walk.rows), walk.marks)


class _Walk:
    """One way through a narrative, which leaves the pieces of the HTML and of the text as it goes."""

    def __init__(self) -> None:
        self.html: list[str] = []
        self.plain: list[str] = []
        self.rows: list[Row] = []
        self.marks: dict[str, Mark] = {}
        self._line_break = "\n"
        self._scope = ""
        self._headings = Headings()
        self._row: Row | None = None

    def inside(self, element: Element, depth: int) -> None:
        """All that an element holds, and where its words are if entries may point to it."""
        start = len(self.plain)
        if depth > MAX_NESTING:
            self._say(words(element))
        else:
            self._say(element.text)
            for child in element:
                _READERS.get(child.tag, _Walk.inside)(self, child, depth + 1)
                self._say(child.tail)
        identifier = element.get("ID")
        if identifier:
            self.marks.setdefault(identifier, Mark(self.plain, start, len(self.plain), self._row))

    def _say(self, text: str | None) -> None:
        if not text:
            return
        if text.isspace():
            self.html.append(" ")
            self.plain.append(" ")
        else:
            self.html.append(escape(text))
            self.plain.append(text.replace("\n", " "))

    def line_break(self, _element: Element, _depth: int) -> None:
        self.html.append("<br/>")
        self.plain.append(self._line_break)

    def picture(self, element: Element, depth: int) -> None:
        self.html.append(f"<span>{_PICTURE}</span>")
        self.plain.append(_PICTURE)
        self.inside(element, depth)

    def dropped(self, _element: Element, _depth: int) -> None:
        """Leave nothing of a column's layout."""

    def inline(self, element: Element, depth: int) -> None:
        self._tagged(_INLINE[name_of(element)], element, depth)

    def content(self, element: Element, depth: int) -> None:
        styles = element.get("styleCode", "").lower().split()
        self._tagged(next((_STYLES[style] for style in styles if style in _STYLES), "span"), element, depth)

    def _tagged(self, tag: str, element: Element, depth: int) -> None:
        self.html.append(f"<{tag}>")
        self.inside(element, depth)
        self.html.append(f"</{tag}>")

    def block(self, element: Element, depth: int) -> None:
        self._apart(_BLOCKS[name_of(element)], element, depth)

    def items(self, element: Element, depth: int) -> None:
        self._apart("ol" if element.get("listType") == "ordered" else "ul", element, depth)

    def _apart(self, tag: str, element: Element, depth: int) -> None:
        self.plain.append(self._line_break)
        self._tagged(tag, element, depth)
        self.plain.append(self._line_break)

    def table(self, element: Element, depth: int) -> None:
        around, self._headings, self._scope = self._headings, Headings(), ""
        first = len(self.rows)
        self._apart("table", element, depth)
        own = (row for row in self.rows[first:] if row.headings is self._headings)
        self._headings.titles = next((tuple(row.cells) for row in own if len(row.cells) > 1), ())
        self._headings = around

    def head(self, element: Element, depth: int) -> None:
        self._scope = ' scope="col"'
        self._apart("thead", element, depth)
        self._scope = ""

    def row(self, element: Element, depth: int) -> None:
        around, self._row = self._row, Row(self._headings)
        self.rows.append(self._row)
        self._apart("tr", element, depth)
        self._row = around

    def heading(self, element: Element, depth: int) -> None:
        self._cell("th", self._scope, element, depth)

    def data(self, element: Element, depth: int) -> None:
        self._cell("td", "", element, depth)

    def _cell(self, tag: str, scope: str, element: Element, depth: int) -> None:
        """A cell stays on the line of its row, whatever it holds."""
        row = self._row or Row(self._headings)
        if row.cells:
            self.plain.append(CELL_SEPARATOR)
        start = len(self.plain)
        around, self._line_break = self._line_break, " "
        spans = _spans(element) if element.attrib else ""
        self.html.append(f"<{tag}{spans}{scope}>")
        self.inside(element, depth)
        self.html.append(f"</{tag}>")
        self._line_break = around
        cell = _joined(self.plain[start:])
        if len(row.cells) < MAX_COLUMNS:
            row.cells.append(cell[:MAX_CELL])
        row.holds_data |= tag == "td" and cell != ""
        row.annotates |= "colspan" in spans


def _joined(pieces: list[str]) -> str:
    return " ".join("".join(pieces).split())


def _spans(cell: Element) -> str:
    widths = ((name, cell.get(name, "")) for name in ("colspan", "rowspan"))
    return "".join(f' {name}="{min(int(width), _MAX_SPAN)}"' for name, width in widths if _is_several(width))


def _is_several(width: str) -> bool:
    return bool(_NUMBER.fullmatch(width)) and int(width) > 1


_READERS = {
    f"{{{HL7}}}{name}": reader
    for names, reader in (
        (("br",), _Walk.line_break),
        (("renderMultiMedia",), _Walk.picture),
        (("col", "colgroup", "footnoteRef"), _Walk.dropped),
        (("content",), _Walk.content),
        (_INLINE, _Walk.inline),
        (("list",), _Walk.items),
        (_BLOCKS, _Walk.block),
        (("table",), _Walk.table),
        (("thead",), _Walk.head),
        (("tr",), _Walk.row),
        (("th",), _Walk.heading),
        (("td",), _Walk.data),
    )
    for name in names
}
