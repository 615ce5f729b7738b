"""Reading PDF files as they come: whole, broken, locked, empty, endless."""

from io import BytesIO

import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import copy_into_new_writer

from liaison.core.inspection.inspect import inspect
from liaison.core.notices import Unreadable
from liaison.core.pdf import attachments
from liaison.core.pdf import text as reader
from liaison.core.pdf.letter import Letter, LetterSection, write_letter
from liaison.core.pdf.text import count_pages, read_pdf, render_page
from liaison.core.pdf.values import PdfText, Word

PDF = write_letter(Letter("Compte rendu", (), (), "2026-03-04", (), (LetterSection("", ("Œdème des membres.",)),)))


def refusal(data: bytes) -> str:
    reading = read_pdf(data)
    assert isinstance(reading, Unreadable)
    return reading.notice.code


def blank(pages: int, width: float = 200, height: float = 200) -> bytes:
    document = pypdfium2.PdfDocument.new()
    for _ in range(pages):
        document.new_page(width, height)
    output = BytesIO()
    document.save(output)
    return output.getvalue()


def locked(to_read: str = "lecteur") -> bytes:
    """A PDF behind a password, as its encryption dictionary says (ISO 32000-1, 7.6)."""
    writer = copy_into_new_writer(PdfFileReader(BytesIO(PDF)))
    writer.encrypt(owner_pass="proprietaire", user_pass=to_read)
    output = BytesIO()
    writer.write(output)
    return output.getvalue()


def test_the_text_of_each_page_is_read_with_its_accents() -> None:
    reading = read_pdf(PDF)
    assert isinstance(reading, PdfText)
    assert "Œdème des membres." in reading.pages[0]
    assert (reading.signatures, reading.notices) == ((), ())


@pytest.mark.parametrize(
    ("data", "code"),
    [(b"", "pdf_empty"), (b"  \n", "pdf_empty"), (b"bonjour", "pdf_broken"), (PDF[:60], "pdf_broken")],
)
def test_what_is_no_pdf_says_why(data: bytes, code: str) -> None:
    assert refusal(data) == code


def test_a_pdf_behind_a_password_is_refused_with_what_to_do() -> None:
    data = locked()
    assert refusal(data) == "pdf_encrypted"
    assert (count_pages(data), render_page(data, 0, width=100)) == (0, b"")


def test_a_pdf_that_is_only_protected_against_changes_is_read() -> None:
    reading = read_pdf(locked(to_read=""))
    assert isinstance(reading, PdfText)
    assert "Œdème des membres." in reading.text


def test_a_pdf_over_the_cap_is_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "MAX_BYTES", len(PDF) - 1)
    assert refusal(PDF) == "pdf_too_big"


def test_a_pdf_of_pictures_says_that_its_text_cannot_be_searched() -> None:
    reading = read_pdf(blank(2))
    assert isinstance(reading, PdfText)
    assert (reading.pages, [notice.code for notice in reading.notices]) == (("", ""), ["pdf_no_text"])


def test_an_endless_pdf_is_read_to_the_page_cap_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "MAX_PAGES", 3)
    data = blank(5)
    reading = read_pdf(data)
    assert isinstance(reading, PdfText)
    assert (len(reading.pages), [notice.code for notice in reading.notices]) == (3, ["pdf_truncated"])
    assert (reading.page_count, count_pages(data)) == (5, 5)
    assert inspect("f", data)["documents"][0]["pdf"]["pages"] == 5


def test_a_page_of_too_many_characters_is_cut_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "MAX_CHARACTERS", 5)
    reading = read_pdf(PDF)
    assert isinstance(reading, PdfText)
    assert (reading.text, [notice.code for notice in reading.notices]) == ("Le 4", ["pdf_truncated"])


def test_a_page_is_drawn_at_the_width_asked() -> None:
    picture = Image.open(BytesIO(render_page(PDF, 0, width=420)))
    assert (picture.format, picture.width) == ("PNG", 420)
    darkest, lightest = picture.convert("L").getextrema()
    assert darkest < 100
    assert lightest == 255


