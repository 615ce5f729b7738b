"""Which writes a power cut would lose: what was written or renamed and not flushed, seen from what the worker flushed.

A kill leaves the system's memory whole, so a missing fsync does no harm to a killed process. Here each flush is noted,
and a power cut takes back from the blob folder everything that was not flushed: content without fsync is emptied, a
name whose folder was not flushed after it is removed. All that is unflushed is lost at each cut: the worst of disks.
"""

import json
import os
from pathlib import Path
from typing import Any


def note_in(journal: Path) -> None:
    """In the worker: note every flush, by the inode for a file and by the names present for a folder."""
    flush = os.fsync
    descriptor = os.open(journal, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def noted(number: Any) -> None:
        flush(number)
        os.write(descriptor, (json.dumps(_flushed(number)) + "\n").encode())

    setattr(os, "fsync", noted)  # noqa: B010 (its signature is narrower than the system's)


def _flushed(number: int) -> dict[str, Any]:
    path = Path(f"/proc/self/fd/{number}").readlink()
    if path.is_dir():
        return {"folder": str(path), "names": {each.name: each.stat().st_ino for each in path.iterdir()}}
    return {"inode": os.fstat(number).st_ino}


def cut_power(blobs: Path, journal: Path) -> int:
    """Take back what was never flushed since the trial began; how many files were lost or emptied."""
    contents, names = _flushes(journal)
    lost = 0
    with journal.open("a") as written:
        for path in [path for path in blobs.rglob("*") if path.is_file()]:
            inode = path.stat().st_ino
            if names.get((str(path.parent), path.name)) != inode:
                path.unlink()
                written.write(json.dumps({"gone": inode}) + "\n")
                lost += 1
            elif inode not in contents:
                path.write_bytes(b"")
                lost += 1
    return lost


def _flushes(journal: Path) -> tuple[set[int], dict[tuple[str, str], int]]:
    """The inodes whose content was flushed, and those each flushed folder named, in the order it happened."""
    contents: set[int] = set()
    names: dict[tuple[str, str], int] = {}
    for line in journal.read_text().splitlines() if journal.exists() else []:
        flush = json.loads(line)
        if "inode" in flush:
            contents.add(flush["inode"])
        elif "gone" in flush:
            contents.discard(flush["gone"])
        else:
            names |= {(flush["folder"], name): inode for name, inode in flush["names"].items()}
    return contents, names
