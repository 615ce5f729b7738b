"""Passwords of mailboxes at rest: sealed under a key derived from the master key."""

import os

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from liaison.apps.blobs.store import master_key

NONCE_BYTES = 12


def seal(password: str, address: str) -> bytes:
    """The password encrypted for the one mailbox at ``address``."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + _key().encrypt(nonce, password.encode(), address.encode())


def unseal(sealed: bytes, address: str) -> str:
    return _key().decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], address.encode()).decode()


def _key() -> AESGCM:
    return AESGCM(HKDF(algorithm=SHA256(), length=32, salt=None, info=b"mailbox password").derive(master_key()))
