"""The disk under Liaison: a small one that can be filled, and what a power cut takes from it.

A kill leaves the system's memory whole, so a missing fsync does no harm to a killed process. Here each flush is told,
and a power cut takes back from the blob folder everything that was not flushed: content without fsync is emptied, a
name whose folder was not flushed after it is removed. All that is unflushed is lost at each cut: the worst of disks.
"""

import ctypes
import errno
import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from liaison.apps.blobs import storage

SIZE = 3 * 1024**3
FILLING_STEP = 64 * 1024
CLONE_NEWNS = 0x20000
REFUSALS = {errno.ENOSPC, errno.EIO, errno.EFBIG}


@dataclass(frozen=True, slots=True)
class Disk:
    """A file of ours with a file system in it, mounted on ``folder`` for this process and its children alone."""

    folder: Path

    @contextmanager
    def full(self, left: int) -> Iterator[None]:
        """Nothing free but ``left`` bytes, for the time of a block."""
        filler = self.folder / "filler"
        state = os.statvfs(self.folder)
        with filler.open("wb") as file:
            _fill(file.fileno(), max(state.f_bavail * state.f_frsize - left, 1))
        try:
            yield
        finally:
            filler.unlink()


def _fill(number: int, size: int) -> None:
    """As much of ``size`` bytes as there is: the tables of the file system take blocks of their own, PostgreSQL too."""
    while size > 0:
        try:
            os.posix_fallocate(number, 0, size)
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
            size -= FILLING_STEP
        else:
            return


def small_disk(folder: Path) -> Disk | None:
    """A disk that takes no more room than what is written to it; None where the machine refuses. It ends with us."""
    image, mounted = folder / "disk.img", folder / "disk"
    mounted.mkdir()
    try:
        with image.open("wb") as file:
            file.truncate(SIZE)
        _alone_with_our_mounts()
        run("mkfs.ext4", "-q", "-F", "-m", "0", str(image))
        run("mount", "-o", "loop", str(image), str(mounted))
    except OSError:
        return None
    return Disk(mounted)


def _alone_with_our_mounts() -> None:
    """The mount is seen by this process and its children, and goes with the last of them."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNS):
        raise OSError(ctypes.get_errno(), "unshare")
    run("mount", "--make-rprivate", "/")


def run(program: str, *arguments: str) -> None:
    """A program of the system; OSError when it says no."""
    path = shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    done = subprocess.run([path or program, *arguments], capture_output=True, check=False)  # noqa: S603 (our own words)
    if done.returncode:
        raise OSError(done.returncode, program)


def tell(pipe: int) -> None:
    """In the worker: tell every flush, by the inode for a file and by the names present for a folder, and each write
    the system refused.
    """
    flush, write = os.fsync, storage.FolderStorage.write

    def told(number: Any) -> None:
        flush(number)
        _say(pipe, _flushed(number))

    def written(self: storage.FolderStorage, contents: Mapping[str, bytes]) -> None:
        try:
            write(self, contents)
        except OSError as error:
            _say(pipe, {"refused": error.errno})
            raise

    setattr(os, "fsync", told)  # noqa: B010 (its signature is narrower than the system's)
    setattr(storage.FolderStorage, "write", written)  # noqa: B010 (a method is not to be assigned)


def _say(pipe: int, what: dict[str, Any]) -> None:
    os.write(pipe, (json.dumps(what) + "\n").encode())


def _flushed(number: int) -> dict[str, Any]:
    path = Path(f"/proc/self/fd/{number}").readlink()
    if path.is_dir():
        return {"folder": str(path), "names": {each.name: each.stat().st_ino for each in path.iterdir()}}
    return {"inode": os.fstat(number).st_ino}


@dataclass(slots=True)
class Flushes:
    """The inodes whose content was flushed, those each flushed folder named, and how many writes were refused."""

    contents: set[int] = field(default_factory=set)
    names: dict[tuple[str, str], int] = field(default_factory=dict)
    refusals: int = 0

    def hear(self, lines: bytes) -> None:
        """What a life told, in order; its last words may be cut."""
        for line in lines.split(b"\n")[:-1]:
            told = json.loads(line)
            if "refused" in told:
                self.refusals += told["refused"] in REFUSALS
            elif "inode" in told:
                self.contents.add(told["inode"])
            else:
                self.names |= {(told["folder"], name): inode for name, inode in told["names"].items()}

    def cut_power(self, blobs: Path) -> int:
        """Take back what was never flushed; how many files were lost or emptied."""
        lost = 0
        for path in [path for path in blobs.rglob("*") if path.is_file()]:
            inode = path.stat().st_ino
            if self.names.get((str(path.parent), path.name)) != inode:
                path.unlink()
                self.contents.discard(inode)
                lost += 1
            elif inode not in self.contents:
                path.write_bytes(b"")
                lost += 1
        return lost
