"""The commands that read the files they are given and nothing else: no database, no settings, no Django."""

import json
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import typer

from liaison.core.inspection.inspect import inspect as inspect_bytes
from liaison.core.inspection.inspect import unreadable
from liaison.core.inspection.summary import summary
from liaison.core.notices import Notice, Unreadable
from liaison.core.pdf.text import read_pdf

MAX_FILE_BYTES = 200_000_000

FILE_MISSING = Notice("file_missing", "Ce fichier n'existe pas.")
FILE_CLOSED = Notice("file_not_readable", "Ce fichier ne peut pas être ouvert.")
FILE_TOO_BIG = Notice("file_too_big", "Ce fichier est trop gros pour être lu (200 Mo au plus).")


def inspect(files: Sequence[str], *, as_json: bool, trust: Path | None) -> int:
    """One line of JSON, or one summary, for each file in the order given; always 0, whatever the files hold."""
    trusted = tuple(path.read_bytes() for path in sorted(trust.glob("*.pem"))) if trust else ()
    show: Callable[[dict[str, Any]], None] = say_json if as_json else _say_summary
    for name in files:
        data = read_file(name)
        if isinstance(data, Unreadable):
            show(unreadable(name, data.notice))
        else:
            show(inspect_bytes(name, data, read_pdf=partial(read_pdf, trusted=trusted)))
    return 0


def read_file(name: str) -> bytes | Unreadable:
    """The bytes of a file, or why there are none."""
    try:
        path = Path(name)
        if path.stat().st_size > MAX_FILE_BYTES:
            return Unreadable(FILE_TOO_BIG)
        return path.read_bytes()
    except FileNotFoundError:
        return Unreadable(FILE_MISSING)
    except (OSError, ValueError):
        return Unreadable(FILE_CLOSED)


def _say_summary(inspection: dict[str, Any]) -> None:
    say(summary(inspection) + "\n")


def say_json(value: dict[str, Any]) -> None:
    say(json.dumps(value, ensure_ascii=False))


def say(text: str) -> None:
    """In UTF-8 whatever the terminal says; half a character, as broken file names hold, is escaped as JSON does."""
    typer.echo(text.encode("utf-8", "backslashreplace"))
