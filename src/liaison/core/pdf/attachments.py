"""The files embedded in a PDF (ISO 32000-1, 7.11.4): an invoice, a form, at times the document in another format."""

from pypdfium2 import PdfDocument, PdfiumError

from liaison.core.media import media_type
from liaison.core.notices import Notice
from liaison.core.pdf.values import PdfAttachment

MAX_ATTACHMENTS = 50
MAX_BYTES = 50 * 1024 * 1024

_UNREADABLE = Notice("pdf_attachment_unreadable", "Un fichier inclus dans le PDF est illisible.")
_TOO_MANY = Notice("pdf_attachments_truncated", "Le PDF contient trop de fichiers : seuls les premiers sont lus.")


def read_attachments(document: PdfDocument) -> tuple[tuple[PdfAttachment, ...], tuple[Notice, ...]]:
    """At most 50 files of 50 MB together; ``media_type`` is what their bytes are, not what their name says."""
    count = document.count_attachments()
    files: list[PdfAttachment] = []
    notices = [_TOO_MANY] if count > MAX_ATTACHMENTS else []
    left = MAX_BYTES
    for number in range(min(count, MAX_ATTACHMENTS)):
        file = _attachment(document, number)
        if file is None:
            notices.append(_UNREADABLE)
        elif len(file.content) > left:
            notices.append(_TOO_MANY)
        else:
            files.append(file)
            left -= len(file.content)
    return tuple(files), tuple(dict.fromkeys(notices))


def _attachment(document: PdfDocument, number: int) -> PdfAttachment | None:
    try:
        attachment = document.get_attachment(number)
        name, content = str(attachment.get_name()), bytes(attachment.get_data())
    except PdfiumError:
        return None
    return PdfAttachment(name, media_type(content), content)
