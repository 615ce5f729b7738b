"""The frozen values of a PDF, as read or to be written."""

from dataclasses import dataclass

from liaison.core.notices import Notice


@dataclass(frozen=True, slots=True)
class Signature:
    """A PAdES signature: who, when (ISO 8601), bytes untouched since, chain up to a given trust list."""

    signer: str
    time: str
    intact: bool
    trusted: bool


@dataclass(frozen=True, slots=True)
class Word:
    """A word and its box in points (1/72 inch) from the top left of its page as shown; the first page is 0."""

    text: str
    page: int
    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class PdfAttachment:
    """A file embedded in a PDF, under the name the PDF gives it; ``media_type`` is what its bytes are."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class PdfText:
    """The text of a PDF, page by page, under time and page caps; ``words`` only when they were asked for.

    ``created`` is the day its properties say it was made, ISO 8601; empty when they say none. ``page_count`` is how
    many pages the file has, which may be more than were read.
    """

    pages: tuple[str, ...]
    signatures: tuple[Signature, ...] = ()
    notices: tuple[Notice, ...] = ()
    attachments: tuple[PdfAttachment, ...] = ()
    words: tuple[Word, ...] = ()
    created: str = ""
    page_count: int = 0

    @property
    def text(self) -> str:
        return "\n".join(self.pages)


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
