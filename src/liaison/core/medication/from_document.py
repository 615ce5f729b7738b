"""The treatments of one document: its coded lines, else the tables of its narrative, else what its words say."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from liaison.core.cda.terms import MEDICATION_SECTIONS
from liaison.core.cda.values import CdaDocument, MedicationLine, Moments, Section
from liaison.core.letter_facts.values import ReadFact
from liaison.core.media import HTML, PDF
from liaison.core.notices import Notice, Unreadable
from liaison.core.pdf.values import Word
from liaison.core.reading import DocumentReading

MAX_BODY_BYTES = 5_000_000
RECOGNISED = "reconnu sur une image"

Lines = tuple[MedicationLine, ...]
Facts = tuple[ReadFact, ...]
LinesOfPdf = Callable[[bytes], tuple[Lines, tuple[Notice, ...]]]


def lines_of_pdf(pdf: bytes) -> tuple[Lines, tuple[Notice, ...]]:
    """The drug lines of the words of a PDF; a picture of a page has none."""
    read = read_pdf_treatments(pdf)
    return ((), (read.notice,)) if isinstance(read, Unreadable) else (read.lines, ())


def medications_of_document(
    document: DocumentReading, pdf: bytes | None, read_lines: LinesOfPdf = lines_of_pdf
) -> tuple[Lines, tuple[Notice, ...]]:
    """Every drug line, in the order of the document, and what is to be said of their reading.

    ``pdf`` is the readable PDF, which ``read_lines`` reads only when nothing else tells.
    """
    cda = document.cda
    if cda and cda.treatments == "none_stated":
        return (), ()
    if cda and cda.medications:
        return tuple(map(with_moments, cda.medications)), ()
    from liaison.core.medication.from_text.unchanged import unchanged_notices

    lines, notices = _read_in_words(document, pdf, read_lines)
    return lines, (*notices, *unchanged_notices(_words_of(document), lines))


def _read_in_words(
    document: DocumentReading, pdf: bytes | None, read_lines: LinesOfPdf
) -> tuple[Lines, tuple[Notice, ...]]:
    cda = document.cda
    if cda is None:
        return (of_text(document.text), ()) if document.text else _of_pdf(pdf, read_lines)
    return _of_body(cda, pdf, read_lines) if cda.level == 1 else (of_narrative(cda), ())


def _words_of(document: DocumentReading) -> str:
    sections = document.cda.sections if document.cda else ()
    told = (f"{section.title}\n{section.text}" for section in sections)
    return "\n".join([*told, document.text, document.pdf.text if document.pdf else ""])


def with_moments(line: MedicationLine) -> MedicationLine:
    """A coded line with what its frequency says of the moments of the day."""
    if line.moments != Moments() or not line.frequency:
        return line
    from liaison.core.medication.from_text.posology import read_posology

    return replace(line, moments=read_posology(f"{line.dose} {line.frequency}".strip()).moments)


def of_narrative(cda: CdaDocument) -> Lines:
    """The sections of treatments; when there is none, whatever section tells of treatments under its title."""
    sections = [section for section in cda.sections if section.code in MEDICATION_SECTIONS]
    if sections:
        return tuple(line for section in sections for line in _of_section(section))
    return of_text("\n\n".join(f"{section.title}\n{section.text}" for section in cda.sections))


def _of_section(section: Section) -> Lines:
    from liaison.core.medication.from_text.letter import read_section
    from liaison.core.medication.from_text.tables import read_rows

    lines = read_rows(section.rows, section.code)
    return lines or read_section(section.text, section.code)


def _of_body(cda: CdaDocument, pdf: bytes | None, read_lines: LinesOfPdf) -> tuple[Lines, tuple[Notice, ...]]:
    """The body of a level 1: a PDF, a text, a page of HTML or RTF."""
    body = next(iter(cda.embedded), None)
    if pdf or body is None or body.media_type == PDF:
        return _of_pdf(pdf, read_lines)
    return of_text(text_of_body(body.media_type, body.content)), ()


def text_of_body(media_type: str, content: bytes) -> str:
    """The words of a body that is no PDF; empty for a picture or what cannot be read."""
    if len(content) > MAX_BODY_BYTES:
        return ""
    if media_type == "text/rtf":
        return _of_rtf(content)
    if media_type == HTML:
        from liaison.core.mail.html import html_to_text

        return html_to_text(content.decode("utf-8", "replace"))
    return content.decode("utf-8", "replace") if media_type.startswith("text/") else ""


def _of_rtf(content: bytes) -> str:
    from striprtf.striprtf import rtf_to_text

    convert: Callable[..., str] = rtf_to_text
    try:
        return convert(content.decode("latin-1"), errors="replace")
    except (ValueError, IndexError, KeyError, LookupError, RecursionError):  # a library for what editors write
        return ""


def of_text(text: str) -> Lines:
    from liaison.core.medication.from_text.letter import read_text

    return read_text(text) if text.strip() else ()


def _of_pdf(pdf: bytes | None, read_lines: LinesOfPdf) -> tuple[Lines, tuple[Notice, ...]]:
    return read_lines(pdf) if pdf else ((), ())


@dataclass(frozen=True, slots=True)
class PdfTreatments:
    """The treatments a PDF tells; ``sizes`` are its pages', in points; ``has_words`` is false for pictures of pages.

    ``facts`` are what its words say beside them; ``created`` is the day the file was made, ISO 8601.
    """

    lines: Lines
    sizes: tuple[tuple[float, float], ...]
    has_words: bool
    facts: Facts = ()
    created: str = ""


def read_pdf_treatments(pdf: bytes, written: str = "") -> PdfTreatments | Unreadable:
    """``written`` is the day of the letter in ISO 8601, if known."""
    from liaison.core.letter_facts.read import read_facts, read_facts_of_text
    from liaison.core.medication.from_text.layout import read_pages
    from liaison.core.medication.from_text.letter import read_blocks
    from liaison.core.pdf.text import page_sizes, read_pdf

    read = read_pdf(pdf, positions=True)
    if isinstance(read, Unreadable):
        return read
    sizes = page_sizes(pdf)
    if not read.text.strip():
        return PdfTreatments((), sizes, has_words=False, created=read.created)
    if not read.words:
        facts = read_facts_of_text(read.text, written)
        return PdfTreatments(of_text(read.text), sizes, has_words=True, facts=facts, created=read.created)
    blocks = read_pages(read.words, sizes, read.pages)
    facts = read_facts(blocks, written)
    return PdfTreatments(read_blocks(blocks), sizes, has_words=True, facts=facts, created=read.created)


def read_body(cda: bytes, written: str = "") -> tuple[Lines, Facts]:
    """What the body of a level 1 document that is no PDF says."""
    from liaison.core.cda.read import read_cda
    from liaison.core.letter_facts.read import read_facts_of_text

    document = read_cda(cda)
    if isinstance(document, Unreadable) or not document.embedded:
        return (), ()
    text = text_of_body(document.embedded[0].media_type, document.embedded[0].content)
    return of_text(text), read_facts_of_text(text, written)


def read_recognised(
    words: tuple[Word, ...], sizes: tuple[tuple[float, float], ...], written: str = ""
) -> tuple[Lines, Facts]:
    """What words recognised on a picture say: each treatment bears the doubt of it."""
    from liaison.core.letter_facts.read import read_facts
    from liaison.core.medication.from_text.layout import read_pages
    from liaison.core.medication.from_text.letter import read_blocks

    blocks = read_pages(words, sizes, ())
    lines = tuple(replace(line, doubts=(RECOGNISED, *line.doubts)) for line in read_blocks(blocks))
    return lines, read_facts(blocks, written)
