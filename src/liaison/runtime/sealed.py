"""A stream of bytes sealed by pieces: AES-256-GCM, so that a file of any size is written and read without holding it.

Each piece bears its number and whether it is the last one: pieces moved, repeated, lost at the end or altered are found
(the STREAM construction). The key of a file is drawn from the site's key and a salt of its own.
"""

import os
import struct
from collections.abc import Iterator
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from liaison.runtime.errors import RuntimeProblem

MAGIC = b"LIAISON-SEALED-1\n"
PIECE_BYTES = 1024 * 1024
KEY_BYTES = 32
SALT_BYTES = 32
_TAG_BYTES = 16


class SealBroken(RuntimeProblem):
    """The file is not one of ours, was sealed by another key, or was altered or cut."""


class Sealer:
    """Writes a sealed file. Without ``close`` it has no end, and is refused when read."""

    def __init__(self, file: BinaryIO, key: bytes) -> None:
        self._file = file
        salt = os.urandom(SALT_BYTES)
        self._cipher = _cipher(key, salt)
        self._waiting = bytearray()
        self._number = 0
        file.write(MAGIC + salt)

    def write(self, content: bytes) -> None:
        self._waiting += content
        while len(self._waiting) > PIECE_BYTES:  # the last piece is known for it only once nothing follows
            self._give(bytes(self._waiting[:PIECE_BYTES]), last=False)
            del self._waiting[:PIECE_BYTES]

    def close(self) -> None:
        self._give(bytes(self._waiting), last=True)
        self._waiting.clear()

    def _give(self, piece: bytes, *, last: bool) -> None:
        self._file.write(self._cipher.encrypt(_nonce(self._number, last=last), piece, None))
        self._number += 1


def unsealed(file: BinaryIO, key: bytes) -> Iterator[bytes]:
    """The plain pieces of a sealed file, each once it is known for sound. Raises SealBroken."""
    if file.read(len(MAGIC)) != MAGIC:
        raise SealBroken("Ce fichier n'est pas une sauvegarde de Liaison.")
    cipher = _cipher(key, file.read(SALT_BYTES))
    piece, number = file.read(PIECE_BYTES + _TAG_BYTES), 0
    while True:
        following = file.read(PIECE_BYTES + _TAG_BYTES)
        try:
            yield cipher.decrypt(_nonce(number, last=not following), piece, None)
        except (InvalidTag, ValueError) as problem:
            raise SealBroken("La sauvegarde est abîmée, coupée, ou scellée par une autre clé.") from problem
        if not following:
            return
        piece, number = following, number + 1


def _nonce(number: int, *, last: bool) -> bytes:
    return struct.pack(">3xQ?", number, last)


def _cipher(key: bytes, salt: bytes) -> AESGCM:
    if len(key) != KEY_BYTES or len(salt) != SALT_BYTES:
        raise SealBroken("La clé de sauvegarde doit faire 32 octets, ou le fichier est coupé.")
    return AESGCM(HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=salt, info=b"liaison backup").derive(key))
