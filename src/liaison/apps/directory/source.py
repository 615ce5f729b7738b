"""The file of a national extraction, as it is received: a zip that holds one text, or the text."""

import hashlib
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from django.utils import timezone

from liaison.apps.directory.loading import printable
from liaison.apps.refusals import NotPossible
from liaison.core.directory.extraction import LONGEST_LINE, check_header

BLOCK = 1 << 22
MOST_LINES = 5_000_000
DAMAGED = "Le fichier est endommagé ou incomplet."


@dataclass(frozen=True, slots=True)
class Source:
    """The file to take in; ``published_at`` is the time its publisher or its zip gives it, ``size`` its text's."""

    path: Path
    sha256: str
    published_at: datetime
    size: int


def open_source(path: Path) -> Source:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if not zipfile.is_zipfile(path):
        stated = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        return Source(path, digest, stated, path.stat().st_size)
    with zipfile.ZipFile(path) as archive:
        member = _member(archive)
        local = datetime(*member.date_time, tzinfo=timezone.get_default_timezone())
        return Source(path, digest, min(local, timezone.now()), member.file_size)


def _member(archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    texts = [member for member in archive.infolist() if member.filename.lower().endswith((".txt", ".csv"))]
    if len(texts) != 1:
        raise NotPossible("Cette archive ne porte pas un fichier texte, et un seul.")
    return texts[0]


def batches_of(source: Source, size: int) -> Iterator[tuple[list[str], float]]:
    """The lines after the header, ``size`` at a time, and the share of the file read so far, from 0 to 1.

    Raises NotPossible, in French, for a file that is no extraction or is not whole.
    """
    held: list[str] = []
    lines = 0
    try:
        with _opened(source) as file:
            for block in _blocks(file):
                held += filter(str.strip, printable(block.decode("utf-8")).split("\n"))
                while len(held) > size:
                    lines += size
                    yield held[:size], min(1.0, file.tell() / max(source.size, 1))
                    del held[:size]
                if lines > MOST_LINES:
                    raise NotPossible(f"Le fichier a plus de {MOST_LINES} lignes.")
        if held:
            yield held, 1.0
    except (zipfile.BadZipFile, zlib.error, EOFError, UnicodeDecodeError) as error:
        raise NotPossible(DAMAGED) from error


@contextmanager
def _opened(source: Source) -> Iterator[IO[bytes]]:
    if not zipfile.is_zipfile(source.path):
        with source.path.open("rb") as file:
            yield file
        return
    with zipfile.ZipFile(source.path) as archive, archive.open(_member(archive)) as inner:
        yield inner


def _blocks(file: IO[bytes]) -> Iterator[bytes]:
    """The lines of the file, whole, many at a time: what has no line end for long is no extraction."""
    refusal = check_header(file.readline(LONGEST_LINE).decode("utf-8", "replace"))
    if refusal:
        raise NotPossible(refusal.message)
    begun = b""
    while block := file.read(BLOCK):
        whole, end, rest = (begun + block).rpartition(b"\n")
        if len(rest) > LONGEST_LINE or (end and max(map(len, whole.split(b"\n"))) > LONGEST_LINE):
            raise NotPossible(DAMAGED)
        yield whole
        begun = rest
    if len(begun) > LONGEST_LINE:
        raise NotPossible(DAMAGED)
    yield begun
