"""Where each word of a PDF page stands, as the page is shown: turned and cropped."""

import ctypes
import re
from collections.abc import Iterator
from contextlib import closing

from pypdfium2 import PdfDocument, PdfiumError, PdfPage, PdfTextPage
from pypdfium2.raw import FPDF_PageToDevice, FPDFText_GetCharIndexFromTextIndex

from liaison.core.pdf.values import Word

MAX_WORDS = 50_000

# PDFium writes U+FFFE where a word was broken at the end of a line: each half has its own place.
_WORD = re.compile(r"[^\s\ufffe]+")
_PRECISION = 100

Box = tuple[float, float, float, float]


def read_words(document: PdfDocument, pages: int) -> Iterator[Word]:
    """The words of the first ``pages`` pages that can be read, in the order of their text."""
    for number in range(pages):
        try:
            with closing(document[number]) as page, closing(page.get_textpage()) as text:
                yield from _words(page, text, number)
        except PdfiumError:
            continue


def _words(page: PdfPage, text: PdfTextPage, number: int) -> Iterator[Word]:
    for word in _WORD.finditer(text.get_text_range()):
        start, end = (FPDFText_GetCharIndexFromTextIndex(text, index) for index in (word.start(), word.end() - 1))
        boxes = [_shown(page, text.get_rect(each)) for each in range(_count(text, start, end))]
        if boxes:
            yield Word(word[0], number, *_around(boxes))


def _count(text: PdfTextPage, start: int, end: int) -> int:
    """How many boxes hold these characters; asking makes PDFium give the boxes of these and no others."""
    return int(text.count_rects(start, end - start + 1)) if 0 <= start <= end else 0


def _around(boxes: list[Box]) -> Box:
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def _shown(page: PdfPage, box: Box) -> Box:
    """A box of the page's own space (left, bottom, right, top, upwards) on the page as people see it, downwards."""
    left, bottom, right, top = box
    (one_x, one_y), (other_x, other_y) = _point(page, left, top), _point(page, right, bottom)
    return min(one_x, other_x), min(one_y, other_y), max(one_x, other_x), max(one_y, other_y)


def _point(page: PdfPage, x: float, y: float) -> tuple[float, float]:
    """PDFium only converts to whole pixels: we ask for a hundred of them to a point."""
    width, height = (round(side * _PRECISION) for side in page.get_size())
    shown_x, shown_y = ctypes.c_int(), ctypes.c_int()
    FPDF_PageToDevice(page, 0, 0, width, height, 0, x, y, shown_x, shown_y)
    return shown_x.value / _PRECISION, shown_y.value / _PRECISION
