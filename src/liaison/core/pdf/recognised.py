"""The words a picture of a page was read into: the tab-separated table of Tesseract, as placed words."""

import csv

from liaison.core.pdf.values import Word

LEAST_CONFIDENCE = 30.0
_WORD_LEVEL = "5"


def words_of_table(table: str, page: int, points_per_pixel: float) -> tuple[Word, ...]:
    """The words Tesseract is at least a little sure of, in points from the top left; the first page is 0.

    ``table`` is its ``tsv`` output; rows that are no words, or broken, are left out.
    """
    rows = csv.DictReader(table.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    return tuple(word for row in rows if (word := _word(row, page, points_per_pixel)))


def _word(row: dict[str, str], page: int, scale: float) -> Word | None:
    text = (row.get("text") or "").strip()
    try:
        confidence = float(row.get("conf") or -1)
        left, top, width, height = (int(row[side]) for side in ("left", "top", "width", "height"))
    except (KeyError, TypeError, ValueError):
        return None
    if not text or row.get("level") != _WORD_LEVEL or confidence < LEAST_CONFIDENCE:
        return None
    return Word(text, page, left * scale, top * scale, (left + width) * scale, (top + height) * scale)
