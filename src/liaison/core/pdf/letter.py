"""Hospital letters as PDF/A-1b: a value for what the page says, and typst to set it."""

import json
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from functools import lru_cache

import typst

from liaison.core.pdf.template import TEMPLATE

_MONTHS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)
_WIDEST, _NARROWEST = 22, 5
_WORD_MARGIN = 4
_LONGEST_WORD = 22
_DAY = slice(10)


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells; ``columns`` are the headings and may be empty. Short rows are filled with empty cells."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


Block = str | Table


@dataclass(frozen=True, slots=True)
class LetterSection:
    """A titled part of a letter: paragraphs (with line feeds for broken lines) and tables, in order."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Letter:
    """What a letter says, from top to bottom. Every text is taken as it is: nothing in it is markup.

    ``date`` is ISO 8601, day or longer; ``patient`` holds label and value pairs; ``signature`` the closing lines;
    ``reference`` stands at the foot of each page.
    """

    title: str
    sender: tuple[str, ...]
    recipients: tuple[str, ...]
    date: str
    patient: tuple[tuple[str, str], ...]
    sections: tuple[LetterSection, ...]
    signature: tuple[str, ...] = ()
    place: str = ""
    reference: str = ""


def write_letter(letter: Letter) -> bytes:
    """The letter on A4 pages in PDF/A-1b (ISO 19005-1), the same bytes for the same value.

    The words reach typst as data, never as source; fonts are those the package embeds, so a character outside their
    Latin, Greek, Cyrillic and technical ranges shows as an empty box.
    """
    written = typst.compile(
        TEMPLATE.encode(),
        font_paths=_fonts(),
        ignore_system_fonts=True,
        format="pdf",
        pdf_standards="a-1b",
        sys_inputs={"letter": json.dumps(_data(letter), ensure_ascii=False)},
        timestamp=int(_moment(letter.date).timestamp()),
    )
    return bytes(written)


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)


def _data(letter: Letter) -> dict[str, object]:
    moment = _moment(letter.date)
    return {
        **{name: value for name, value in asdict(letter).items() if name != "sections"},
        "day": [moment.year, moment.month, moment.day],
        "dateline": _dateline(letter),
        "sections": [
            {"title": section.title, "blocks": [_block(block) for block in section.blocks]}
            for section in letter.sections
        ],
    }


def _moment(iso: str) -> datetime:
    """The day of the letter, which PDF/A wants in the metadata; a letter without one gets the first of its calendar."""
    try:
        day = date.fromisoformat(iso[_DAY])
    except ValueError:
        day = date(1970, 1, 1)
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _dateline(letter: Letter) -> str:
    said = french_day(letter.date)
    return f"{letter.place}, le {said}" if letter.place and said else f"Le {said}" if said else letter.place


def french_day(iso: str) -> str:
    """``2026-03-01T…`` -> ``1er mars 2026``; a date without its day, or none, is given back as it is."""
    try:
        day = date.fromisoformat(iso[_DAY])
    except ValueError:
        return iso
    return f"{'1er' if day.day == 1 else day.day} {_MONTHS[day.month - 1]} {day.year}"


def _block(block: Block) -> dict[str, object]:
    if isinstance(block, str):
        return {"kind": "paragraph", "lines": block.splitlines()}
    width = max(map(len, (block.columns, *block.rows)), default=0)
    columns = _filled(block.columns, width) if block.columns else ()
    rows = [_filled(row, width) for row in block.rows]
    cells = list(zip(*([columns, *rows] if columns else rows), strict=True))
    return {
        "kind": "table",
        "columns": columns,
        "rows": rows,
        "weights": [_weight(column) for column in cells],
        "hyphenate": any(_longest_word(column) > _LONGEST_WORD for column in cells),
    }


def _filled(row: tuple[str, ...], width: int) -> tuple[str, ...]:
    return row + ("",) * (width - len(row))


def _weight(column: tuple[str, ...]) -> int:
    """How wide a column should be beside the others: as its longest cell within reason, and never under a word."""
    longest = min(max(map(len, column)), _WIDEST)
    return max(longest, _longest_word(column) + _WORD_MARGIN, _NARROWEST)


def _longest_word(column: tuple[str, ...]) -> int:
    return max((len(word) for cell in column for word in cell.split()), default=0)
