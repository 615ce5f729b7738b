"""Where words stand: in a page that is shown, or in a text that has no page."""

from dataclasses import dataclass
from functools import cached_property

from liaison.core.cda.values import Place


@dataclass(frozen=True, slots=True)
class Token:
    """A word as written. ``page`` is 1-based, None where there are no pages; ``place`` where it is shown, if known."""

    text: str
    page: int | None = None
    place: Place | None = None


@dataclass(frozen=True)
class Line:
    """Words that are read one after the other. ``cells`` are the same words, cut where the page leaves a wide blank.

    ``apart`` says that something separates it from the line before: a blank line, a wider gap, another column.
    """

    cells: tuple[tuple[Token, ...], ...]
    apart: bool = False
    section: str = ""

    @property
    def tokens(self) -> tuple[Token, ...]:
        return tuple(token for cell in self.cells for token in cell)

    @cached_property
    def text(self) -> str:
        return joined(self.tokens)


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: its headings and its rows, each cell being the words in it."""

    headings: tuple[str, ...]
    rows: tuple[tuple[tuple[Token, ...], ...], ...]
    section: str = ""


def joined(tokens: tuple[Token, ...]) -> str:
    return " ".join(token.text for token in tokens)


@dataclass(frozen=True)
class Words:
    """Some words and the text they make, one blank between two."""

    tokens: tuple[Token, ...]

    @cached_property
    def text(self) -> str:
        return joined(self.tokens)

    def between(self, start: int, end: int) -> tuple[Token, ...]:
        """The words that hold these characters of the text."""
        held: list[Token] = []
        position = 0
        for token in self.tokens:
            if position < end and position + len(token.text) > start:
                held.append(token)
            position += len(token.text) + 1
        return tuple(held)
