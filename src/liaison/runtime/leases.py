"""Who uses a shared server now: one small file per holder, dead holders forgotten.

A holder is a process, known by its pid and the instant it started, so that a recycled pid is not mistaken for it.
The caller holds the lock of the server while it calls anything here.
"""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Process:
    """One life of one pid; `started` is in clock ticks since the machine booted (proc(5), stat field 22)."""

    pid: int
    started: int

    def is_alive(self) -> bool:
        return process(self.pid) == self


def process(pid: int) -> Process | None:
    """The living process of that pid; None when there is none, or only its unreaped remains (state Z or X)."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = stat[stat.rindex(b")") + 2 :].split()
    return None if fields[0] in b"ZX" else Process(pid, int(fields[19]))


def command_line(pid: int) -> list[str]:
    """The arguments of a living process; empty when it is gone."""
    try:
        raw = Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return []
    return os.fsdecode(raw).split("\0")[:-1]


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Wait for, and hold, the lock `path`; the kernel drops it if this process dies."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@dataclass(frozen=True, slots=True)
class Lease:
    """This process's claim on the server; a child made by fork does not own its parent's."""

    path: Path
    holder: Process

    def release(self) -> None:
        if self.holder.pid == os.getpid():
            self.path.unlink(missing_ok=True)


def take(folder: Path) -> Lease:
    """Record that this process uses the server."""
    holder = process(os.getpid())
    if holder is None:
        raise ProcessLookupError(os.getpid())
    path = folder / f"{holder.pid}-{holder.started}-{secrets.token_hex(4)}"
    path.touch(mode=0o600)
    return Lease(path, holder)


def holders(folder: Path) -> list[Process]:
    """The living holders, one entry per lease; the leases of the dead are removed."""
    living = []
    for path in folder.iterdir():
        claim = _claim(path.name)
        if claim and claim.is_alive():
            living.append(claim)
        else:
            path.unlink(missing_ok=True)
    return living


def _claim(name: str) -> Process | None:
    with suppress(ValueError):
        pid, started, _ = name.split("-")
        return Process(int(pid), int(started))
    return None
