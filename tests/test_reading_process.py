"""A PDF that hangs or swallows the memory is a remark on that PDF, and on no other."""

import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

import pytest

from liaison import reading_process
from liaison.cli import documents
from liaison.core.notices import Unreadable
from liaison.core.pdf.letter import write_letter
from liaison.core.pdf.values import Letter, PdfText
from tests.core.inspection.files import the_cda, the_pdf
from tests.support.unruly import falls, hangs, swallows


def test_a_letter_is_read_in_another_process() -> None:
    reading = reading_process.read_pdf_apart(write_letter(Letter("Lettre de liaison", (), (), "2026-11-20", (), ())))
    assert isinstance(reading, PdfText)
    assert "Lettre de liaison" in reading.text


def test_one_that_hangs_is_killed_and_its_neighbours_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    reading_process.apart(time.time)
    monkeypatch.setattr(reading_process, "SECONDS", 2.0)
    with ThreadPoolExecutor(3) as threads:
        hung = threads.submit(reading_process.apart, time.sleep, 60)
        neighbours = [threads.submit(reading_process.apart, time.time) for _ in range(4)]
        assert hung.result() == reading_process.TOO_LONG
        monkeypatch.setattr(reading_process, "SECONDS", 20.0)
        assert not any(isinstance(neighbour.result(), Unreadable) for neighbour in neighbours)


def test_one_that_kills_its_reader_is_a_remark_and_the_next_is_read() -> None:
    assert reading_process.apart(os._exit, 3) == reading_process.TOO_HEAVY
    assert not isinstance(reading_process.apart(time.time), Unreadable)


def test_the_process_is_kept_then_replaced_after_many_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading_process, "FILES_A_PROCESS", 3)
    monkeypatch.setattr(reading_process, "_files", count(1))
    numbers = [reading_process.apart(os.getpid) for _ in range(7)]
    assert [len({*numbers[:3]}), len({*numbers[3:6]}), len({*numbers})] == [1, 1, 3]


def test_the_process_imports_nothing_of_django() -> None:
    loaded = subprocess.run(
        [sys.executable, "-c", "import liaison.reading_process, liaison.__main__, sys; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert not {"django", "typer", "psycopg", "procrastinate"} & set(loaded.stdout.split())


@pytest.mark.parametrize(
    ("reader", "code"), [(hangs, "pdf_too_long"), (falls, "pdf_too_heavy"), (swallows, "pdf_too_heavy")]
)
def test_inspect_survives_a_pdf_that_hangs_falls_or_swallows(
    reader: object, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(reading_process, "_read", reader)
    monkeypatch.setattr(reading_process, "SECONDS", 5.0)
    (tmp_path / "lettre.pdf").write_bytes(the_pdf())
    (tmp_path / "suite.xml").write_bytes(the_cda())
    names = [str(tmp_path / name) for name in ("lettre.pdf", "suite.xml")]
    assert documents.inspect(names, as_json=True, trust=None) == 0
    first, then = map(json.loads, capsys.readouterr().out.splitlines())
    assert code in [each["code"] for each in first["warnings"]]
    assert then["kind"] == "cda"


@pytest.mark.parametrize(("checker", "words"), [(hangs, "dans le temps prévu"), (falls, "fait échouer")])
def test_check_survives_a_file_that_hangs_or_falls(
    checker: object, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(documents, "check_bytes", checker)
    monkeypatch.setattr(reading_process, "SECONDS", 5.0)
    (tmp_path / "lettre.pdf").write_bytes(the_pdf())
    assert documents.check([str(tmp_path / "lettre.pdf")], as_json=False, schematron=None) == 1
    assert words in capsys.readouterr().out
