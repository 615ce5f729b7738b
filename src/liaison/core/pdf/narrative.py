"""A section's safe HTML (the reader's own whitelist) as the paragraphs and tables of a letter."""

from lxml import etree
from lxml.etree import _Element

from liaison.core.pdf.values import Block, Table

MAX_COLUMNS = 30
_BLOCKS = frozenset({"p", "li", "tr", "caption", "ul", "ol"})
_APART = _BLOCKS | {"br", "td", "th", "table"}


def blocks_of(html: str) -> tuple[Block, ...]:
    """The blocks of our own well-formed HTML, in order. Merged cells are repeated down and left empty across."""
    parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, huge_tree=True)
    return tuple(_Reader().read(etree.fromstring(f"<div>{html}</div>".encode(), parser)))


class _Reader:
    """Gathers running text into paragraphs until a block or a table ends them."""

    def __init__(self) -> None:
        self._blocks: list[Block] = []
        self._running = ""

    def read(self, root: _Element) -> list[Block]:
        self._inside(root)
        self._end()
        return self._blocks

    def _inside(self, element: _Element) -> None:
        self._running += _flat(element.text)
        for number, child in enumerate(element, start=1):
            self._child(child, element, number)
            self._running += _flat(child.tail)

    def _child(self, child: _Element, parent: _Element, number: int) -> None:
        if child.tag == "br":
            self._running += "\n"
        elif child.tag == "table":
            self._end()
            self._table(child)
        elif child.tag in _BLOCKS:
            self._end()
            self._running = _bullet(child, parent, number)
            self._inside(child)
            self._end()
        else:
            self._inside(child)

    def _table(self, table: _Element) -> None:
        for caption in table.findall("caption"):
            self._child(caption, table, 0)
        grid = _grid([row for row in table.iter("tr") if _table_of(row) is table])
        head = [row for row, is_head in grid if is_head]
        body = [row for row, is_head in grid if not is_head]
        columns = head[-1] if head else ()
        self._blocks += [" ".join(filter(None, row)) for row in head[:-1]]
        if body or any(columns):
            self._blocks.append(Table(columns, tuple(body)))

    def _end(self) -> None:
        lines = (" ".join(line.split()) for line in self._running.split("\n"))
        paragraph = "\n".join(line for line in lines if line and line != "•")
        if paragraph:
            self._blocks.append(paragraph)
        self._running = ""


def _bullet(child: _Element, parent: _Element, number: int) -> str:
    if child.tag != "li":
        return ""
    return f"{number}. " if parent.tag == "ol" else "• "


def _table_of(row: _Element) -> _Element | None:
    parent = row.getparent()
    while parent is not None and parent.tag != "table":
        parent = parent.getparent()
    return parent


def _grid(rows: list[_Element]) -> list[tuple[tuple[str, ...], bool]]:
    """Each row as plain cells, and whether it is a row of headings."""
    grid: list[tuple[tuple[str, ...], bool]] = []
    held: dict[int, tuple[int, str]] = {}
    for row in rows:
        cells = [cell for cell in row if cell.tag in ("th", "td")]
        grid.append((_row(cells, held), bool(cells) and all(cell.tag == "th" for cell in cells)))
    return grid


def _row(cells: list[_Element], held: dict[int, tuple[int, str]]) -> tuple[str, ...]:
    """The cells of a row; ``held`` keeps, by column, how many more rows a cell above covers and its text."""
    row: list[str] = []
    for cell in cells:
        _held_cells(row, held)
        text = _text(cell)
        if int(cell.get("rowspan", "1")) > 1:
            held[len(row)] = (int(cell.get("rowspan", "1")) - 1, text)
        row += [text, *[""] * (int(cell.get("colspan", "1")) - 1)]
    _held_cells(row, held)
    return tuple(row[:MAX_COLUMNS])


def _held_cells(row: list[str], held: dict[int, tuple[int, str]]) -> None:
    while len(row) in held:
        left, text = held.pop(len(row))
        if left > 1:
            held[len(row)] = (left - 1, text)
        row.append(text)


def _text(cell: _Element) -> str:
    """The words of a cell on one line; its paragraphs, items and inner cells stay apart."""
    words: list[str] = []
    for event, part in etree.iterwalk(cell, events=("start", "end")):
        words += [" " if part.tag in _APART else "", (part.text if event == "start" else part.tail) or ""]
    return " ".join("".join(words).split())


def _flat(text: str | None) -> str:
    return " ".join(["", *text.split(), ""]) if text and not text.isspace() else (" " if text else "")
