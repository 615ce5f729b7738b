"""Documents made to harm: each is refused, or read within bounds, and nothing ever raises."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.cda.makers import LETTER, REPORT, a_drug, a_section, readable, refusal
from tests.support.growth import costs_no_more_than_its_size

from liaison.core.cda.build import build_discharge_letter, build_level1
from liaison.core.cda.markup import MAX_BYTES
from liaison.core.cda.medication import MAX_LINES
from liaison.core.cda.read import read_cda
from liaison.core.cda.values import CdaDocument
from liaison.core.notices import Unreadable

XML = build_discharge_letter(LETTER)
BARE = XML.decode().partition("?>")[2].strip()


def with_doctype(subset: str, title: str) -> str:
    body = BARE.replace("<title>", f"<title>{title}", 1)
    return f"<!DOCTYPE ClinicalDocument {subset}>{body}"


def test_an_external_entity_is_refused(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    document = with_doctype(f'[<!ENTITY x SYSTEM "{secret.as_uri()}">]', "&x;")
    assert refusal(read_cda(document.encode())) == "cda_doctype"


def test_a_billion_laughs_is_refused() -> None:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    document = with_doctype(f'[<!ENTITY l0 "ha">{entities}]', "&l9;")
    assert refusal(read_cda(document.encode())) == "cda_doctype"


def test_an_external_dtd_is_refused() -> None:
    assert refusal(read_cda(with_doctype('SYSTEM "http://a.example/x.dtd"', "").encode())) == "cda_doctype"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
def test_a_doctype_does_not_hide_behind_an_encoding(encoding: str) -> None:
    document = with_doctype('[<!ENTITY x "y">]', "&x;")
    assert refusal(read_cda(document.encode(encoding))) == "cda_doctype"


def test_a_doctype_does_not_hide_behind_comments_and_instructions() -> None:
    document = "<!-- a --><?b c?>\n<!-- d -->" + with_doctype('[<!ENTITY x "y">]', "&x;")
    assert refusal(read_cda(document.encode())) == "cda_doctype"


@pytest.mark.parametrize("encoding", ["utf-7", "ibm037", "utf-32", "hz-gb-2312"])
def test_an_encoding_out_of_use_is_refused(encoding: str) -> None:
    assert refusal(read_cda(f'<?xml version="1.0" encoding="{encoding}"?>{BARE}'.encode())) == "cda_encoding"


def test_a_document_over_the_cap_is_refused_unread() -> None:
    assert refusal(read_cda(b" " + XML + b" " * MAX_BYTES)) == "cda_too_big"


def test_a_bottomless_document_is_refused() -> None:
    deep = a_section("A", "<content>" * 5000 + "</content>" * 5000)
    assert refusal(read_cda(deep)) == "cda_not_xml"


def test_a_bottomless_document_does_not_pass_behind_a_big_file() -> None:
    body = build_level1(REPORT, b"x" * 8_000_000, "application/pdf").decode()
    deep = "<recordTarget>" + "<a>" * 1000 + "</a>" * 1000
    assert refusal(read_cda(body.replace("<recordTarget>", deep, 1).encode())) == "cda_too_deep"


def test_references_to_one_long_text_do_not_multiply_it() -> None:
    text = f'<content ID="t">{"mot " * 50_000}</content>'
    entries = [a_drug("", '<text><reference value="#t"/></text>').replace("<name>", "<name>x") for _ in range(500)]
    document = readable(read_cda(a_section("10183-2", text, *entries)))
    assert sum(len(line.narrative) for line in document.medications) <= 500 * 2000


def marks_around_marks(words: int) -> bytes:
    inside = "mot " * words
    for depth in range(55):
        inside = f'<content ID="c{depth}">{inside}</content>'
    entries = [a_drug("x", f'<text><reference value="#c{depth}"/></text>') for depth in range(55)]
    return a_section("10183-2", inside, *entries)


def test_marks_around_marks_do_not_multiply_the_text_they_hold() -> None:
    document = readable(read_cda(marks_around_marks(100_000)))
    assert all(len(line.narrative) <= 2000 for line in document.medications)
    assert costs_no_more_than_its_size(read_cda, marks_around_marks, 10_000)


def one_endless_row(cells: int) -> bytes:
    row = f"<td>{'mot ' * 1000}</td>" * cells
    text = f'<table><tr>{"<th>Dose</th>" * cells}</tr><tr><td ID="r"/>{row}</tr></table>'
    return a_section("10183-2", text, *[a_drug("x", '<text><reference value="#r"/></text>')] * 300)


def test_references_into_one_endless_row_take_no_time() -> None:
    document = readable(read_cda(one_endless_row(5000)))
    assert {len(line.narrative) for line in document.medications} == {2000}
    assert costs_no_more_than_its_size(read_cda, one_endless_row, 250)


def tables_inside_tables(words: int) -> bytes:
    inside = "mot " * words
    for _ in range(14):
        inside = f"<table><tbody><tr><td>{inside}</td></tr></tbody></table>"
    return a_section("A", inside)


def test_tables_inside_tables_do_not_multiply_the_text_they_hold() -> None:
    (section,) = readable(read_cda(tables_inside_tables(100_000))).sections
    assert len(section.text) + sum(len(cell) for row in section.rows for cell in row) < 1_000_000
    assert costs_no_more_than_its_size(read_cda, tables_inside_tables, 25_000)


def test_a_flood_of_entries_is_cut_and_said() -> None:
    document = readable(read_cda(a_section("10183-2", "", *[a_drug("Aspirine")] * (MAX_LINES + 10))))
    assert len(document.medications) == MAX_LINES
    assert "too_many_medications" in {notice.code for notice in document.notices}


@pytest.mark.parametrize(
    ("opening", "code"), [(b"<!--", "cda_doctype"), (b"<?a?>", "cda_not_xml")], ids=["comments", "instructions"]
)
def test_a_long_prolog_takes_no_time(opening: bytes, code: str) -> None:
    assert refusal(read_cda(opening * 200_000)) == code
    assert costs_no_more_than_its_size(read_cda, lambda times: opening * times, 50_000)


def test_control_characters_in_what_we_write_cannot_break_the_document() -> None:
    letter = readable(read_cda(build_level1(REPORT, b"", "text/plain")))
    assert letter.patient == REPORT.patient


@given(st.binary(max_size=200))
def test_no_bytes_make_the_reader_raise(data: bytes) -> None:
    assert isinstance(read_cda(data), CdaDocument | Unreadable)


@given(st.integers(0, len(XML) - 1), st.binary(min_size=1, max_size=6), st.integers(0, 40))
def test_no_damage_to_a_letter_makes_the_reader_raise(position: int, patch: bytes, cut: int) -> None:
    assert isinstance(read_cda(XML[:position] + patch + XML[position + cut :]), CdaDocument | Unreadable)


@given(st.data())
def test_no_missing_or_repeated_element_makes_the_reader_raise(data: st.DataObject) -> None:
    pieces = BARE.split("<")
    kept = data.draw(st.lists(st.sampled_from(range(len(pieces))), max_size=3))
    for number in kept:
        pieces[number] = data.draw(st.sampled_from(['a nullFlavor="NI"/>', "", "text/>", 'value unit="\x7f"/>']))
    assert isinstance(read_cda("<".join(pieces).encode()), CdaDocument | Unreadable)


def test_a_refusal_quotes_nothing_of_the_document() -> None:
    reading = read_cda(XML[:-40])
    assert not isinstance(reading, CdaDocument)
    assert LETTER.header.patient.used_family not in str(reading)
