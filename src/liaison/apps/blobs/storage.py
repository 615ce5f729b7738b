"""Where blobs lie: a folder, or memory in tests. Names are SHA-256 in hexadecimal; what is written is durable."""

import os
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Protocol
from uuid import uuid4

from liaison.runtime.failpoints import reach


class BlobStorage(Protocol):
    """The one interface: a folder here, an S3 bucket elsewhere."""

    def write(self, contents: Mapping[str, bytes]) -> None:
        """Keep each content under its name; all durable once this returns; a name written before stays as it is."""

    def settle(self, names: Iterable[str]) -> None:
        """Make durable names that exist: who wrote one may have died before he could."""

    def read(self, name: str) -> bytes:
        """The content of ``name``; FileNotFoundError when there is none."""

    def exists(self, name: str) -> bool: ...

    def names(self) -> Iterator[str]:
        """Every name kept, in order."""


class FolderStorage:
    """Files in 256 sub-folders of two letters, written beside, flushed to the disk, then renamed in place.

    Each file is flushed once, and each folder that gained one: several kept together wait less than one by one.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, contents: Mapping[str, bytes]) -> None:
        new = {self._path(name): content for name, content in contents.items() if not self.exists(name)}
        for path, beside in {path: _written_beside(path, content) for path, content in new.items()}.items():
            reach("blob: written beside")
            beside.replace(path)
        reach("blob: renamed")
        for folder in {path.parent for path in new}:
            _flush_folder(folder)

    def settle(self, names: Iterable[str]) -> None:
        """The content was flushed before it got its name; the folder that holds the name may not have been."""
        for folder in {self._path(name).parent for name in names}:
            _flush_folder(folder)

    def read(self, name: str) -> bytes:
        return self._path(name).read_bytes()

    def exists(self, name: str) -> bool:
        return self._path(name).exists()

    def names(self) -> Iterator[str]:
        for path in sorted(self.folder.glob("??/*")):
            if not path.name.startswith("."):
                yield path.parent.name + path.name

    def _path(self, name: str) -> Path:
        return self.folder / name[:2] / name[2:]

    @cached_property
    def folder(self) -> Path:
        """The folder with its sub-folders, which are durable before the first file is."""
        for number in range(256):
            (self._folder / f"{number:02x}").mkdir(mode=0o700, parents=True, exist_ok=True)
        _flush_folder(self._folder)
        return self._folder


class MemoryStorage:
    """The twin for tests."""

    def __init__(self) -> None:
        self.contents: dict[str, bytes] = {}

    def write(self, contents: Mapping[str, bytes]) -> None:
        self.contents = {**contents, **self.contents}

    def settle(self, names: Iterable[str]) -> None:
        """Memory is as durable as it gets."""

    def read(self, name: str) -> bytes:
        if name not in self.contents:
            raise FileNotFoundError(name)
        return self.contents[name]

    def exists(self, name: str) -> bool:
        return name in self.contents

    def names(self) -> Iterator[str]:
        return iter(sorted(self.contents))


def _written_beside(path: Path, content: bytes) -> Path:
    beside = path.with_name(f".{path.name}.{uuid4().hex}")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        reach("blob: half written")
        file.flush()
        os.fsync(file.fileno())
    return beside


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
