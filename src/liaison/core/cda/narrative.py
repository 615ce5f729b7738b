"""The narrative block of a section (CDA R2 4.3.5): our own safe HTML, plain text, and the rows its entries point to.

The HTML is built from a whitelist, every text and attribute escaped: no address, no style, no script of the document
passes, and an unknown element leaves only its text.
"""

import re
from collections.abc import Iterator
from html import escape

from lxml import etree

from liaison.core.cda.markup import Element, attribute, attribute_at, name_of, words

MAX_NESTING = 60
MAX_QUOTE = 2000
CELL_SEPARATOR = " | "

_SAME = frozenset({"table", "thead", "tbody", "tfoot", "tr", "th", "td", "caption", "sub", "sup"})
_RENAMED = {"paragraph": "p", "item": "li", "content": "span", "linkHtml": "span", "footnote": "small"}
_STYLES = {"bold": "strong", "italics": "em", "underline": "u"}
_DROPPED = frozenset({"col", "colgroup", "footnoteRef"})
_BLOCKS = frozenset(
    {"paragraph", "table", "list", "item", "tr", "caption", "br", "footnote", "thead", "tbody", "tfoot"}
)
_SPANS = ("colspan", "rowspan")
_MAX_SPAN = 100
_NUMBER = re.compile(r"\d{1,6}", re.ASCII)
_PICTURE = "[image du document]"


def narrative_html(text: Element | None) -> str:
    """Well-formed HTML of a ``text`` element, safe to show as it is."""
    return "" if text is None else "".join(_inner(text, 0)).strip()


def _inner(element: Element, depth: int) -> Iterator[str]:
    if depth > MAX_NESTING:
        yield escape(words(element))
        return
    yield escape(element.text or "")
    for child in element:
        yield from _html(child, depth + 1)
        yield escape(child.tail or "")


def _html(element: Element, depth: int) -> Iterator[str]:
    name = name_of(element)
    if name == "br":
        yield "<br/>"
    elif name == "renderMultiMedia":
        yield f"<span>{_PICTURE}</span>"
        yield from _inner(element, depth)
    elif name not in _DROPPED:
        tag = _tag(element, name)
        yield f"<{tag}{_attributes(element, name)}>" if tag else ""
        yield from _inner(element, depth)
        yield f"</{tag}>" if tag else ""


def _tag(element: Element, name: str) -> str:
    if name in _SAME:
        return name
    if name == "list":
        return "ol" if attribute(element, "listType") == "ordered" else "ul"
    if name == "content":
        style = attribute(element, "styleCode").lower().split()
        return next((_STYLES[word] for word in style if word in _STYLES), "span")
    return _RENAMED.get(name, "")


def _attributes(element: Element, name: str) -> str:
    if name not in ("th", "td"):
        return ""
    spans = ((span, attribute(element, span)) for span in _SPANS)
    kept = "".join(f' {span}="{min(int(value), _MAX_SPAN)}"' for span, value in spans if _is_span(value))
    return kept + (' scope="col"' if name == "th" and _in_head(element) else "")


def _is_span(value: str) -> bool:
    return bool(_NUMBER.fullmatch(value)) and int(value) > 1


def _in_head(cell: Element) -> bool:
    row = cell.getparent()
    head = None if row is None else row.getparent()
    return head is not None and name_of(head) == "thead"


def narrative_text(text: Element | None) -> str:
    """The text of a narrative: one line for each paragraph, item or row, the cells of a row apart."""
    return "" if text is None else "\n".join(narrative_lines(text))


def narrative_lines(text: Element) -> tuple[str, ...]:
    lines = (" ".join(line.split()) for line in "".join(_plain(text, 0)).split("\n"))
    return tuple(line for line in lines if line.strip(CELL_SEPARATOR))


def _plain(element: Element, depth: int) -> Iterator[str]:
    if depth > MAX_NESTING:
        yield words(element)
        return
    yield _flat(element.text)
    for child in element:
        yield from _plain_child(child, depth + 1)
        yield _flat(child.tail)


