"""What the entries of a document point to in its narratives."""

from collections.abc import Iterable

from liaison.core.cda.markup import Element, attribute_at, words
from liaison.core.cda.narrative import CELL_SEPARATOR, Mark, Narrative, Row

MAX_QUOTE = 2000


class Quotes:
    """The words and rows that the references of the entries (``#id``) lead to.

    Half of the documents seen drop the ``#``, most have dangling references: nothing found is an empty text.
    """

    def __init__(self, narratives: Iterable[Narrative]) -> None:
        self._marks: dict[str, Mark] = {}
        self._texts: dict[str, str] = {}
        for narrative in narratives:
            self._marks = {**narrative.marks, **self._marks}

    def text(self, element: Element | None) -> str:
        """The text of an ``originalText`` or ``text``: its own words, else those its reference points to."""
        if element is None:
            return ""
        return words(element)[:MAX_QUOTE] or self._words_at(_reference(element))

    def row(self, element: Element | None) -> str:
        """The whole table row a reference points into, else the text it points to."""
        if element is None:
            return ""
        row = self._row(element)
        return self.text(element) if row is None else CELL_SEPARATOR.join(row.cells)[:MAX_QUOTE]

    def cell(self, element: Element | None, *headings: str) -> str:
        """The cell of that row under the first column whose heading starts with one of these words."""
        row = self._row(element)
        place = None if row is None else row.headings.under(headings)
        if row is None or place is None or place >= len(row.cells):
            return ""
        return row.cells[place][:MAX_QUOTE]

    def _words_at(self, reference: str) -> str:
        """The words of a mark, joined once: many entries may point to the same long text."""
        known = self._texts.get(reference)
        if known is None:
            mark = self._marks.get(reference)
            known = self._texts[reference] = mark.words[:MAX_QUOTE] if mark else ""
        return known

    def _row(self, element: Element | None) -> Row | None:
        mark = self._marks.get(_reference(element))
        return mark.row if mark else None


def _reference(element: Element | None) -> str:
    return attribute_at(element, "reference", "value").removeprefix("#")
