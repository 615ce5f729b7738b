"""What a file is, by its bytes alone: its name and its extension say nothing."""

import re
from typing import Literal

from liaison.core.mail.beginning import fields_of_a_mail, upright
from liaison.core.media import PDF, XML, ZIP, media_type

Kind = Literal["message", "xdm", "cda", "pdf", "unreadable"]

_PDF_START = b"%PDF-"
_ENVELOPE_LINE = re.compile(rb"From \S+ ")


def kind_of(data: bytes) -> Kind:
    """The kind of a file. A mail may quote ``%PDF-`` in its header: only a PDF that starts so is one before a mail."""
    found = media_type(data)
    if found == ZIP:
        return "xdm"
    if found == XML:
        return "cda"
    if not data.startswith(_PDF_START) and is_mail(data):
        return "message"
    return "pdf" if found == PDF else "unreadable"


def is_mail(data: bytes) -> bool:
    """Whether the bytes start with the header of a message: at least one field that every reader of mail knows."""
    return bool(_ENVELOPE_LINE.match(data)) or fields_of_a_mail(upright(data)) > 0