def _plain_child(child: Element, depth: int) -> Iterator[str]:
    name = name_of(child)
    if name == "tr":
        yield "\n" + CELL_SEPARATOR.join(row_cells(child)) + "\n"
    elif name == "renderMultiMedia":
        yield _PICTURE
    elif name not in _DROPPED:
        edge = "\n" if name in _BLOCKS else ""
        yield edge
        yield from _plain(child, depth)
        yield edge


def _flat(text: str | None) -> str:
    return " ".join(["", *text.split(), ""]) if text and not text.isspace() else " "


def row_cells(row: Element) -> tuple[str, ...]:
    """The cells of a table row in order, empty ones kept."""
    return tuple(one_line(cell) for cell in row if name_of(cell) in ("th", "td"))


def one_line(element: Element) -> str:
    """The text of a piece of narrative on one line, its paragraphs and broken lines apart."""
    return " ".join("".join(_plain(element, 0)).split()) if len(element) else words(element)


def data_rows(text: Element | None) -> list[Element]:
    """The rows that hold data: those of a body, without the heads."""
    rows = [] if text is None else [row for row in text.iter() if name_of(row) == "tr"]
    return [row for row in rows if any(name_of(cell) == "td" and words(cell) for cell in row)]


def rows_under(text: Element | None, headings: tuple[str, ...]) -> list[Element]:
    """The rows of data of the tables that have a column whose heading starts with one of these words.

    A row with merged cells annotates the one above (« Instruction au patient »): it is no row of data of its own.
    """
    rows = [row for row in data_rows(text) if not any(_is_span(attribute(cell, "colspan")) for cell in row)]
    return [row for row in rows if any(title.casefold().startswith(headings) for title in _headings(row))]


class Quotes:
    """What the references of the entries (``#id``) point to in the narratives of the whole document.

    Half of the documents seen drop the ``#``, most have dangling references: nothing found is an empty text.
    """

    def __init__(self, document: Element) -> None:
        self._targets: dict[str, Element] = {}
        self._texts: dict[Element, str] = {}
        for element in document.iter(etree.Element):
            identifier = element.get("ID")
            if identifier:
                self._targets.setdefault(identifier, element)

    def text(self, element: Element | None) -> str:
        """The text of an ``originalText`` or ``text``: its own words, else those its reference points to."""
        if element is None:
            return ""
        return words(element)[:MAX_QUOTE] or self._words_of(self._target(element))

    def row(self, element: Element | None) -> str:
        """The whole table row a reference points into, else the text it points to."""
        if element is None:
            return ""
        row = self._row(self._target(element))
        return CELL_SEPARATOR.join(row_cells(row))[:MAX_QUOTE] if row is not None else self.text(element)

    def cell(self, element: Element | None, *headings: str) -> str:
        """The cell of that row under the first column whose heading starts with one of these words."""
        row = None if element is None else self._row(self._target(element))
        if row is None:
            return ""
        cells = row_cells(row)
        titles = [title.casefold() for title in _headings(row)]
        for title, cell in zip(titles, cells, strict=False):
            if title.startswith(headings):
                return cell[:MAX_QUOTE]
        return ""

    def _words_of(self, target: Element | None) -> str:
        """The words of a target, read once: many entries may point to the same long text."""
        if target is None:
            return ""
        if target not in self._texts:
            self._texts[target] = one_line(target)[:MAX_QUOTE]
        return self._texts[target]

    def _target(self, element: Element) -> Element | None:
        reference = attribute_at(element, "reference", "value")
        return self._targets.get(reference.removeprefix("#")) if reference.strip("#") else None

    @staticmethod
    def _row(target: Element | None) -> Element | None:
        while target is not None and name_of(target) != "tr":
            target = None if name_of(target) in ("text", "section") else target.getparent()
        return target


def _headings(row: Element) -> tuple[str, ...]:
    table = row.getparent()
    while table is not None and name_of(table) != "table":
        table = table.getparent()
    if table is None:
        return ()
    first = next((each for each in table.iter() if name_of(each) == "tr" and len(row_cells(each)) > 1), None)
    return row_cells(first) if first is not None else ()
