"""The lines of a letter cut into items, paragraphs and tables, each with the part of the letter it stands in."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

from liaison.core.cda.values import SECTION_ADMISSION, SECTION_DISCHARGE, SECTION_STOPPED
from liaison.core.medication.from_text.cues import context_of, is_no_treatment
from liaison.core.medication.from_text.folding import folded
from liaison.core.medication.from_text.headings import (
    CURRENT,
    Heading,
    Part,
    bullet_of,
    concludes,
    heading_of,
    is_administrative,
)
from liaison.core.medication.from_text.layout import SOFT_HYPHEN
from liaison.core.medication.from_text.mentions import guessed_mention, mentions_in, opens_item, starts_with_drug
from liaison.core.medication.from_text.posology import read_posology
from liaison.core.medication.from_text.statements import TREATMENT_PARTS
from liaison.core.medication.from_text.values import Grid, Line, Token, Words

_PREFIXES = frozenset({"sous", "intra", "anti", "per", "demi", "petit", "apres", "semi", "post", "pre", "non", "auto"})
_PROSE = re.compile(
    r"(?<![a-z])(?:est|a|ont|avons|patiente?|monsieur|madame|nous|sera|etait|qui|mme|mr?|il|"
    r"elle)(?![a-z])"
)
_AT_AN_HOUR = re.compile(r"(?<![a-z])a (?=\d|jeun|chaque|la |l')")
_MANY_WORDS = 9
_RULE = re.compile(r"[\s_=*.~–—-]{3,}")
_CARE = re.compile(
    r"(?:poids|surveillance|kinesitherap|ide\b|pansement|bilan|controle|regime|bas de|contention|rdv|rendez-vous|"
    r"consultation|soins|oxygene|o2\b|tension|creatinine|clairance|ionogramme|prise de sang|reeducation|vaccin)"
)
_AMOUNT = re.compile(r"\W*(?:prendre |soit |posologie\s*:?\s*)?(?:\d|une? |deux |trois |½|¼|demi|matin|midi|soir|le )")
_UNFINISHED = frozenset({"de", "du", "des", "d'", "par", "et", "la", "le", "l'", "avec", "sous", "pour", "+", "/"})


@dataclass(slots=True)
class Segment:
    part: Part
    tokens: list[Token] = field(default_factory=list)

    @property
    def is_over(self) -> bool:
        """Whether its last sentence is ended."""
        return not self.tokens or self.tokens[-1].text.endswith((".", ":"))


@dataclass(frozen=True)
class PartedGrid(Grid):
    part: Part = ""


def parts_of(blocks: tuple[Line | Grid, ...]) -> Iterator[Segment | PartedGrid]:
    """Items, paragraphs and tables in their order."""
    cutter = _Cutter(blocks)
    for block in blocks:
        if isinstance(block, Grid):
            yield from cutter.flushed()
            yield PartedGrid(block.headings, block.rows, str(cutter.part), cutter.part)
        elif not _RULE.fullmatch(block.text):
            yield from cutter.take(block)
    yield from cutter.flushed()


class _Cutter:
    """Where the reading is: the part of the letter, the item being gathered, and what brought it there."""

    def __init__(self, blocks: tuple[Line | Grid, ...]) -> None:
        part: Part = blocks[0].section if blocks and isinstance(blocks[0], Line) else ""
        self.blocks = blocks
        self.part = part
        self.pending = Segment(part)
        self.enclosing = part
        self.is_inline = False
        self.is_told = False
        self.outside: Part | None = None

    def flushed(self) -> Iterator[Segment]:
        held, self.pending = self.pending, Segment(self.part)
        if held.tokens:
            yield held

    def take(self, line: Line) -> Iterator[Segment]:
        heading = None if _is_a_drug_line(line.text, self.part) else heading_of(line.text)
        if heading is None:
            self._enter(line)
            if self._begins(line):
                yield from self.flushed()
            _join(self.pending.tokens, line.tokens)
        elif not (heading.part == "other" and self.part in TREATMENT_PARTS and is_administrative(line.text)):
            yield from self.flushed()
            self._open(heading, line)

    def _open(self, heading: Heading, line: Line) -> None:
        self.enclosing = self.enclosing if self.is_inline else self.part
        self.outside = None
        self.is_told = self.is_told or concludes(line.text)
        self.part = heading.part
        if heading.part == CURRENT:
            self.part = self._current()
        self.pending = Segment(self.part, list(_after(line, heading.end)))
        self.is_inline = bool(self.pending.tokens)

    def _current(self) -> Part:
        """« Traitement actuel »: once the stay is told, or in a letter that has no other list, what one leaves with."""
        if self.is_told:
            return SECTION_DISCHARGE
        return SECTION_ADMISSION if self.has_discharge else "changes"

    @cached_property
    def has_discharge(self) -> bool:
        headings = (heading_of(block.text) for block in self.blocks if isinstance(block, Line))
        return any(heading is not None and heading.part == SECTION_DISCHARGE for heading in headings)

    def _enter(self, line: Line) -> None:
        """The part a line stands in, when it has no heading of its own."""
        if self.is_inline and self._is_closed(line):
            self.part = self.enclosing if self.enclosing in TREATMENT_PARTS else "changes"
            self.is_inline = False
        elif self.is_inline and self.pending.is_over and _is_prose(line):
            self.part, self.is_inline = "other", False
        if self.outside is not None:
            self._leave_list(line)
        elif _is_listed(line, self.part) and (line.apart or self.pending.is_over or bullet_of(line.text)):
            self.part, self.outside = "changes", self.part
        self.part = _left(self.part, line)

    def _leave_list(self, line: Line) -> None:
        """A list without a heading ends with the paragraph that is none of it."""
        if line.apart and self.outside is not None and not _is_listed(line, self.outside):
            self.part, self.outside = self.outside, None

    def _is_closed(self, line: Line) -> bool:
        """« Ont été arrêtés : X, Y. »: a sentence that names several drugs is the whole list; what follows is not."""
        if self.pending.part != SECTION_STOPPED or bullet_of(line.text) or not self.pending.tokens:
            return False
        said = " ".join(token.text for token in self.pending.tokens)
        return said.endswith(".") and len(mentions_in(folded(said))) > 1

    def _begins(self, line: Line) -> bool:
        """Whether a line starts an item or a paragraph, rather than going on with the one before."""
        held = self.pending
        if line.text.startswith("(") and held.tokens:
            return False
        if self.part in TREATMENT_PARTS and held.part == self.part and _completes(line, held.tokens):
            return False
        if line.apart or held.part != self.part or bullet_of(line.text) or _CARE.match(folded(line.text)):
            return True
        if self.part not in TREATMENT_PARTS or not held.tokens or _goes_on(held.tokens):
            return False
        return opens_item(folded(line.text)) or _is_a_drug_line(line.text, self.part)


def _is_a_drug_line(text: str, part: Part) -> bool:
    return starts_with_drug(folded(text)) or (part in TREATMENT_PARTS and guessed_mention(text) is not None)


def _after(line: Line, end: int) -> tuple[Token, ...]:
    """The words after a heading; its own words are none of an item."""
    return tuple(token for token in Words(line.tokens).between(end, len(line.text)) if token.text != ":")


def _is_listed(line: Line, part: Part) -> bool:
    """A line with the shape of a prescription, in no list: a drug at its head, and when it is taken."""
    if part in TREATMENT_PARTS or part == "allergies":
        return False
    plain = folded(line.text)
    start = bullet_of(line.text)
    found = mentions_in(plain)
    if not found or found[0].start - start > 1 or found[0].is_measured:
        return False
    if not line.text[start].isupper() or _PROSE.search(_AT_AN_HOUR.sub(" ", plain)):
        return False
    posology = read_posology(line.text[found[0].end :])
    has_span = bool(posology.period.start and posology.period.end)
    return posology.is_timed and not has_span and not is_no_treatment("", plain[found[0].end :])


def _left(part: Part, line: Line) -> Part:
    """A paragraph of prose, apart from the list above it, is no longer in the list."""
    plain = folded(line.text)
    if part == "allergies" and (line.apart or line.text[:1].isupper()) and context_of(plain):
        return "other"
    if part not in TREATMENT_PARTS or not line.apart or bullet_of(line.text):
        return part
    return "other" if _is_prose(line) else part


def _is_prose(line: Line) -> bool:
    plain = folded(line.text)
    return (
        len(line.text.split()) >= _MANY_WORDS
        and bool(_PROSE.search(_AT_AN_HOUR.sub(" ", plain)))
        and not starts_with_drug(plain)
    )


def _completes(line: Line, tokens: list[Token]) -> bool:
    """« 1 comprimé le soir » under « EZETROL 10 mg », however far below: how the drug above is taken."""
    if not tokens or bullet_of(line.text) or mentions_in(folded(line.text)):
        return False
    above = " ".join(token.text for token in tokens)
    named = mentions_in(folded(above))
    if len(named) != 1 or read_posology(above[named[0].end :]).is_timed:
        return False
    return bool(_AMOUNT.match(folded(line.text))) and read_posology(line.text).is_timed


def _goes_on(tokens: list[Token]) -> bool:
    """« …au profit de », « …, KARDEGIC et »: the line before is not over."""
    said = " ".join(token.text for token in tokens[-12:])
    return said.count("(") > said.count(")") or folded(tokens[-1].text) in _UNFINISHED


def _join(held: list[Token], more: tuple[Token, ...]) -> None:
    """Add the words of a line; a word broken at the end of the line before is put together again."""
    if held and more and _is_broken(held[-1].text, more[0].text):
        held[-1] = replace(held[-1], text=_rejoined(held[-1].text, more[0].text))
        more = more[1:]
    held.extend(more)


def _is_broken(left: str, right: str) -> bool:
    return left.endswith(SOFT_HYPHEN) or (
        len(left) > len("a-") and left.endswith(("-", "‐")) and left[-2].isalpha() and right[:1].isalpha()
        and (right[0].islower() or left[-2].isupper())
    )  # fmt: skip


def _rejoined(left: str, right: str) -> str:
    whole = left.rstrip(SOFT_HYPHEN + "-‐") + right
    keeps = left[-1] != SOFT_HYPHEN and (
        folded(left[:-1]) in _PREFIXES or (not mentions_in(folded(whole)) and bool(mentions_in(folded(left + right))))
    )
    return left + right if keeps else whole
