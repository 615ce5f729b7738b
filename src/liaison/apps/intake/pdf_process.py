"""PDFs in the process of their own, with the authorities that the home trusts."""

from pathlib import Path

from django.conf import settings

from liaison import reading_process
from liaison.core.notices import Unreadable
from liaison.core.pdf.values import PdfText
from liaison.reading_process import render_page_apart

__all__ = ["read_pdf_apart", "render_page_apart", "trusted_authorities"]


def read_pdf_apart(data: bytes) -> PdfText | Unreadable:
    return reading_process.read_pdf_apart(data, trusted_authorities())


def trusted_authorities() -> tuple[bytes, ...]:
    """The authorities whose signatures the home trusts: every PEM file of the configured folder."""
    folder = settings.TRUSTED_SIGNATURE_FOLDER
    return tuple(path.read_bytes() for path in sorted(Path(folder).glob("*.pem"))) if folder else ()