def test_an_absurdly_tall_page_stays_within_the_pixel_cap() -> None:
    picture = Image.open(BytesIO(render_page(blank(1, 10, 14000), 0, width=4000)))
    assert picture.width * picture.height <= reader.MAX_PIXELS * 1.1


@pytest.mark.parametrize("page", [-1, 1, 99])
def test_a_page_that_is_not_there_is_not_drawn(page: int) -> None:
    assert render_page(PDF, page, width=100) == b""


def with_files(*files: tuple[str, bytes]) -> bytes:
    document = pypdfium2.PdfDocument(PDF)
    for name, content in files:
        document.new_attachment(name).set_data(content)
    output = BytesIO()
    document.save(output)
    return output.getvalue()


def test_embedded_files_are_listed_with_what_their_bytes_are() -> None:
    reading = read_pdf(with_files(("données.pdf", b"<?xml version='1.0'?><a/>"), ("image", b"\x89PNG\r\n\x1a\n")))
    assert isinstance(reading, PdfText)
    assert [(each.name, each.media_type, each.content) for each in reading.attachments] == [
        ("données.pdf", "text/xml", b"<?xml version='1.0'?><a/>"),
        ("image", "image/png", b"\x89PNG\r\n\x1a\n"),
    ]


def test_too_many_embedded_files_are_cut_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attachments, "MAX_BYTES", 5)
    reading = read_pdf(with_files(("a", b"abc"), ("b", b"defg"), ("c", b"hi")))
    assert isinstance(reading, PdfText)
    assert [each.name for each in reading.attachments] == ["a", "c"]
    assert [notice.code for notice in reading.notices] == ["pdf_attachments_truncated"]


def words_of(data: bytes) -> dict[str, Word]:
    reading = read_pdf(data, positions=True)
    assert isinstance(reading, PdfText)
    return {word.text: word for word in reading.words}


def test_each_word_has_its_place_when_asked() -> None:
    reading = read_pdf(PDF, positions=True)
    assert isinstance(reading, PdfText)
    assert [word.text for word in reading.words] == reading.text.split()
    assert all(0 <= word.left < word.right <= 596 and 0 <= word.top < word.bottom <= 842 for word in reading.words)
    assert isinstance(plain := read_pdf(PDF), PdfText)
    assert plain.words == ()


def test_a_word_is_where_it_is_drawn() -> None:
    word = words_of(PDF)["Œdème"]
    picture = Image.open(BytesIO(render_page(PDF, 0, width=1190))).convert("L")
    box = [round(side * 2) for side in (word.left, word.top, word.right, word.bottom)]
    assert picture.crop((box[0], box[1], box[2], box[3])).getextrema()[0] < 100
    assert picture.crop((box[0], box[3] + 4, box[2], box[3] + 12)).getextrema()[0] == 255


def test_on_a_page_shown_sideways_words_are_placed_as_they_are_seen() -> None:
    document = pypdfium2.PdfDocument(PDF)
    document[0].set_rotation(90)
    output = BytesIO()
    document.save(output)
    upright, turned = words_of(PDF)["membres."], words_of(output.getvalue())["membres."]
    assert turned.right == pytest.approx(842 - upright.top, abs=1)
    assert turned.top == pytest.approx(upright.left, abs=1)


def test_words_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "MAX_WORDS", 2)
    assert len(words_of(PDF)) == 2


@settings(deadline=None)
@given(st.integers(0, len(PDF) - 1), st.binary(min_size=1, max_size=8))
def test_no_damage_makes_the_reader_raise(position: int, patch: bytes) -> None:
    data = PDF[:position] + patch + PDF[position + len(patch) :]
    assert isinstance(read_pdf(data + b"/ByteRange", positions=True), PdfText | Unreadable)
    count_pages(data)
    render_page(data, 0, width=30)
