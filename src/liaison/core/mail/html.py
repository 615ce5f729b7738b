"""HTML reduced to the text a person would read. Nothing of it is ever shown as HTML, nothing is fetched."""

import re

from lxml import etree, html

MAX_HTML_BYTES = 1_000_000
_BLOCKS = frozenset(
    {"p", "div", "blockquote", "tr", "li", "ul", "ol", "table", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "pre"}
)
_HIDDEN = frozenset({"script", "style", "head", "title", "template", "noscript", "object", "svg"})
_DEEPEST_QUOTE = 20
_BLANKS = re.compile(r"[^\S\n]+")
_EMPTY_LINES = re.compile(r"\n{3,}")


def html_to_text(content: str) -> str:
    """The text, one line per block, quoted blocks marked with ``>`` as in plain text mail."""
    parser = html.HTMLParser(no_network=True, remove_comments=True, remove_pis=True, encoding="utf-8")
    try:
        root = html.document_fromstring(content[:MAX_HTML_BYTES].encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError, AssertionError):
        return ""
    return _tidy(_lines(root))


def _lines(root: html.HtmlElement) -> list[str]:
    """The lines of the page, walked without recursion: pages may nest deeper than the stack."""
    sheet, hidden = _Sheet(), 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        tag, opening = element.tag, event == "start"
        sheet.quotes += (1 if opening else -1) if tag == "blockquote" else 0
        hidden += (1 if opening else -1) if tag in _HIDDEN else 0
        if tag == "br" and opening:
            sheet.start_line()
        elif tag in _BLOCKS:
            sheet.start_block(apart=tag == "p")
        text = element.text if opening else element.tail
        if text and not hidden:
            sheet.write(text)
    return sheet.finished()


class _Sheet:
    """Lines being written; each is looked at once, however many pieces it is made of."""

    def __init__(self) -> None:
        self.quotes = 0
        self._lines: list[str] = []
        self._pieces: list[str] = []
        self._written = False

    def write(self, text: str) -> None:
        piece = _BLANKS.sub(" ", text.replace("\n", " ").replace("\xa0", " "))
        self._pieces.append(piece)
        self._written = self._written or bool(piece.strip("> "))

    def start_line(self) -> None:
        self._lines.append("".join(self._pieces))
        self._pieces, self._written = ["> " * min(self.quotes, _DEEPEST_QUOTE)], False

    def start_block(self, *, apart: bool) -> None:
        """A new line where the last one says something; an empty one before it for a paragraph."""
        if not self._written:
            return
        if apart:
            self.start_line()
        self.start_line()

    def finished(self) -> list[str]:
        return [*self._lines, "".join(self._pieces)]


def _tidy(lines: list[str]) -> str:
    return _EMPTY_LINES.sub("\n\n", "\n".join(line.strip() for line in lines)).strip()
