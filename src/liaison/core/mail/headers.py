"""The headers of a mail part: found, unfolded, decoded. Lenient: a broken line is skipped, never the mail."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message
from email.utils import collapse_rfc2231_value, getaddresses, parsedate_to_datetime

from liaison.core.mail.encoding import decode_text, decode_words
from liaison.core.mail.values import Address

MAX_HEADER_BYTES = 1_000_000
MAX_VALUE_CHARACTERS = 65_536
_BLANK_LINE = re.compile(rb"\n\r?\n")
_FIELD_START = re.compile(rb"[!-9;-~]{1,1000}[ \t]{0,100}:")
_FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:[ \t]*(.*)", re.DOTALL)
_FOLD = re.compile(rb"\r?\n[ \t]+")
_LINE = re.compile(rb"\r?\n|\r")
_MESSAGE_ID = re.compile(r"<[^<>\s]+>")
_BARE_ADDRESS = re.compile(r"[^\s<>,;:\"]{1,256}@[^\s<>,;:\"]{1,256}")
_ATOMS = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
# One mailbox, with a label of bare words or none: the standard parser, slow, is for all that is less plain.
_PLAIN_ADDRESS = re.compile(rf"(?:([^\x00-\x1f\x7f\"(),.:;<>@\[\\\]]{{1,1000}})(?=<))?<({_ATOMS}@{_ATOMS})>")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]+")
_PARAMETER = re.compile(r';\s*([^\s=;"]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^;]*)')
_MEDIA_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+")
_QUOTED_PAIR = re.compile(r'\\(["\\])')


@dataclass(frozen=True, slots=True)
class Headers:
    """The fields in order, names lower-cased, values unfolded and still encoded."""

    fields: tuple[tuple[str, str], ...]

    def raw(self, name: str) -> str:
        """The first field of that name, as sent; empty when absent."""
        for field, value in self.fields:
            if field == name:
                return value
        return ""

    def all(self, name: str) -> tuple[str, ...]:
        return tuple(value for field, value in self.fields if field == name)

    def text(self, name: str) -> str:
        """The first field of that name, its encoded words read, on one line, cut at MAX_VALUE_CHARACTERS."""
        return clean(decode_words(self.raw(name)[:MAX_VALUE_CHARACTERS]))

    def addresses(self, name: str) -> tuple[Address, ...]:
        return read_addresses(", ".join(filter(None, self.all(name))))

    def parameter(self, name: str, parameter: str) -> str:
        """A parameter of a field, RFC 2231 continuations and charsets read, RFC 2047 tolerated."""
        return read_parameter(self.raw(name), parameter)

    @property
    def content_type(self) -> str:
        declared = self.raw("content-type").partition(";")[0].strip().lower()
        return declared if _MEDIA_TYPE.fullmatch(declared) else ""


def split_headers(raw: bytes) -> tuple[Headers, bytes]:
    """The headers and the body of a message or a part (RFC 5322 §2.1)."""
    headers, start = find_body(raw, 0, len(raw))
    return headers, raw[start:]


def find_body(raw: bytes, start: int, end: int) -> tuple[Headers, int]:
    """The headers of the part between two offsets, and where its body starts: nothing is copied but the headers."""
    if raw.startswith(b"From ", start, end):
        start = (raw.find(b"\n", start, end) + 1) or end
    for line_end in (b"\r\n", b"\n"):
        if raw.startswith(line_end, start, end):
            return Headers(()), start + len(line_end)
    if not _FIELD_START.match(raw, start, end):
        return Headers(()), start
    blank = _BLANK_LINE.search(raw, start, end)
    return read_headers(raw[start : blank.start() if blank else end]), blank.end() if blank else end


def read_headers(block: bytes) -> Headers:
    lines = _LINE.split(_FOLD.sub(b" ", block[:MAX_HEADER_BYTES]))
    fields = filter(None, map(_FIELD.match, lines))
    return Headers(tuple((field[1].decode("ascii").lower(), decode_text(field[2]).strip()) for field in fields))


def clean(text: str) -> str:
    """Without the control characters that would break a header or a screen."""
    return _CONTROL.sub(" ", text).strip()


def read_addresses(value: str) -> tuple[Address, ...]:
    """The mailboxes of an address list (RFC 5322 §3.4); what looks like one, when the list is not well formed."""
    value = value[:MAX_VALUE_CHARACTERS]
    if not value:
        return ()
    if plain := _PLAIN_ADDRESS.fullmatch(value):
        return (Address(plain[2], clean(decode_words(" ".join((plain[1] or "").split())))),)
    try:
        pairs = getaddresses([value])
    except (RecursionError, ValueError, IndexError):
        pairs = []
    found = tuple(Address(clean(email), clean(decode_words(label))) for label, email in pairs if "@" in email)
    return found or tuple(Address(email) for email in _BARE_ADDRESS.findall(value))


def read_message_ids(value: str) -> tuple[str, ...]:
    """The message identifiers of a Message-ID, In-Reply-To or References field, with their brackets."""
    found = tuple(_MESSAGE_ID.findall(value[:MAX_VALUE_CHARACTERS]))
    return found or tuple(f"<{word}>" for word in value.split()[:1] if "@" in word)


def read_date(value: str) -> datetime | None:
    """The moment of a Date field, always aware: ``-0000`` and no zone at all are taken as UTC (RFC 5322 §3.3)."""
    try:
        moment = parsedate_to_datetime(value[:200])
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def read_parameter(value: str, parameter: str) -> str:
    """The value of a parameter, whatever stands before it; of two of one name, the first.

    The form of RFC 2231 goes before the plain one: senders give both, the plain one without its accents.
    """
    value = value[:MAX_VALUE_CHARACTERS]
    _, semicolon, rest = value.partition(";")
    plain, extended = None, []
    for found in _PARAMETER.finditer(semicolon + rest):
        name = found[1].lower()
        if name == parameter:
            plain = found[2] if plain is None else plain
        elif name.startswith(f"{parameter}*"):
            extended.append(found[0])
    said = _read_extended("".join(extended), parameter) if extended else ""
    return clean(decode_words(said or _unquoted(plain or "")))


def _unquoted(text: str) -> str:
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] == '"':
        return _QUOTED_PAIR.sub(r"\1", text[1:-1])
    return text.strip('"')


def _read_extended(pieces: str, parameter: str) -> str:
    """By the standard parser, where RFC 2231 cuts or encodes a parameter; empty where that cannot be read."""
    message = Message()
    message["Content-Type"] = f"a/b{pieces}"
    try:
        found = message.get_param(parameter, "")
        return found if isinstance(found, str) else collapse_rfc2231_value(found)
    except (ValueError, TypeError, LookupError):
        return ""
