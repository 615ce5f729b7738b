"""The commands that read the files they are given and nothing else: no database, no settings, no Django."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import typer

from liaison.cli.schematron import Schematrons
from liaison.core.conformance.check import cdas_of
from liaison.core.conformance.check import check as check_bytes
from liaison.core.conformance.finding import Finding
from liaison.core.inspection.inspect import inspect as inspect_bytes
from liaison.core.inspection.inspect import unreadable
from liaison.core.inspection.summary import printable, summary
from liaison.core.medication.from_document import Lines
from liaison.core.notices import Notice, Unreadable
from liaison.ocr_process import read_words_of_pdf
from liaison.reading_process import TOO_LONG, apart, read_pdf_apart

MAX_FILE_BYTES = 200_000_000

_SEVERITIES = {"error": "ERREUR", "warning": "ATTENTION", "note": "NOTE"}
_COUNTED = {
    "error": ("erreur", "erreurs"),
    "warning": ("avertissement", "avertissements"),
    "note": ("note", "notes"),
}

FILE_MISSING = Notice("file_missing", "Ce fichier n'existe pas.")
FILE_CLOSED = Notice("file_not_readable", "Ce fichier ne peut pas être ouvert.")
CHECK_TOO_LONG = Notice("check_too_long", "Ce fichier n'a pas pu être vérifié dans le temps prévu.")
CHECK_FAILED = Notice("check_failed", "Ce fichier a fait échouer la vérification (mémoire ou fichier abîmé).")
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
            show(inspect_bytes(name, data, read_pdf=partial(read_pdf_apart, trusted=trusted), read_lines=_lines_of))
    return 0


def _lines_of(pdf: bytes) -> tuple[Lines, tuple[Notice, ...]]:
    """The drug lines of a PDF, in the bounded process; those of a picture where Tesseract is, a notice where not."""
    lines, _, notices = read_words_of_pdf(pdf)
    return lines, notices


def check(files: Sequence[str], *, as_json: bool, schematron: Path | None) -> int:
    """The findings of each file in the order given; 1 when one of them is an error, 0 when none is."""
    examiner = Examiner(schematron)
    faulty = False
    for name in files:
        findings = examiner.findings(name)
        faulty = faulty or any(each.severity == "error" for each in findings)
        if as_json:
            say_json({"file": name, "findings": [asdict(each) for each in findings]})
        else:
            _say_findings(name, findings)
    return int(faulty)


class Examiner:
    """Our rules, and the schematrons of a folder when one is given."""

    def __init__(self, folder: Path | None) -> None:
        self._schematrons = Schematrons(folder) if folder else None

    def findings(self, name: str) -> tuple[Finding, ...]:
        data = read_file(name)
        if isinstance(data, Unreadable):
            return (Finding("LECTURE", name, "error", data.notice.message),)
        return (*_checked_apart(name, data), *self._of_schematrons(data))

    def _of_schematrons(self, data: bytes) -> Iterator[Finding]:
        if self._schematrons is None:
            return
        for place, content, document in cdas_of(data):
            templates = [(each.root, each.extension) for each in document.templates]
            for finding in self._schematrons.check(content, templates):
                yield finding.inside(place) if place else finding


def _checked_apart(name: str, data: bytes) -> tuple[Finding, ...]:
    found = apart(check_bytes, name, data)
    if isinstance(found, Unreadable):
        return (Finding("LECTURE", name, "error", (CHECK_TOO_LONG if found is TOO_LONG else CHECK_FAILED).message),)
    return found


def _say_findings(name: str, findings: Sequence[Finding]) -> None:
    say(printable(f"{name} : {_verdict(findings)}"))
    for each in findings:
        say(printable(f"  {_SEVERITIES[each.severity]} {each.rule} — {each.place} : {each.message}"))


def _verdict(findings: Sequence[Finding]) -> str:
    counts = {severity: sum(each.severity == severity for each in findings) for severity in _COUNTED}
    said = [f"{count} {_COUNTED[severity][count > 1]}" for severity, count in counts.items() if count]
    return ", ".join(said) or "rien à redire"


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
