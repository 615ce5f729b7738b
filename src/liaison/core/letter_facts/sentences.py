"""A letter as sentences, each with the part of the letter it stands in and the words that make it."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from liaison.core.letter_facts.headings import Part, heading_of
from liaison.core.medication.from_text.folding import folded
from liaison.core.medication.from_text.headings import bullet_of
from liaison.core.medication.from_text.values import Grid, Line, Token, Words

MOST_CHARACTERS = 1000
MOST_SENTENCES = 5000
_END = re.compile(r"(?<!\b[a-z])(?<!\b[dpm]r)(?<!\bmme)[.;!](?=\s)|[.;!]$")
NARROWEST = 75
"""Characters: a page is at least so wide, though no line of a short letter may be."""
_SHORT_LINE = 0.72
_LISTS: frozenset[Part] = frozenset({"problems", "history", "allergies", "carriage"})
_TELLS = re.compile(
    r"(?<![a-z])(?:est|sont|a|ont|avons|sera|seront|etait|retrouv\w+|montr\w+|presente|nous|il|elle|patiente?|mme|"
    r"monsieur|madame|consultation|rendez-vous|rdv)(?![a-z])"
)


@dataclass(frozen=True)
class Sentence:
    """``words`` are those of the sentence; ``title`` those of its heading when it stands on the same line."""

    part: Part
    words: Words
    title: str = ""

    @cached_property
    def text(self) -> str:
        return self.words.text[:MOST_CHARACTERS]

    @cached_property
    def plain(self) -> str:
        """Folded, character for character with ``text``."""
        return folded(self.text)

    def clause(self, start: int, end: int) -> "Sentence":
        """The words that hold these characters."""
        return Sentence(self.part, Words(self.words.between(start, end)), self.title)


@dataclass(slots=True)
class _Paragraph:
    part: Part
    title: str = ""
    tokens: list[Token] = field(default_factory=list)


def sentences_of(blocks: Iterable[Line | Grid]) -> tuple[Sentence, ...]:
    """Every sentence, in the order of the letter; the rows of a table are one sentence each."""
    held = tuple(blocks)
    widest = max((len(block.text) for block in held if isinstance(block, Line)), default=0)
    widest = max(widest, NARROWEST)
    found: list[Sentence] = []
    for paragraph in _paragraphs(held, widest):
        found += _cut(paragraph)
        if len(found) > MOST_SENTENCES:
            break
    return tuple(found[:MOST_SENTENCES])


def _paragraphs(blocks: tuple[Line | Grid, ...], widest: int) -> Iterator[_Paragraph]:
    open_one, previous = _Paragraph(""), Line(())
    for block in blocks:
        if isinstance(block, Grid):
            yield open_one
            yield from (_Paragraph(open_one.part, "", [token for cell in row for token in cell]) for row in block.rows)
            open_one, previous = _Paragraph(open_one.part), Line(())
            continue
        heading = heading_of(block.text)
        if heading:
            yield open_one
            body = [token for token in Words(block.tokens).between(heading.end, len(block.text)) if token.text != ":"]
            open_one = _Paragraph(heading.part, block.text[: heading.end], body)
        elif _begins(block, previous, widest):
            yield open_one
            open_one = _Paragraph("" if _is_left(open_one, block) else open_one.part, "", list(block.tokens))
        else:
            open_one.tokens += block.tokens
        previous = block
    yield open_one


def _is_left(open_one: _Paragraph, line: Line) -> bool:
    """Whether a paragraph is no longer under the heading above: it stands apart from a list begun, or it tells."""
    if line.apart and open_one.tokens:
        return True
    if open_one.part not in _LISTS or bullet_of(line.text):
        return False
    said_beside_its_title = bool(open_one.title and open_one.tokens)
    return said_beside_its_title or bool(_TELLS.search(folded(line.text)))


def _begins(line: Line, previous: Line, widest: int) -> bool:
    """Whether a line is an item or a paragraph of its own, not the end of the line before broken by the margin."""
    if line.apart or bullet_of(line.text) or previous.text.endswith((".", ";", "!")):
        return True
    starts_anew = line.text[:1].isupper() or line.text[:1].isdigit()
    return starts_anew and _is_short(previous, widest)


def _is_short(line: Line, widest: int) -> bool:
    place = line.tokens[-1].place if line.tokens else None
    return place.right < _SHORT_LINE if place else len(line.text) < widest * _SHORT_LINE


def _cut(paragraph: _Paragraph) -> Iterator[Sentence]:
    words = Words(tuple(paragraph.tokens))
    plain, start = folded(words.text), 0
    for end in [*(found.end() for found in _END.finditer(plain)), len(plain)]:
        tokens = words.between(start, end)
        if tokens:
            yield Sentence(paragraph.part, Words(tokens), paragraph.title)
        start = end + 1
