"""The treatments of a letter from its words: the way in for PDFs, level 1 bodies and narratives."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from liaison.core.cda.values import SECTION_ADMISSION, SECTION_DISCHARGE, SECTION_STOPPED, MedicationLine
from liaison.core.medication.from_text.cues import context_of
from liaison.core.medication.from_text.dates import year_of
from liaison.core.medication.from_text.folding import folded
from liaison.core.medication.from_text.headings import CURRENT, Part, bullet_of, concludes, heading_of
from liaison.core.medication.from_text.layout import SOFT_HYPHEN, read_pages
from liaison.core.medication.from_text.mentions import guessed_mention, mentions_in, opens_item, starts_with_drug
from liaison.core.medication.from_text.sheet import read_sheet
from liaison.core.medication.from_text.statements import GUESSED_PART, TREATMENT_PARTS, Statement, statements
from liaison.core.medication.from_text.tables import read_grid
from liaison.core.medication.from_text.values import Grid, Line, Token, Words
from liaison.core.medication.line import drug_name
from liaison.core.pdf.values import Word

READER_VERSION = "1"
MAX_LINES = 500
MAX_CHARACTERS = 400_000
STOPPED_ELSEWHERE = "dit arrêté ailleurs dans la lettre"
NOT_IN_LIST = "dit dans le texte, absent de la liste de sortie"

_SECTIONS = frozenset({SECTION_ADMISSION, SECTION_DISCHARGE, SECTION_STOPPED})
_PREFIXES = frozenset({"sous", "intra", "anti", "per", "demi", "petit", "apres", "semi", "post", "pre", "non", "auto"})
_PROSE = re.compile(
    r"(?<![a-z])(?:est|a|ont|avons|patiente?|monsieur|madame|nous|sera|etait|qui|mme|mr?|il|"
    r"elle)(?![a-z])"
)
_MANY_WORDS = 9
_RULE = re.compile(r"[\s_=*.~–—-]{3,}")


@dataclass(slots=True)
class _Segment:
    part: Part
    tokens: list[Token] = field(default_factory=list)


def read_text(text: str) -> tuple[MedicationLine, ...]:
    """The treatments of a text without pages."""
    return read_blocks(_lines(text))


def read_words(
    words: Sequence[Word], sizes: Sequence[tuple[float, float]], pages: Sequence[str]
) -> tuple[MedicationLine, ...]:
    """The treatments of a PDF from its placed words; ``sizes`` in points and ``pages`` are those of each page."""
    return read_blocks(read_pages(words, sizes, pages))


def read_section(text: str, section: str) -> tuple[MedicationLine, ...]:
    """The treatments of the narrative of one section, whose code says what they are."""
    return read_blocks(_lines(text, section))


def read_blocks(blocks: Iterable[Line | Grid]) -> tuple[MedicationLine, ...]:
    held = tuple(blocks)
    year = year_of(folded(" ".join(block.text for block in held if isinstance(block, Line))))
    found: list[Statement] = []
    part: Part = ""
    for each in _segments(held):
        part = each.part
        if isinstance(each, Grid):
            section = each.section if each.section in _SECTIONS else ""
            found += [Statement(line, in_list=True) for line in read_grid(each, section, "text", year)]
        else:
            found += statements(Words(tuple(each.tokens)), part, year)
        if len(found) > MAX_LINES:
            break
    return _settled(found[:MAX_LINES])


def _lines(text: str, section: str = "") -> tuple[Line | Grid, ...]:
    return read_sheet(unicodedata.normalize("NFC", text[:MAX_CHARACTERS]), section)


def _segments(blocks: tuple[Line | Grid, ...]) -> Iterator["_Segment | _PartedGrid"]:
    """Items, paragraphs and tables, each with the part of the letter it stands in."""
    part: Part = blocks[0].section if blocks and isinstance(blocks[0], Line) else ""
    pending = _Segment(part)
    enclosing, is_inline, is_told = part, False, False
    for block in blocks:
        if isinstance(block, Grid):
            yield from _flushed(pending)
            pending = _Segment(part)
            yield _PartedGrid(block.headings, block.rows, str(part), part)
            continue
        if _RULE.fullmatch(block.text):
            continue
        heading = None if _is_a_drug_line(block.text, part) else heading_of(block.text)
        if heading:
            yield from _flushed(pending)
            enclosing = enclosing if is_inline else part
            is_told = is_told or concludes(block.text)
            part = heading.part
            if part == CURRENT:
                part = SECTION_DISCHARGE if is_told else SECTION_ADMISSION
            pending = _Segment(part, list(_after(block, heading.end)))
            is_inline = bool(pending.tokens)
            continue
        if is_inline and _is_closed(pending, block):
            part = enclosing if enclosing in TREATMENT_PARTS else "changes"
            is_inline = False
        part = _left(part, block)
        if _begins(block, part, pending):
            yield from _flushed(pending)
            pending = _Segment(part)
        _join(pending.tokens, block.tokens)
    yield from _flushed(pending)


def _is_closed(pending: _Segment, line: Line) -> bool:
    """« Ont été arrêtés : X, Y. »: a sentence that names several drugs is the whole list, what follows is not in it."""
    if pending.part != SECTION_STOPPED or bullet_of(line.text) or not pending.tokens[-1].text.endswith("."):
        return False
    return len(mentions_in(folded(" ".join(token.text for token in pending.tokens)))) > 1


@dataclass(frozen=True)
class _PartedGrid(Grid):
    part: Part = ""


def _flushed(segment: _Segment) -> Iterator[_Segment]:
    if segment.tokens:
        yield segment


def _is_a_drug_line(text: str, part: Part) -> bool:
    return starts_with_drug(folded(text)) or (part in TREATMENT_PARTS and guessed_mention(text) is not None)


def _after(line: Line, end: int) -> tuple[Token, ...]:
    """The words after a heading; its own words are none of an item."""
    return tuple(token for token in Words(line.tokens).between(end, len(line.text)) if token.text != ":")


def _left(part: Part, line: Line) -> Part:
    """A paragraph of prose, apart from the list above it, is no longer in the list."""
    plain = folded(line.text)
    if part == "allergies" and line.apart and context_of(plain):
        return "other"
    if part not in TREATMENT_PARTS or not line.apart or bullet_of(line.text):
        return part
    is_prose = len(line.text.split()) >= _MANY_WORDS and bool(_PROSE.search(plain))
    return "other" if is_prose and not starts_with_drug(plain) else part


def _begins(line: Line, part: Part, pending: _Segment) -> bool:
    """Whether a line starts an item or a paragraph, rather than going on with the one before."""
    if line.text.startswith("(") and pending.tokens:
        return False
    if line.apart or pending.part != part or bullet_of(line.text):
        return True
    if part not in TREATMENT_PARTS or not pending.tokens:
        return False
    if _goes_on(pending.tokens):
        return False
    return opens_item(folded(line.text)) or _is_a_drug_line(line.text, part)


def _goes_on(tokens: list[Token]) -> bool:
    """« …au profit de », « …, KARDEGIC et »: the line before is not over."""
    last = folded(tokens[-1].text)
    said = " ".join(token.text for token in tokens[-12:])
    return said.count("(") > said.count(")") or last in {
        "de",
        "du",
        "des",
        "d'",
        "par",
        "et",
        "la",
        "le",
        "l'",
        "avec",
        "sous",
        "pour",
        "+",
        "/",
    }


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


def _settled(found: list[Statement]) -> tuple[MedicationLine, ...]:
    """Each drug once in each section; a list says more than a story, and what both say otherwise is a doubt."""
    kept: dict[int, Statement] = {}
    for position, statement in sorted(enumerate(found), key=lambda each: not each[1].in_list):
        twin = next((place for place, other in kept.items() if _repeats(other, statement)), None)
        if twin is None:
            kept[position] = statement
        elif not kept[twin].line.reason and statement.line.reason:
            held = kept[twin]
            kept[twin] = replace(held, line=replace(held.line, reason=statement.line.reason))
    everything = list(kept.values())
    listed = {_substance(each.line) for each in everything if each.in_list and each.line.section == SECTION_DISCHARGE}
    return tuple(line for place in sorted(kept) if (line := _weighed(kept[place], everything, listed)))


def _repeats(held: Statement, other: Statement) -> bool:
    """The same drug told twice: in one section of a list only when word for word, in a story always."""
    one, two = held.line, other.line
    if _substance(one) != _substance(two):
        return False
    if one.section != two.section:
        return False
    return not other.in_list or one.excerpt == two.excerpt


def _weighed(each: Statement, kept: list[Statement], listed: set[str]) -> MedicationLine | None:
    line = each.line
    if each.in_list:
        stopped = line.section == SECTION_DISCHARGE and any(
            other.line.section == SECTION_STOPPED and not other.in_list and _substance(other.line) == _substance(line)
            for other in kept
        )
        return replace(line, doubts=(*line.doubts, STOPPED_ELSEWHERE)) if stopped else line
    if line.section == SECTION_STOPPED and _substance(line) in listed:
        return None
    if line.section == SECTION_DISCHARGE and listed:
        return replace(line, doubts=(*(doubt for doubt in line.doubts if doubt != GUESSED_PART), NOT_IN_LIST))
    return line


def _substance(line: MedicationLine) -> str:
    return next((code.code for code in line.codes if len(code.code) == len("B01AC06")), "") or drug_name(line.name)
