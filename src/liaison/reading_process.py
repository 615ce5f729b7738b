"""Files from outside are read in a process of their own: one that hangs or swallows the memory is killed, and whoever
asked lives on. Both doors use it: the worker of the intake, and the commands that read files.
"""

import multiprocessing
import resource
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import count
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import TypeVar, cast

from liaison.core.notices import Notice, Unreadable
from liaison.core.pdf.text import read_pdf, render_page
from liaison.core.pdf.values import PdfText
from liaison.runtime.memory import stay_for_many_files

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
        reader = _reader()
        try:
            made = reader.ask(function, args)
        except TimeoutError:
            _kill(reader)
            return TOO_LONG
        except (EOFError, ConnectionError, MemoryError):
            _kill(reader)
            return TOO_HEAVY
        if next(_files) % FILES_A_PROCESS == 0:
            _leave(reader)
        return cast("T", made)


def be_ready() -> None:
    """Start the process before there is a file to read."""
    with _turn:
        _reader()


@dataclass(frozen=True, slots=True)
class _Reader:
    """The process and our end of the line to it."""

    process: BaseProcess
    line: Connection

    def ask(self, function: Callable[..., object], args: tuple[object, ...], seconds: float | None = None) -> object:
        """What it answers. Raises TimeoutError, what its fall makes of the line, or what the function raised."""
        self.line.send((function, args))
        if not self.line.poll(seconds or SECONDS):
            raise TimeoutError
        made, raised = self.line.recv()
        if raised is not None:
            raise raised
        return made


@lru_cache(maxsize=1)
def _reader() -> _Reader:
    """The process, ready: the time it takes to start on a busy machine is no fault of the first file."""
    context = multiprocessing.get_context("spawn")
    ours, its = context.Pipe()
    process = context.Process(target=_answer, args=(its,), daemon=True)
    process.start()
    its.close()
    reader = _Reader(process, ours)
    reader.ask(_settle, (), START_SECONDS)
    return reader


def _answer(line: Connection) -> None:
    """The life of the process: it ends when nobody is at the other end. Ctrl-C is for whoever asks."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        try:
            function, args = line.recv()
        except EOFError:
            return
        line.send(_made(function, args))


def _made(function: Callable[..., object], args: tuple[object, ...]) -> tuple[object, Exception | None]:
    try:
        return function(*args), None
    except Exception as error:  # noqa: BLE001 (it is whoever asked that it concerns)
        return None, error


def _settle() -> None:
    stay_for_many_files()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


def _kill(reader: _Reader) -> None:
    reader.process.kill()
    _leave(reader)


def _leave(reader: _Reader) -> None:
    """It ends by itself, its line being cut."""
    reader.line.close()
    _reader.cache_clear()


def _read(data: bytes, trusted: tuple[bytes, ...]) -> PdfText | Unreadable:
    reading = read_pdf(data, trusted=trusted)
    return replace(reading, attachments=()) if isinstance(reading, PdfText) else reading


def _render(data: bytes, page: int, width: int) -> bytes:
    return render_page(data, page, width=width)
