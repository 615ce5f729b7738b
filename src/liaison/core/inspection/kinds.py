"""What a file is, by its bytes alone: its name and its extension say nothing."""

import re
from typing import Literal

from liaison.core.mail.headers import find_body
from liaison.core.media import PDF, XML, ZIP, media_type

Kind = Literal["message", "xdm", "cda", "pdf", "unreadable"]

_PDF_START = b"%PDF-"
_HEADER_WINDOW = 65_536
_ENVELOPE_LINE = re.compile(rb"From \S+ ")
_FIELDS_OF_A_MAIL = frozenset(
    {
        "bcc",
        "cc",
        "content-type",
        "date",
        "delivered-to",
        "from",
        "in-reply-to",
        "message-id",
        "mime-version",
        "received",
        "reply-to",
        "return-path",
        "sender",
        "subject",
        "to",
    }
)


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
    start = data[:_HEADER_WINDOW]
    if _ENVELOPE_LINE.match(start):
        return True
    headers, _ = find_body(start, 0, len(start))
    return any(name in _FIELDS_OF_A_MAIL for name, _ in headers.fields)
