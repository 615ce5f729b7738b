"""The narrative block of a section (CDA R2 4.3.5) as safe HTML, made when someone asks for it.

It is built from a whitelist, every text and attribute escaped: no address, no style, no script of the document passes,
and an unknown element leaves only its text.
"""

from collections.abc import Callable
from html import escape

from liaison.core.cda.markup import Element, fragment, name_of, words
from liaison.core.cda.narrative import MAX_NESTING, PICTURE, span
from liaison.core.cda.terms import HL7

_TAGS = {
    "sub": "sub",
    "sup": "sup",
    "linkHtml": "span",
    "paragraph": "p",
    "item": "li",
    "footnote": "small",
    **{name: name for name in ("caption", "tbody", "tfoot", "tr")},
}
_STYLES = {"bold": "strong", "italics": "em", "underline": "u"}


def narrative_html(markup: str) -> str:
    """Well-formed HTML, safe to show as it is, of a narrative kept as ``Narrative.markup``; empty for an empty one."""
    if not markup:
        return ""
    page = _Page()
    page.inside(fragment(markup), 0)
    return "".join(page.pieces).strip()


class _Page:
    """One way through a narrative, which leaves the pieces of its HTML as it goes."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self._scope = ""

    def inside(self, element: Element, depth: int) -> None:
        if depth > MAX_NESTING:
            self._say(words(element))
            return
        self._say(element.text)
        for child in element:
            _WRITERS.get(child.tag, _Page.inside)(self, child, depth + 1)
            self._say(child.tail)

    def _say(self, text: str | None) -> None:
        if text:
            self.pieces.append(" " if text.isspace() else escape(text))

    def _tagged(self, tag: str, element: Element, depth: int, attributes: str = "") -> None:
        self.pieces.append(f"<{tag}{attributes}>")
        self.inside(element, depth)
        self.pieces.append(f"</{tag}>")

    def line_break(self, element: Element, depth: int) -> None:
        self.pieces.append("<br/>")
        self.inside(element, depth)

    def picture(self, element: Element, depth: int) -> None:
        self.pieces.append(f"<span>{PICTURE}</span>")
        self.inside(element, depth)

    def dropped(self, _element: Element, _depth: int) -> None:
        """Leave nothing of a column's layout."""

    def tagged(self, element: Element, depth: int) -> None:
        self._tagged(_TAGS[name_of(element)], element, depth)

    def content(self, element: Element, depth: int) -> None:
        styles = element.get("styleCode", "").lower().split()
        self._tagged(next((_STYLES[style] for style in styles if style in _STYLES), "span"), element, depth)

    def items(self, element: Element, depth: int) -> None:
        self._tagged("ol" if element.get("listType") == "ordered" else "ul", element, depth)

    def table(self, element: Element, depth: int) -> None:
        self._scope = ""
        self._tagged("table", element, depth)

    def head(self, element: Element, depth: int) -> None:
        self._scope = ' scope="col"'
        self._tagged("thead", element, depth)
        self._scope = ""

    def heading(self, element: Element, depth: int) -> None:
        self._tagged("th", element, depth, _spans(element) + self._scope)

    def data(self, element: Element, depth: int) -> None:
        self._tagged("td", element, depth, _spans(element))


def _spans(cell: Element) -> str:
    widths = ((name, span(cell, name)) for name in ("colspan", "rowspan"))
    return "".join(f' {name}="{width}"' for name, width in widths if width > 1)


_WRITERS: dict[str, Callable[[_Page, Element, int], None]] = {
    f"{{{HL7}}}{name}": writer
    for names, writer in (
        (("br",), _Page.line_break),
        (("renderMultiMedia",), _Page.picture),
        (("col", "colgroup", "footnoteRef"), _Page.dropped),
        (("content",), _Page.content),
        (tuple(_TAGS), _Page.tagged),
        (("list",), _Page.items),
        (("table",), _Page.table),
        (("thead",), _Page.head),
        (("th",), _Page.heading),
        (("td",), _Page.data),
    )
    for name in names
}
