"""The bytes of an HL7 v2 message as segments, fields, repetitions and components (HL7 v2.5 §2).

Lenient where the field is: segments end with CR, LF or both; the separators are those of MSH-1 and MSH-2; the character
set is that of MSH-18 (HL7 table 0211), Windows-1252 standing in when the bytes do not fit it.
"""

import re
from dataclasses import dataclass

from liaison.core.notices import Notice, Unreadable

MOST_BYTES = 1_000_000
MOST_SEGMENTS = 1_000
NOT_HL7 = Notice("hl7_no_header", "Ce message ne commence pas par un en-tête HL7 (MSH).")
TOO_LARGE = Notice("hl7_too_large", "Ce message HL7 est trop grand.")
_HEADER = re.compile(rb"MSH([^\r\n\w\s])([^\r\n\w\s]{2,5})\1", re.ASCII)
CHARSETS = {
    "8859/1": "cp1252",
    "8859/15": "iso8859-15",
    "UNICODE": "utf-8",
    "UNICODE UTF-8": "utf-8",
    "ASCII": "ascii",
}
_FALLBACK = "cp1252"
_ESCAPE_NAMES = "FSTRE"
_CHARACTER_SET_FIELD = 18


@dataclass(frozen=True, slots=True)
class Separators:
    """MSH-1 and MSH-2, with the usual values where the sender gives fewer."""

    field: str = "|"
    component: str = "^"
    repetition: str = "~"
    escape: str = "\\"
    subcomponent: str = "&"


@dataclass(frozen=True, slots=True)
class Hl7Message:
    """The segments in order: the name, then the fields as written. Fields are numbered as in the standard."""

    separators: Separators
    segments: tuple[tuple[str, ...], ...]

    def has(self, segment: str) -> bool:
        return any(fields[0] == segment for fields in self.segments)

    def field(self, segment: str, number: int) -> str:
        """The field of the first such segment, as written; empty when it is not there."""
        fields = next((fields for fields in self.segments if fields[0] == segment), ())
        return fields[number] if number < len(fields) else ""

    def repetitions(self, segment: str, number: int) -> tuple[tuple[str, ...], ...]:
        """Each repetition of the field as its components, as written (subcomponents not opened)."""
        text = self.field(segment, number)
        parts = text.split(self.separators.repetition) if text else []
        return tuple(tuple(part.split(self.separators.component)) for part in parts)

    def value(self, segment: str, number: int, component: int = 1) -> str:
        """One component of the first repetition, unescaped; ``""`` (the HL7 null) is empty."""
        repetitions = self.repetitions(segment, number)
        return self.text(repetitions[0], component) if repetitions else ""

    def text(self, components: tuple[str, ...], number: int) -> str:
        """A component's first subcomponent, unescaped."""
        return self.subcomponents(components, number)[0]

    def subcomponents(self, components: tuple[str, ...], number: int) -> tuple[str, ...]:
        """A component's subcomponents, unescaped; one empty text at least."""
        written = components[number - 1] if 0 < number <= len(components) else ""
        return tuple(self._plain(part) for part in written.split(self.separators.subcomponent))

    def _plain(self, written: str) -> str:
        text = "" if written == '""' else written
        signs = self.separators
        plain = (signs.field, signs.component, signs.subcomponent, signs.repetition, signs.escape)
        for name, sign in zip(_ESCAPE_NAMES, plain, strict=True):
            text = text.replace(f"{signs.escape}{name}{signs.escape}", sign)
        return text.strip()


def read_hl7(content: bytes) -> Hl7Message | Unreadable:
    """The segments of one message; anything around it (MLLP envelope, blank lines) is dropped."""
    if len(content) > MOST_BYTES:
        return Unreadable(TOO_LARGE)
    content = content.strip(b"\x0b\x1c\r\n \t").removeprefix(b"\xef\xbb\xbf")
    header = _HEADER.match(content)
    if header is None:
        return Unreadable(NOT_HL7)
    separators = _separators(header)
    lines = [line for line in re.split(r"[\r\n]+", _decoded(content, separators)) if line.strip()]
    if len(lines) > MOST_SEGMENTS:
        return Unreadable(TOO_LARGE)
    return Hl7Message(separators, tuple(_fields(line, separators) for line in lines))


def _separators(header: re.Match[bytes]) -> Separators:
    usual = "^~\\&"
    given = header[2].decode("ascii", "replace")[:4]
    component, repetition, escape, subcomponent = list(given + usual[len(given) :])
    return Separators(header[1].decode("ascii", "replace"), component, repetition, escape, subcomponent)


def _fields(line: str, separators: Separators) -> tuple[str, ...]:
    """In MSH the separator is itself field 1."""
    name, *fields = line.strip().split(separators.field)
    return (name, separators.field, *fields) if name == "MSH" else (name, *fields)


def charset_of(message: Hl7Message) -> str:
    """The character set the sender declares (MSH-18, its first repetition), in capitals; empty when he says none."""
    written = message.field("MSH", _CHARACTER_SET_FIELD)
    return written.split(message.separators.repetition)[0].strip().upper()


def _decoded(content: bytes, separators: Separators) -> str:
    first = re.split(rb"[\r\n]", content, maxsplit=1)[0].decode("latin-1")
    named = _fields(first, separators)
    charset = named[_CHARACTER_SET_FIELD] if len(named) > _CHARACTER_SET_FIELD else ""
    declared = charset.split(separators.repetition)[0].strip().upper()
    for codec in (CHARSETS.get(declared, "utf-8"), "utf-8"):
        try:
            return content.decode(codec)
        except UnicodeDecodeError:
            continue
    return content.decode(_FALLBACK, errors="replace")
