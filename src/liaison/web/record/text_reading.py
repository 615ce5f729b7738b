"""What was read in the words of a document, each line with its sentence and where it stands on the page."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from liaison.apps.intake.models import Document
from liaison.apps.intake.readings import medication_from_json
from liaison.apps.treatments.models import TextReading
from liaison.core.cda.values import SECTION_ADMISSION, SECTION_DISCHARGE, SECTION_STOPPED, MedicationLine, Place
from liaison.core.medication.from_document import RECOGNISED

_PARTS = {SECTION_DISCHARGE: "à la sortie", SECTION_STOPPED: "arrêté", SECTION_ADMISSION: "à l'entrée"}
_MARGIN = 0.003


@dataclass(frozen=True, slots=True)
class Mark:
    """A rectangle over the picture of a page, in shares of it, as SVG writes numbers."""

    number: int
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


def reading_of(document: Document, pages: Iterable[int]) -> dict[str, Any]:
    """The lines read, the notices about them, and each page with what is highlighted on it."""
    reading = TextReading.objects.filter(document=document).first()
    lines = [medication_from_json(line) for line in reading.lines] if reading else []
    return {
        "text_reading": reading,
        "read_lines": [_shown(number, line) for number, line in enumerate(lines, start=1)],
        "pages": [Page(page, tuple(_marks(page, lines))) for page in pages],
    }


def _shown(number: int, line: MedicationLine) -> ReadLine:
    return ReadLine(
        number,
        line,
        _PARTS.get(line.section, ""),
        RECOGNISED in line.doubts,
        tuple(doubt for doubt in line.doubts if doubt != RECOGNISED),
    )


def _marks(page: int, lines: list[MedicationLine]) -> Iterable[Mark]:
    for number, line in enumerate(lines, start=1):
        yield from (_mark(number, place) for place in line.places if place.page == page)


def _mark(number: int, place: Place) -> Mark:
    return Mark(
        number,
        f"{max(place.left - _MARGIN, 0):.4f}",
        f"{max(place.top - _MARGIN, 0):.4f}",
        f"{place.right - place.left + 2 * _MARGIN:.4f}",
        f"{place.bottom - place.top + 2 * _MARGIN:.4f}",
    )
