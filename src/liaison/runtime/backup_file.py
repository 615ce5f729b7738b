"""What a backup file holds, in order: named members of any length, inside one sealed stream.

A member is its name, then its bytes in blocks, then an empty block: its length need not be known before it is written.
"""

import base64
import binascii
import hashlib
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from liaison.runtime.errors import RuntimeProblem
from liaison.runtime.sealed import KEY_BYTES, SealBroken, Sealer, unsealed

HEADER = "header.json"
DATABASE = "database.dump"
MANIFEST = "manifest.json"
BLOBS = "blobs/"
_LENGTH = struct.Struct(">I")
_BLOCK_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Written:
    """One member as it went in: how many bytes, and their SHA-256."""

    size: int
    sha256: str


class BackupWriter:
    """Puts members in a file, one after the other; ``close`` makes it whole."""

    def __init__(self, file: BinaryIO, key: bytes) -> None:
        self._sealer = Sealer(file, key)

    def add(self, name: str, content: Iterable[bytes]) -> Written:
        digest, size = hashlib.sha256(), 0
        self._block(name.encode())
        for piece in content:
            for start in range(0, len(piece), _BLOCK_BYTES):
                self._block(piece[start : start + _BLOCK_BYTES])
            digest.update(piece)
            size += len(piece)
        self._block(b"")
        return Written(size, digest.hexdigest())

    def close(self) -> None:
        self._sealer.close()

    def _block(self, content: bytes) -> None:
        self._sealer.write(_LENGTH.pack(len(content)) + content)


def members(file: BinaryIO, key: bytes) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Each member with its bytes, in order. What is left of a member when the next is asked for is skipped."""
    source = _Source(unsealed(file, key))
    while (name := source.block()) is not None:
        content = source.until_empty()
        yield name.decode(), content
        for _ in content:
            pass


class _Source:
    """Takes exact lengths out of a stream of pieces."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._held = bytearray()

    def block(self) -> bytes | None:
        """The next block; None at the end of the stream."""
        start = self._take(_LENGTH.size)
        return None if start is None else self._whole(_LENGTH.unpack(start)[0])

    def until_empty(self) -> Iterator[bytes]:
        while block := self.block():
            yield block

    def _whole(self, length: int) -> bytes:
        taken = self._take(length)
        if taken is None and length:
            raise SealBroken("La sauvegarde est coupée.")
        return taken or b""

    def _take(self, length: int) -> bytes | None:
        while len(self._held) < length:
            piece = next(self._pieces, None)
            if piece is None:
                return None
            self._held += piece
        taken = bytes(self._held[:length])
        del self._held[:length]
        return taken


def read_key(path: Path) -> bytes:
    """The key of a file: 32 bytes in base64 or in hexadecimal (``openssl rand -base64 32``)."""
    text = path.read_text(encoding="ascii", errors="replace").strip()
    for decode in (bytes.fromhex, _from_base64):
        try:
            key = decode(text)
        except (ValueError, binascii.Error):
            continue
        if len(key) == KEY_BYTES:
            return key
    raise RuntimeProblem(f"{path} ne contient pas une clé de 32 octets en base64 ou en hexadécimal.")


def _from_base64(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
