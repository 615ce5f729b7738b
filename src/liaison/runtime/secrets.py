"""Secrets made once on this machine and kept in files only their owner can read."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from liaison.runtime.paths import Home


def secret(home: Home, name: str, size: int = 32) -> bytes:
    """The secret called `name`, `size` random bytes, made at the first call and the same ever after."""
    return secret_in(home.keys, name, size)


def is_kept(home: Home, name: str) -> bool:
    """Whether the secret called `name` was made, or brought, here."""
    return (home.keys / name).is_file()


def secret_in(folder: Path, name: str, size: int = 32) -> bytes:
    """As `secret`, in a folder of the caller's choice."""
    path = folder / name
    with suppress(FileNotFoundError):
        return path.read_bytes()
    return kept_in(folder, name, secrets.token_bytes(size))


def kept_in(folder: Path, name: str, content: bytes) -> bytes:
    """The secret called `name` in a folder: `content`, unless one stands there already, which is never replaced."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _publish(folder / name, content)
    return (folder / name).read_bytes()


def _publish(path: Path, content: bytes) -> None:
    """Whole or absent, and the first writer wins: a hard link never replaces an existing name."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            path.hardlink_to(draft)
    finally:
        draft.unlink()
