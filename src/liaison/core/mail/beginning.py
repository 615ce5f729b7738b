"""Where a message begins, whatever stands before its header: a byte order mark, blank lines, a line of junk."""

import re

from liaison.core.mail.headers import find_body

FIELDS_OF_A_MAIL = frozenset(
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
MAX_JUNK_BYTES = 2000
MAX_JUNK_LINES = 5
_HEADER_WINDOW = 65_536
_MARK = b"\xef\xbb\xbf"
_FIELD = re.compile(rb"[!-9;-~]{1,100}[ \t]{0,100}:|From ")
_DOUBLED = b"\r\r\n"


def upright(message: bytes) -> bytes:
    """The message from its header on, its lines ended as mail ends them.

    Files written and copied by other programs have a mark, blank lines or a broken line first, ends of lines in CR
    alone or in CR CR LF; what is in order is given back as it is, not copied.
    """
    found = _with_line_ends(message)
    start = _start(found)
    return found[start:] if start else found


def fields_of_a_mail(message: bytes, start: int = 0) -> int:
    """How many of the fields every reader of mail knows stand in the header that starts there."""
    window = message[start : start + _HEADER_WINDOW]
    headers, _ = find_body(window, 0, len(window))
    return len(FIELDS_OF_A_MAIL.intersection(name for name, _ in headers.fields))


def _with_line_ends(message: bytes) -> bytes:
    first = message.find(b"\n")
    if first < 0:
        return message.replace(b"\r", b"\n")
    return message.replace(_DOUBLED, b"\r\n") if message.endswith(_DOUBLED, 0, first + 1) else message


def _start(message: bytes) -> int:
    """After the junk, where a header with two known fields follows; else at the first byte, junk and all."""
    if _FIELD.match(message):
        return 0
    start = len(_MARK) if message.startswith(_MARK) else 0
    for _ in range(MAX_JUNK_LINES):
        if _FIELD.match(message, start) and fields_of_a_mail(message, start) > 1:
            return start
        start = message.find(b"\n", start, MAX_JUNK_BYTES) + 1
        if not start:
            return 0
    return 0
