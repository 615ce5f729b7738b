"""Letters as PDF/A-1b: typst sets what a ``Letter`` says."""

import json
import re
from dataclasses import asdict
from datetime import UTC, date, datetime
from functools import lru_cache

import typst

from liaison.core.cda.times import french_day
from liaison.core.pdf.document import letter_of_document
from liaison.core.pdf.template import TEMPLATE
from liaison.core.pdf.values import Block, Letter, LetterSection, Table

__all__ = ["Letter", "LetterSection", "Table", "letter_of_document", "write_letter"]

_WIDEST, _NARROWEST = 22, 5
_WORD_MARGIN = 4
_LONGEST_WORD = 22
_DAY = slice(10)
# In JSON: an escaped backslash, to be left alone, or the escape of a character that is none in XML.
_CONTROL = re.compile(r"\\\\|(\\u00[01][0-9a-f]|\\[bf]|[\x7f-\x9f\ufffe\uffff])")
_AMOUNT = re.compile(r"(?<=\d) (?=\w)")


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
        sys_inputs={"letter": _json(letter)},
        timestamp=int(_moment(letter.date).timestamp()),
    )
    return bytes(written)


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)


def _json(letter: Letter) -> str:
    """The words for typst; half a surrogate pair, which is no character, becomes a question mark.

    A control character has no place on a page, and would leave the metadata (XMP) unreadable.
    """
    words = json.dumps(_data(letter), ensure_ascii=False).encode("utf-8", "replace").decode("utf-8")
    return _CONTROL.sub(lambda found: found[0] if found[1] is None else "", words)


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


def _block(block: Block) -> dict[str, object]:
    if isinstance(block, str):
        return {"kind": "paragraph", "lines": block.splitlines()}
    width = max(map(len, (block.columns, *block.rows)), default=0)
    columns = _filled(block.columns, width) if block.columns else ()
    rows = [_filled(tuple(map(_unbroken, row)), width) for row in block.rows]
    cells = list(zip(*([columns, *rows] if columns else rows), strict=True))
    return {
        "kind": "table",
        "columns": columns,
        "rows": rows,
        "weights": [_weight(column) for column in cells],
        "hyphenate": any(_longest_word(column) > _LONGEST_WORD for column in cells),
    }


def _unbroken(cell: str) -> str:
    """A number stays on the line of its unit: « 1 » alone at the end of a line is how a dose is misread."""
    return _AMOUNT.sub("\u00a0", cell)


def _filled(row: tuple[str, ...], width: int) -> tuple[str, ...]:
    return row + ("",) * (width - len(row))


def _weight(column: tuple[str, ...]) -> int:
    """How wide a column should be beside the others: as its longest cell within reason, and never under a word."""
    longest = min(max(map(len, column)), _WIDEST)
    return max(longest, _longest_word(column) + _WORD_MARGIN, _NARROWEST)


def _longest_word(column: tuple[str, ...]) -> int:
    return max((len(word) for cell in column for word in cell.split(" ")), default=0)
