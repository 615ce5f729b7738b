"""The corpus as files, made once by two processes and used again by the next run."""

import hashlib
from collections.abc import Iterator
from multiprocessing import get_context
from pathlib import Path

from benchmarks.corpus import make_sample

FOLDER = Path("var/bench/mails")


def mails(count: int) -> Iterator[bytes]:
    """The first ``count`` mails of the corpus, the same from one run to the next."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    missing = [number for number in range(count) if not _path(number).is_file()]
    if missing:
        with get_context("spawn").Pool(2) as pool:
            pool.map(_make, missing, chunksize=20)
    return (_path(number).read_bytes() for number in range(count))


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _make(number: int) -> None:
    beside = _path(number).with_suffix(".part")
    beside.write_bytes(make_sample(number).raw)
    beside.rename(_path(number))


def _path(number: int) -> Path:
    return FOLDER / f"{number:06}.eml"
