"""Files from outside are read in a process of their own: one that hangs or swallows the memory is killed, and whoever
asked lives on. Both doors use it: the worker of the intake, and the commands that read files.
"""

import multiprocessing
import resource
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from functools import lru_cache
from itertools import count
from typing import TypeVar

from liaison.core.notices import Notice, Unreadable
from liaison.core.pdf.text import read_pdf, render_page
from liaison.core.pdf.values import PdfText

T = TypeVar("T")

SECONDS = 20.0
START_SECONDS = 120.0
MEMORY_BYTES = 1024**3
FILES_A_PROCESS = 1000
"""A process kept for ever keeps what its library forgets to give back."""

TOO_LONG = Unreadable(Notice("pdf_too_long", "Le PDF n'a pas pu être lu dans le temps prévu."))
TOO_HEAVY = Unreadable(Notice("pdf_too_heavy", "Le PDF a fait échouer le lecteur (mémoire ou fichier abîmé)."))

_turn = threading.Lock()
_files = count(1)


def read_pdf_apart(data: bytes, trusted: tuple[bytes, ...] = ()) -> PdfText | Unreadable:
    """The text of a PDF and its signatures up to the ``trusted`` authorities, within SECONDS and MEMORY_BYTES."""
    return apart(_read, data, trusted)


def render_page_apart(data: bytes, page: int, width: int) -> bytes | Unreadable:
    """One page as PNG bytes, within the same bounds."""
    return apart(_render, data, page, width)


def apart(function: Callable[..., T], *args: object) -> T | Unreadable:
    """What a function of a module makes of its arguments, within the bounds. Never raises for what its file does.

    One file at a time: the time of one never counts against the next, and its fall takes no other with it.
    """
    with _turn:
        pool = _pool()
        try:
            made = pool.submit(function, *args).result(timeout=SECONDS)
        except TimeoutError:
            _kill(pool)
            return TOO_LONG
        except (BrokenProcessPool, MemoryError):
            _kill(pool)
            return TOO_HEAVY
        if next(_files) % FILES_A_PROCESS == 0:
            _leave(pool)
        return made


@lru_cache(maxsize=1)
def _pool() -> ProcessPoolExecutor:
    """The process, ready: the time it takes to start on a busy machine is no fault of the first file."""
    pool = ProcessPoolExecutor(max_workers=1, mp_context=multiprocessing.get_context("spawn"), initializer=_bound)
    pool.submit(_bound).result(timeout=START_SECONDS)
    return pool


def _bound() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


def _kill(pool: ProcessPoolExecutor) -> None:
    for process in list(pool._processes.values()):  # noqa: SLF001 (the executor has no public way to end a hung child)
        process.kill()
    _leave(pool)


def _leave(pool: ProcessPoolExecutor) -> None:
    pool.shutdown(wait=False, cancel_futures=True)
    _pool.cache_clear()


def _read(data: bytes, trusted: tuple[bytes, ...]) -> PdfText | Unreadable:
    reading = read_pdf(data, trusted=trusted)
    return replace(reading, attachments=()) if isinstance(reading, PdfText) else reading


def _render(data: bytes, page: int, width: int) -> bytes:
    return render_page(data, page, width=width)
