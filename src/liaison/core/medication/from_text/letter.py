"""The treatments of a letter from its words: the way in for PDFs, level 1 bodies and narratives."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import replace

from liaison.core.cda.values import SECTION_ADMISSION, SECTION_DISCHARGE, SECTION_STOPPED, MedicationLine
from liaison.core.medication.from_text.dates import year_of
from liaison.core.medication.from_text.folding import folded
from liaison.core.medication.from_text.layout import read_pages
from liaison.core.medication.from_text.parts import parts_of
from liaison.core.medication.from_text.sheet import read_sheet
from liaison.core.medication.from_text.statements import GUESSED_PART, Statement, statements
from liaison.core.medication.from_text.tables import read_grid
from liaison.core.medication.from_text.values import Grid, Line, Words
from liaison.core.medication.line import drug_name
from liaison.core.pdf.values import Word

READER_VERSION = "3"
MAX_LINES = 500
MAX_CHARACTERS = 400_000
STOPPED_ELSEWHERE = "dit arrêté ailleurs dans la lettre"
NOT_IN_LIST = "dit dans le texte, absent de la liste de sortie"

_SECTIONS = frozenset({SECTION_ADMISSION, SECTION_DISCHARGE, SECTION_STOPPED})


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
    for each in parts_of(held):
        if isinstance(each, Grid):
            section = each.section if each.section in _SECTIONS else ""
            found += [Statement(line, in_list=True) for line in read_grid(each, section, "text", year)]
        else:
            found += statements(Words(tuple(each.tokens)), each.part, year)
        if len(found) > MAX_LINES:
            break
    return _settled(found[:MAX_LINES])


def _lines(text: str, section: str = "") -> tuple[Line | Grid, ...]:
    return read_sheet(unicodedata.normalize("NFC", text[:MAX_CHARACTERS]), section)


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
