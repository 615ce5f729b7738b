"""A PDF that hangs or swallows the memory is a remark on that PDF, and on no other."""

import os
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from liaison.apps.intake import pdf_process
from liaison.core.notices import Unreadable
from liaison.core.pdf.letter import write_letter
from liaison.core.pdf.values import Letter, PdfText


def test_a_letter_is_read_in_another_process() -> None:
    reading = pdf_process.read_pdf_apart(write_letter(Letter("Lettre de liaison", (), (), "2026-11-20", (), ())))
    assert isinstance(reading, PdfText)
    assert "Lettre de liaison" in reading.text


def test_one_that_hangs_is_killed_and_its_neighbours_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    pdf_process._apart(time.time)
    monkeypatch.setattr(pdf_process, "SECONDS", 2.0)
    with ThreadPoolExecutor(3) as threads:
        hung = threads.submit(pdf_process._apart, time.sleep, 60)
        neighbours = [threads.submit(pdf_process._apart, time.time) for _ in range(4)]
        assert hung.result() == pdf_process.TOO_LONG
        monkeypatch.setattr(pdf_process, "SECONDS", 20.0)
        assert not any(isinstance(neighbour.result(), Unreadable) for neighbour in neighbours)


def test_one_that_kills_its_reader_is_a_remark_and_the_next_is_read() -> None:
    assert pdf_process._apart(os._exit, 3) == pdf_process.TOO_HEAVY
    assert not isinstance(pdf_process._apart(time.time), Unreadable)
