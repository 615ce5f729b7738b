"""Streams of TNEF (``winmail.dat``) written byte by byte, as Outlook writes them ([MS-OXTNEF])."""

import struct

RENDERING, TITLE, DATA, PROPERTIES = 0x00069002, 0x00018010, 0x0006800F, 0x00069005
CODE_PAGE, SUBJECT = 0x00069007, 0x00018004
BINARY, OBJECT, STRING, UNICODE = 0x0102, 0x000D, 0x001E, 0x001F
CONTENT, LONG_NAME = 0x3701, 0x3707


def attribute(kind: int, content: bytes, level: int = 2) -> bytes:
    return struct.pack("<BII", level, kind, len(content)) + content + struct.pack("<H", sum(content) & 0xFFFF)


def stream(*attributes: bytes) -> bytes:
    return struct.pack("<IH", 0x223E9F78, 1) + b"".join(attributes)


def a_file(*attributes: bytes) -> bytes:
    return attribute(RENDERING, bytes(14)) + b"".join(attributes)


def properties(*values: tuple[int, int, bytes]) -> bytes:
    """The MAPI properties of a file: number, kind and value of each, all of a length that must be said."""
    packed = (
        struct.pack("<HHII", kind, number, 1, len(value)) + value + bytes(-len(value) % 4)
        for number, kind, value in values
    )
    return attribute(PROPERTIES, struct.pack("<I", len(values)) + b"".join(packed))


def winmail(*files: tuple[str, bytes]) -> bytes:
    return stream(*(a_file(attribute(TITLE, name.encode() + b"\0"), attribute(DATA, held)) for name, held in files))
