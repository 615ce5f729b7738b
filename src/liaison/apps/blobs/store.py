"""Blobs: bytes named by their SHA-256 and encrypted under a key of their own (AES-256-GCM, envelope encryption).

What stands inside a blob (a file attached to a message) has a name too, and no bytes of its own: it is cut out of the
blob that holds it, by who knows where it stands (ADR 0018).
"""

import base64
import hashlib
import os
from collections.abc import Callable, Iterable
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from liaison.apps.blobs.storage import BlobStorage, FolderStorage

FORMAT = b"LB1\0"
NONCE_BYTES = 12
KEY_BYTES = 32
WRAPPED_KEY_BYTES = NONCE_BYTES + KEY_BYTES + 16


class BlobDamaged(Exception):  # noqa: N818 (a state of the blob, named as such)
    """The bytes on the disk are not those that were kept: altered, truncated, or another key."""


class BlobStore:
    """Puts and gets bytes by their SHA-256. Each blob has its own data key, wrapped by the master key."""

    def __init__(self, storage: BlobStorage, master_key: bytes) -> None:
        self.storage = storage
        self.master = AESGCM(master_key)

    def put(self, content: bytes) -> str:
        """Keep ``content``, durably, and give its name: the SHA-256 of the plain bytes, in hexadecimal."""
        return self.put_all([content])[0]

    def put_all(self, contents: Iterable[bytes]) -> list[str]:
        """Keep them all, durably, waiting for the disk as little as can be, and give their names in order."""
        named = [(name_of(content), content) for content in contents]
        new = {name: content for name, content in named if not self.storage.exists(name)}
        self.storage.settle({name for name, _ in named} - new.keys())
        self.storage.write({name: self._seal(name, content) for name, content in new.items()})
        return [name for name, _ in named]

    def get(self, name: str) -> bytes:
        """The plain bytes of ``name``. Raises FileNotFoundError or BlobDamaged."""
        return self.opened(name, self.storage.read(name))

    def opened(self, name: str, sealed: bytes) -> bytes:
        """The plain bytes of what is kept, or was copied, under a name. Raises BlobDamaged."""
        content = self._unseal(name, sealed)
        if name_of(content) != name:
            raise BlobDamaged(name)
        return content

    def _seal(self, name: str, content: bytes) -> bytes:
        data_key = AESGCM.generate_key(bit_length=KEY_BYTES * 8)
        return b"".join(
            (FORMAT, *_encrypted(self.master, data_key, name), *_encrypted(AESGCM(data_key), content, name))
        )

    def _unseal(self, name: str, sealed: bytes) -> bytes:
        body = memoryview(sealed)[len(FORMAT) :]
        if not sealed.startswith(FORMAT) or len(body) < WRAPPED_KEY_BYTES + NONCE_BYTES:
            raise BlobDamaged(name)
        try:
            data_key = _decrypt(self.master, body[:WRAPPED_KEY_BYTES], name)
            return _decrypt(AESGCM(data_key), body[WRAPPED_KEY_BYTES:], name)
        except InvalidTag as error:
            raise BlobDamaged(name) from error


def name_of(content: bytes) -> str:
    """The SHA-256 in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def _encrypted(key: AESGCM, content: bytes, name: str) -> tuple[bytes, bytes]:
    """The nonce, then what is encrypted with it."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce, key.encrypt(nonce, content, name.encode())


def _decrypt(key: AESGCM, sealed: memoryview, name: str) -> bytes:
    return key.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], name.encode())


def master_key() -> bytes:
    """The key of LIAISON_BLOB_KEY: 32 bytes in base64."""
    key = base64.b64decode(settings.BLOB_KEY)
    if len(key) != KEY_BYTES:
        raise ImproperlyConfigured("LIAISON_BLOB_KEY must be 32 bytes in base64.")
    return key


@lru_cache(maxsize=1)
def default_store() -> BlobStore:
    return BlobStore(FolderStorage(settings.HOME / "blobs"), master_key())


def put(content: bytes) -> str:
    return default_store().put(content)


def put_all(contents: Iterable[bytes]) -> list[str]:
    return default_store().put_all(contents)


def get(name: str) -> bytes:
    """The bytes of that name, kept or cut out of a blob. Raises FileNotFoundError or BlobDamaged."""
    try:
        return default_store().get(name)
    except FileNotFoundError:
        cut = next(filter(None, (cutter(name) for cutter in _cutters)), None)
        if cut is None:
            raise
        if name_of(cut) != name:
            raise BlobDamaged(name) from None
        return cut


_cutters: list[Callable[[str], bytes | None]] = []


def cut_with(cutter: Callable[[str], bytes | None]) -> None:
    """Give the way to the bytes inside other blobs: called with a name, it returns None for one it does not know."""
    _cutters.append(cutter)
