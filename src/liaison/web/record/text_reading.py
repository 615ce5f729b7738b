"""What was read in the words of a document, each line with its sentence and where it stands on the page."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from liaison.apps.filing.models import ProposedFact
from liaison.apps.intake.models import Document
from liaison.apps.intake.readings import medication_from_json
from liaison.apps.organisations.access import access_rereadings, may_file
from liaison.apps.organisations.models import User
from liaison.apps.treatments.models import TextReading
from liaison.apps.treatments.rereading import difference_of
from liaison.core.cda.values import SECTION_ADMISSION, SECTION_DISCHARGE, SECTION_STOPPED, MedicationLine, Place
from liaison.core.medication.from_document import RECOGNISED
from liaison.web.record.read_facts import read_facts_of

_PARTS = {SECTION_DISCHARGE: "à la sortie", SECTION_STOPPED: "arrêté", SECTION_ADMISSION: "à l'entrée"}
_MARGIN = 0.003


@dataclass(frozen=True, slots=True)
class Mark:
    """A rectangle over the picture of a page, in shares of it, as SVG writes numbers; ``title`` says what it is."""

    title: str
    x: str
    y: str
    width: str
    height: str


@dataclass(frozen=True, slots=True)
class ReadLine:
    number: int
    line: MedicationLine
    part: str
    is_recognised: bool
    doubts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Page:
    number: int
    marks: tuple[Mark, ...]


def reading_of(document: Document, user: User, pages: Iterable[int]) -> dict[str, Any]:
    """The lines and facts read, the notices about them, and each page with what is highlighted on it."""
    reading = TextReading.objects.filter(document=document).first()
    lines = [medication_from_json(line) for line in reading.lines] if reading else []
    facts = read_facts_of(document, user)
    marked = [*_marked_lines(lines), *_marked_facts(facts["read_facts"])]
    return {
        "text_reading": reading,
        "read_lines": [_shown(number, line) for number, line in enumerate(lines, start=1)],
        "pages": [
            Page(page, tuple(_mark(title, place) for title, place in marked if place.page == page)) for page in pages
        ],
        **facts,
        **_rereading_of(document, user, reading),
    }


def _rereading_of(document: Document, user: User, reading: TextReading | None) -> dict[str, Any]:
    """What a newer reader proposes, and how it differs; nothing when no person has to look."""
    proposed = access_rereadings(user).filter(document=document).first()
    if proposed is None or reading is None:
        return {}
    return {
        "rereading": proposed,
        "difference": difference_of(reading, proposed),
        "may_choose_reading": may_file(user, document.site),
    }


def _marked_lines(lines: list[MedicationLine]) -> Iterable[tuple[str, Place]]:
    return [(f"Ligne {number}", place) for number, line in enumerate(lines, start=1) for place in line.places]


def _marked_facts(facts: list[ProposedFact]) -> Iterable[tuple[str, Place]]:
    """One mark for each passage, though it may say several things."""
    passages = {Place(**place): fact.get_kind_display() for fact in facts for place in fact.places}
    return [(title, place) for place, title in passages.items()]


def _shown(number: int, line: MedicationLine) -> ReadLine:
    return ReadLine(
        number,
        line,
        _PARTS.get(line.section, ""),
        RECOGNISED in line.doubts,
        tuple(doubt for doubt in line.doubts if doubt != RECOGNISED),
    )


def _marks(page: int, marked: list[tuple[str, Place]]) -> tuple[Mark, ...]:
    return tuple(_mark(title, place) for title, place in marked if place.page == page)


def _mark(title: str, place: Place) -> Mark:
    return Mark(
        title,
        f"{max(place.left - _MARGIN, 0):.4f}",
        f"{max(place.top - _MARGIN, 0):.4f}",
        f"{place.right - place.left + 2 * _MARGIN:.4f}",
        f"{place.bottom - place.top + 2 * _MARGIN:.4f}",
    )
