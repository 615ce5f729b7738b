"""Bytes to text, for mail as it is really sent: unknown charsets, 8-bit junk, damaged base64. Nothing here raises."""

import binascii
import codecs
import re
from collections.abc import Iterator
from string import ascii_letters, digits

import pybase64

_CP1252_FAMILY = frozenset({"iso8859-1", "iso8859-15", "ascii", "cp1252"})
_NOT_CHARSETS = frozenset({"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined"})
_ENCODED_WORD = re.compile(r"=\?([^?\s]{1,40})\?([bBqQ])\?([^?]*)\?=")
_BETWEEN_WORDS = re.compile(r"(\?=)[ \t\r\n]+(?==\?[^?\s]{1,40}\?[bBqQ]\?)")
_MOST_BLOCKS = 100
_BASE64_ALPHABET = (ascii_letters + digits + "+/").encode()
_BLANKS = b" \t\r\n"
_CHUNK = 1 << 20
_OUTSIDE_BASE64 = bytes(code for code in range(256) if code not in _BASE64_ALPHABET)


def decode_text(content: bytes, charset: str = "") -> str:
    """The text of some bytes: in the charset said, else UTF-8, else Windows-1252, which French junk mostly is."""
    if not charset and content.isascii():
        return content.decode("ascii")
    for candidate in _candidates(content, charset):
        try:
            return _without_surrogates(content.decode(candidate))
        except (UnicodeError, LookupError, ValueError):
            continue
    return content.decode("latin-1")


def _without_surrogates(text: str) -> str:
    """UTF-7 and its like decode to halves of letters that no database takes."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _candidates(content: bytes, charset: str) -> tuple[str, ...]:
    declared = _codec_name(charset)
    if content.startswith(b"\xef\xbb\xbf"):
        return ("utf-8-sig",)
    if declared in {"iso8859-15"}:
        return (declared,)
    if declared in _CP1252_FAMILY:
        return ("ascii", "cp1252") if declared != "ascii" else ("ascii", "utf-8", "cp1252")
    return (declared, "utf-8", "cp1252") if declared else ("utf-8", "cp1252")


def is_charset(charset: str) -> bool:
    """Whether texts can be read in a charset of that name."""
    return bool(_codec_name(charset))


def _codec_name(charset: str) -> str:
    """The Python name of a text codec; empty when unknown. ``zip`` or ``hex`` are codecs too, but not of text."""
    try:
        codec = codecs.lookup(charset.strip().strip("'\""))
    except (LookupError, ValueError, UnicodeError):
        return ""
    return codec.name if getattr(codec, "_is_text_encoding", True) and codec.name not in _NOT_CHARSETS else ""


def decode_words(value: str) -> str:
    """A header value with its RFC 2047 encoded words read, neighbours joined before decoding (§6.2)."""
    if "=?" not in value:
        return value
    pieces: list[str] = []
    pending: list[tuple[str, bytes]] = []
    end = 0
    joined = _BETWEEN_WORDS.sub(r"\1", value)
    for word in _ENCODED_WORD.finditer(joined):
        if word.start() > end:
            pieces += [_join(pending), joined[end : word.start()]]
            pending = []
        pending.append((word[1].partition("*")[0].lower(), _word_bytes(word[2], word[3])))
        end = word.end()
    return "".join([*pieces, _join(pending), joined[end:]])


def _join(words: list[tuple[str, bytes]]) -> str:
    """Neighbouring words of one charset are decoded together: senders cut in the middle of a letter."""
    runs: list[tuple[str, bytes]] = []
    for charset, content in words:
        if runs and runs[-1][0] == charset:
            runs[-1] = (charset, runs[-1][1] + content)
        else:
            runs.append((charset, content))
    return "".join(decode_text(content, charset) for charset, content in runs)


def _word_bytes(encoding: str, text: str) -> bytes:
    raw = text.encode("utf-8", "surrogateescape")
    if encoding in "bB":
        return decode_base64(raw)[0]
    return binascii.a2b_qp(raw, header=True)


def decode_base64(content: bytes, start: int = 0, end: int | None = None) -> tuple[bytes, bool]:
    """The bytes, and whether the base64 was sound. Damaged base64 gives all that can be read (RFC 2045 §6.8).

    Only the bytes from ``start`` to ``end`` are read, piece by piece: a big file is never there twice over.
    """
    end = len(content) if end is None else end
    try:
        return b"".join(_sound_pieces(content, start, end)), True
    except binascii.Error:
        return b"".join(map(_decode_block, _base64_blocks(content[start:end]))), False


def _sound_pieces(content: bytes, start: int, end: int) -> Iterator[bytes]:
    """Each piece decoded, a padding before the last one being an error. ``binascii.Error`` on any stray character."""
    left = b""
    for position in range(start, end, _CHUNK):
        letters = left + content[position : min(position + _CHUNK, end)].translate(None, _BLANKS)
        last = position + _CHUNK >= end
        whole = len(letters) if last else max(len(letters) - 4, 0) // 4 * 4
        left = letters[whole:]
        if not last and b"=" in letters[:whole]:
            raise binascii.Error("padding before the end")
        yield pybase64.b64decode(letters[:whole], validate=True)


def _base64_blocks(content: bytes) -> list[bytes]:
    """The runs of base64 between paddings: several encodings put end to end are each decoded."""
    blocks = re.split(rb"=+", content, maxsplit=_MOST_BLOCKS)
    return [block.translate(None, _OUTSIDE_BASE64) for block in blocks]


def _decode_block(block: bytes) -> bytes:
    whole = block[: len(block) - 1] if len(block) % 4 == 1 else block
    return binascii.a2b_base64(whole + b"=" * (-len(whole) % 4))


def decode_uuencoded(content: bytes) -> tuple[bytes, bool]:
    """The bytes of a uuencoded part, and whether every line was sound."""
    decoded, sound = bytearray(), True
    for line in content.splitlines():
        if line[:6] == b"begin " or not line.strip():
            continue
        if line.strip() == b"end":
            break
        try:
            decoded += binascii.a2b_uu(line)
        except binascii.Error:
            sound = False
    return bytes(decoded), sound
