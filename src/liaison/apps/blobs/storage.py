"""Where blobs lie: a folder, or memory in tests. Names are SHA-256 in hexadecimal; what is written is durable."""

import os
from pathlib import Path
from typing import Protocol
from uuid import uuid4


class BlobStorage(Protocol):
    """The one interface: a folder here, an S3 bucket elsewhere."""

    def write(self, name: str, content: bytes) -> None:
        """Keep ``content`` under ``name``; durable once this returns; writing the same name again changes nothing."""

    def read(self, name: str) -> bytes:
        """The content of ``name``; FileNotFoundError when there is none."""

    def exists(self, name: str) -> bool: ...


class FolderStorage:
    """Files in two-letter sub-folders, written beside, flushed to the disk, then renamed in place."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, name: str, content: bytes) -> None:
        path = self._path(name)
        if path.exists():
            return
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        beside = path.with_name(f".{path.name}.{uuid4().hex}")
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
        _flush_folder(path.parent)
        _flush_folder(self.folder)

    def read(self, name: str) -> bytes:
        return self._path(name).read_bytes()

    def exists(self, name: str) -> bool:
        return self._path(name).exists()

    def _path(self, name: str) -> Path:
        return self.folder / name[:2] / name[2:]


class MemoryStorage:
    """The twin for tests."""

    def __init__(self) -> None:
        self.contents: dict[str, bytes] = {}

    def write(self, name: str, content: bytes) -> None:
        self.contents.setdefault(name, content)

    def read(self, name: str) -> bytes:
        if name not in self.contents:
            raise FileNotFoundError(name)
        return self.contents[name]

    def exists(self, name: str) -> bool:
        return name in self.contents


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
