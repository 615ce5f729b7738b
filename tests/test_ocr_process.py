"""Scanned pages: read where Tesseract is installed, said not to be read where it is not."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from liaison import ocr_process
from liaison.cli.documents import inspect
from liaison.core.medication.from_document import RECOGNISED, read_pdf_treatments, read_recognised
from liaison.core.notices import Unreadable
from liaison.core.pdf.text import page_sizes, render_page
from tests.apps.test_text_reading import a_pdf


def scanned() -> bytes:
    picture = Image.open(io.BytesIO(render_page(a_pdf(), 0, width=1654))).convert("RGB")
    output = io.BytesIO()
    picture.save(output, "PDF", resolution=200)
    return output.getvalue()


def test_a_picture_of_a_page_has_no_words_of_its_own() -> None:
    read = read_pdf_treatments(scanned())
    assert not isinstance(read, Unreadable)
    assert (read.has_words, read.lines) == (False, ())


def test_without_tesseract_a_clear_notice_says_the_picture_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr_process.shutil, "which", lambda _: None)
    ocr_process.is_installed.cache_clear()
    try:
        assert ocr_process.recognise(scanned(), ((595.0, 842.0),)) == ((), (ocr_process.NOT_INSTALLED,))
    finally:
        ocr_process.is_installed.cache_clear()


def test_a_page_that_cannot_be_read_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr_process, "is_installed", lambda: True)
    words, notices = ocr_process.recognise(b"%PDF-1.4 rien", ((595.0, 842.0),))
    assert (words, notices) == ((), (ocr_process.RECOGNISED, ocr_process.FAILED))


@pytest.mark.skipif(not ocr_process.is_installed(), reason="Tesseract and its French data are not installed")
def test_each_line_of_a_recognised_page_bears_the_doubt_of_it() -> None:
    scan = scanned()
    words, notices = ocr_process.recognise(scan, page_sizes(scan))
    lines, _ = read_recognised(words, page_sizes(scan))
    assert ocr_process.RECOGNISED in notices
    assert [line.name for line in lines][:2] == ["KARDEGIC 75 mg", "ELIQUIS 2,5 mg"]
    assert all(RECOGNISED in line.doubts and line.places for line in lines)


def inspected(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    file = tmp_path / "scan.pdf"
    file.write_bytes(scanned())
    assert inspect([str(file)], as_json=True, trust=None) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


@pytest.mark.skipif(not ocr_process.is_installed(), reason="Tesseract and its French data are not installed")
def test_inspect_reads_the_drugs_of_a_scan_and_says_they_were_recognised(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = inspected(tmp_path, capsys)
    (document,) = found["documents"]
    assert [line["name"] for line in document["medications"]][:2] == ["KARDEGIC 75 mg", "ELIQUIS 2,5 mg"]
    assert "ocr_read" in [warning["code"] for warning in found["warnings"]]


def test_inspect_says_that_a_scan_is_not_read_without_tesseract(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ocr_process, "is_installed", lambda: False)
    found = inspected(tmp_path, capsys)
    assert [document["medications"] for document in found["documents"]] == [[]]
    assert "ocr_not_installed" in [warning["code"] for warning in found["warnings"]]
