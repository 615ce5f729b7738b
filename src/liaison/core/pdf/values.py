"""The frozen values of a PDF as read."""

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
class PdfText:
    """The text of a PDF, page by page, under time and page caps."""

    pages: tuple[str, ...]
    signatures: tuple[Signature, ...] = ()
    notices: tuple[Notice, ...] = ()

    @property
    def text(self) -> str:
        return "\n".join(self.pages)
