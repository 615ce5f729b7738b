"""``winmail.dat``: the files Outlook wraps in its own format (TNEF, [MS-OXTNEF]).

Only the files are read; the words are in the mail beside. The libraries at hand give up a whole message for one name
out of ASCII, and count as many properties as a file claims to have.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from liaison.core.mail.encoding import decode_text
from liaison.core.notices import Notice, Unreadable
from liaison.core.xdm.archive import numbered
from liaison.core.xdm.values import Member

MAX_FILES = 500

TNEF_UNREADABLE = Notice("tnef_unreadable", "Le fichier winmail.dat est abîmé : il n'a pas pu être ouvert.")
TNEF_CROWDED = Notice("tnef_too_many_files", "Le fichier winmail.dat contient trop de fichiers : il reste fermé.")
TNEF_CUT = Notice("tnef_cut", "Ce fichier du winmail.dat est incomplet.")

_SIGNATURE = b"\x78\x9f\x3e\x22"
_FIRST_ATTRIBUTE = 6
_ATTRIBUTE_HEADER, _CHECKSUM = 9, 2
_NEW_FILE, _TITLE, _DATA, _PROPERTIES, _CODE_PAGE = 0x9002, 0x8010, 0x800F, 0x9005, 0x9007

_LONG_NAME, _SHORT_NAME, _DISPLAY_NAME, _CONTENT = 0x3707, 0x3704, 0x3001, 0x3701
_STRING, _UNICODE, _OBJECT, _BINARY = 0x001E, 0x001F, 0x000D, 0x0102
_SEVERAL, _NAMED = 0x1000, 0x8000
_SIZES = {0x02: 2, 0x03: 4, 0x04: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x0A: 4, 0x0B: 2, 0x14: 8, 0x40: 8, 0x48: 16}
# An object begins by the identifier of its interface.
_INTERFACE = 16


@dataclass(slots=True)
class _File:
    """A file as its attributes come; ``properties`` are by their MAPI number, text and bytes alone."""

    title: str = ""
    content: bytes = b""
    properties: dict[int, str | bytes] = field(default_factory=dict)
    cut: bool = False


def open_tnef(data: bytes) -> tuple[Member, ...] | Unreadable:
    """The files inside a winmail.dat, in order; two of the same name are numbered, a message inside is a TNEF again."""
    if not data.startswith(_SIGNATURE):
        return Unreadable(TNEF_UNREADABLE)
    files, whole = _files(data)
    if len(files) > MAX_FILES:
        return Unreadable(TNEF_CROWDED)
    if not files and not whole:
        return Unreadable(TNEF_UNREADABLE)
    seen: dict[str, int] = {}
    return tuple(numbered(_member(each), seen) for each in files)


def _member(file: _File) -> Member:
    names = (file.properties.get(name) for name in (_LONG_NAME, _SHORT_NAME, _DISPLAY_NAME))
    name = next((str(each) for each in (*names, file.title) if each and isinstance(each, str)), "")
    return Member(name or "piece", _content(file), (TNEF_CUT,) if file.cut else ())


def _content(file: _File) -> bytes:
    """The file; of a message inside, the message and not the sentence written in its place for older programs."""
    held = file.properties.get(_CONTENT, b"")
    if not isinstance(held, bytes):
        return file.content
    return held if held.startswith(_SIGNATURE) else file.content or held


def _files(data: bytes) -> tuple[list[_File], bool]:
    """The files, one more than may be at most, and whether the stream was whole."""
    files: list[_File] = []
    code_page, whole = "", True
    for kind, content, whole in _attributes(data):
        if kind == _CODE_PAGE and len(content) >= 4:  # noqa: PLR2004  # a number of 32 bits
            code_page = f"cp{struct.unpack_from('<I', content)[0]}"
        elif kind == _NEW_FILE:
            files.append(_File())
            if len(files) > MAX_FILES:
                break
        elif files:
            _tell(files[-1], kind, content, code_page)
            files[-1].cut = not whole
    return files, whole


def _tell(file: _File, kind: int, content: bytes, code_page: str) -> None:
    if kind == _TITLE:
        file.title = _text(content, code_page)
    elif kind == _DATA:
        file.content = content
    elif kind == _PROPERTIES:
        file.properties |= _properties(content, code_page)


def _attributes(data: bytes) -> Iterator[tuple[int, bytes, bool]]:
    """Each attribute: its name, its bytes, and whether all of them are there."""
    position, end = _FIRST_ATTRIBUTE, len(data)
    while position + _ATTRIBUTE_HEADER <= end:
        kind, _, length = struct.unpack_from("<HHI", data, position + 1)
        start = position + _ATTRIBUTE_HEADER
        yield kind, data[start : start + length], start + length <= end
        position = start + length + _CHECKSUM


def _properties(content: bytes, code_page: str) -> dict[int, str | bytes]:
    """The MAPI properties that are text or bytes; those before the first that cannot be read."""
    found: dict[int, str | bytes] = {}
    try:
        for number, kind, value in _values(content):
            if kind in (_STRING, _UNICODE):
                found[number] = _text(value, "utf-16-le" if kind == _UNICODE else code_page)
            elif kind == _OBJECT:
                found[number] = value[_INTERFACE:]
            elif kind == _BINARY:
                found[number] = value
    except struct.error:
        pass
    return found


def _values(content: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Number, kind and first value of each property. As many as there are bytes for, whatever count is claimed."""
    position = 4
    while position < len(content):
        kind, number = struct.unpack_from("<HH", content, position)
        position += 4
        if number >= _NAMED:
            position = _after_its_name(content, position)
        count, several = 1, bool(kind & _SEVERAL)
        kind &= ~_SEVERAL
        if several or kind not in _SIZES:
            (count,) = struct.unpack_from("<I", content, position)
            position += 4
        for value_number in range(count):
            value, position = _value(content, position, kind)
            if not value_number:
                yield number, kind, value


def _after_its_name(content: bytes, position: int) -> int:
    """Where the value of a named property stands: after its set, and its number or its words."""
    (by_words,) = struct.unpack_from("<I", content, position + 16)
    (length,) = struct.unpack_from("<I", content, position + 20)
    return position + 24 + (_padded(length) if by_words else 0)


def _value(content: bytes, position: int, kind: int) -> tuple[bytes, int]:
    size = _SIZES.get(kind)
    if size is None:
        (size,) = struct.unpack_from("<I", content, position)
        position += 4
    if position + size > len(content):
        raise struct.error("a property goes past the end of its attribute")
    return content[position : position + size], position + _padded(size)


def _padded(size: int) -> int:
    return size + -size % 4


def _text(content: bytes, code_page: str) -> str:
    return decode_text(content, code_page).partition("\x00")[0]
