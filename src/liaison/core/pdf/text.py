"""Read a PDF: its text page by page, its pictures, its signatures. PDFium is one at a time in a process."""

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date
from io import BytesIO
from itertools import islice
from threading import Lock

from pypdfium2 import PdfDocument, PdfiumError

from liaison.core.notices import Notice, Unreadable
from liaison.core.pdf.attachments import read_attachments
from liaison.core.pdf.values import PdfText, Signature
from liaison.core.pdf.words import MAX_WORDS, read_words

MAX_BYTES = 100 * 1024 * 1024
MAX_PAGES = 500
MAX_CHARACTERS = 2_000_000
MAX_WIDTH = 4000
MAX_PIXELS = 16_000_000
_SIGNED = b"/ByteRange"
_STAMP = re.compile(r"\s*(?:D:)?(\d{4})(\d\d)(\d\d)", re.ASCII)
FIRST_YEAR = 1990

# PDFium keeps its state in globals: two threads inside it at once crash the process.
_PDFIUM = Lock()
# PDFium writes U+FFFE where a word was broken at the end of a line; a blank that does not break is a blank to search.
_PLAIN = (("\x00", ""), ("\ufffe", ""), ("\xa0", " "), ("\u202f", " "))
_EMPTY = Notice("pdf_empty", "Le fichier PDF est vide.")
_TOO_BIG = Notice("pdf_too_big", "Le PDF dépasse la taille que Liaison accepte de lire (100 Mo).")
_ENCRYPTED = Notice("pdf_encrypted", "Le PDF est protégé par un mot de passe : demander à l'expéditeur un PDF ouvert.")
_BROKEN = Notice("pdf_broken", "Le PDF est abîmé et ne peut pas être lu.")
_NO_PAGE = Notice("pdf_no_page", "Le PDF n'a aucune page lisible.")
_NO_TEXT = Notice("pdf_no_text", "Le PDF ne contient que des images : son texte ne peut pas être cherché.")
_LONG = Notice("pdf_truncated", "Le PDF est trop long : seul le début de son texte est lu.")
_SOME_BROKEN = Notice("pdf_page_broken", "Une page du PDF est abîmée : son texte manque.")


def read_pdf(data: bytes, *, trusted: tuple[bytes, ...] = (), positions: bool = False) -> PdfText | Unreadable:
    """The text of each page, the embedded files, the signatures up to the ``trusted`` authorities (DER or PEM).

    With ``positions``, the place of each word and the day the file was made too, which takes several times longer. At
    most 500 pages, two million characters, 50,000 places; never raises, fetches nothing. Time is bounded by those caps
    only: a file from outside is best read in a process that may be stopped.
    """
    refusal = _refusal(data)
    if refusal:
        return Unreadable(refusal)
    try:
        with _opened(data) as document:
            page_count = len(document)
            pages, notices = _texts(document)
            attachments, attachment_notices = read_attachments(document)
            words = tuple(islice(read_words(document, len(pages)), MAX_WORDS)) if positions else ()
            created = day_of_stamp(document.get_metadata_value("CreationDate")) if positions else ""
    except PdfiumError as error:
        return Unreadable(_ENCRYPTED if "password" in str(error).lower() else _BROKEN)
    if not pages:
        return Unreadable(_NO_PAGE)
    signatures, signature_notices = _signatures(data, trusted)
    notices = (*notices, *attachment_notices, *signature_notices)
    return PdfText(pages, signatures, notices, attachments, words, created, page_count)


def day_of_stamp(stamp: str) -> str:
    """The day of a date as PDF writes them (``D:20260312101500+01'00'``, ISO 32000-1, 7.9.4), as ISO 8601.

    Empty for what is none, has no day, or is before FIRST_YEAR: a clock nobody had set.
    """
    found = _STAMP.match(stamp)
    try:
        day = date(*map(int, found.groups())) if found else None
    except ValueError:
        return ""
    return day.isoformat() if day and day.year >= FIRST_YEAR else ""


def _signatures(data: bytes, trusted: tuple[bytes, ...]) -> tuple[tuple[Signature, ...], tuple[Notice, ...]]:
    """Those of a signed file: the library that checks them takes a second to load, and most files have none."""
    if _SIGNED not in data:
        return (), ()
    from liaison.core.pdf.signatures import read_signatures

    return read_signatures(data, trusted)


def count_pages(data: bytes) -> int:
    """How many pages; 0 for what cannot be read."""
    if _refusal(data):
        return 0
    try:
        with _opened(data) as document:
            return len(document)
    except PdfiumError:
        return 0


def page_sizes(data: bytes) -> tuple[tuple[float, float], ...]:
    """Width and height in points of each page as shown; empty for what cannot be read."""
    if _refusal(data):
        return ()
    try:
        with _opened(data) as document:
            return tuple(document.get_page_size(number) for number in range(min(len(document), MAX_PAGES)))
    except PdfiumError:
        return ()


def render_page(data: bytes, page: int, *, width: int) -> bytes:
    """The PNG of a page, the first being 0, ``width`` pixels wide (at most 4000) unless that makes it too tall.

    Empty bytes when there is no such page or it cannot be drawn.
    """
    if _refusal(data):
        return b""
    try:
        with _opened(data) as document:
            return _picture(document, page, min(max(width, 1), MAX_WIDTH)) if 0 <= page < len(document) else b""
    except PdfiumError:
        return b""


def _refusal(data: bytes) -> Notice | None:
    if not data.strip():
        return _EMPTY
    return _TOO_BIG if len(data) > MAX_BYTES else None


@contextmanager
def _opened(data: bytes) -> Iterator[PdfDocument]:
    with _PDFIUM, closing(PdfDocument(data)) as document:
        yield document


def _texts(document: PdfDocument) -> tuple[tuple[str, ...], tuple[Notice, ...]]:
    pages: list[str] = []
    left = MAX_CHARACTERS
    broken = False
    for number in range(min(len(document), MAX_PAGES)):
        found = _found(document, number, left)
        broken = broken or found is None
        left -= len(found or "")
        pages.append(_clean(found or ""))
    return tuple(pages), tuple(_remarks(pages, broken=broken, cut=len(document) > MAX_PAGES or left <= 0))


def _remarks(pages: list[str], *, broken: bool, cut: bool) -> Iterator[Notice]:
    if broken:
        yield _SOME_BROKEN
    if cut:
        yield _LONG
    if pages and not any(pages) and not broken and not cut:
        yield _NO_TEXT


def _found(document: PdfDocument, number: int, left: int) -> str | None:
    """The characters of a page, at most ``left``; None when the page is broken."""
    try:
        with closing(document[number]) as page, closing(page.get_textpage()) as text:
            count = min(text.count_chars(), left)
            return str(text.get_text_range(0, count)) if count > 0 else ""
    except PdfiumError:
        return None


def _clean(text: str) -> str:
    for written, meant in _PLAIN:
        text = text.replace(written, meant)
    return "\n".join(line.rstrip() for line in text.splitlines()).strip()


def _picture(document: PdfDocument, number: int, width: int) -> bytes:
    with closing(document[number]) as page:
        wide, tall = page.get_size()
        if wide <= 0 or tall <= 0:
            return b""
        scale = min(width / wide, (MAX_PIXELS / (wide * tall)) ** 0.5)
        with closing(page.render(scale=scale)) as bitmap:
            output = BytesIO()
            bitmap.to_pil().save(output, "PNG")
    return output.getvalue()
