"""Scanned pages: read where Tesseract is installed, said not to be read where it is not."""

import io

import pytest
from PIL import Image

from liaison import ocr_process
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
