"""What `inspect` says of the treatments of a file that codes none: narrative tables, bodies in text, RTF and PDF."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.core.cda.makers import a_header
from tests.core.inspection.files import the_cda, the_pdf

from liaison.core.cda.build import build_level1
from liaison.core.inspection.inspect import inspect
from liaison.core.mail.compose import compose
from liaison.core.mail.values import Address, Attachment, OutgoingMail
from liaison.core.pdf.letter import write_letter
from liaison.core.pdf.values import Letter, LetterSection

LETTER = """Traitement à l'entrée :
- KARDEGIC 75 mg : 1 sachet le midi

Traitements arrêtés :
- Zopiclone (chutes)

Traitement de sortie :
- KARDEGIC 75 mg : 1 sachet le midi
- PARACETAMOL 1 g : 1 cp si douleur
"""
RTF = (
    r"{\rtf1\ansi Traitement de sortie :\par - KARDEGIC 75 mg : 1 sachet le midi\par "
    r"- SERESTA 10 mg : 1 cp au coucher\par}"
)


def medications(data: bytes) -> list[dict[str, Any]]:
    (document,) = inspect("f", data)["documents"]
    return list(document["medications"])


def a_pdf() -> bytes:
    section = LetterSection("", tuple(LETTER.replace("\n\n", "\n").splitlines()))
    return write_letter(Letter("Compte rendu", ("CHU",), (), "2026-11-20", (), (section,)))


@pytest.mark.parametrize(("content", "media_type"), [(LETTER.encode(), "text/plain"), (a_pdf(), "application/pdf")])
def test_the_body_of_a_level_1_document_is_read(content: bytes, media_type: str) -> None:
    lines = medications(build_level1(a_header(), content, media_type))
    assert [line["section"] for line in lines] == ["42346-7", "18610-6", "10183-2", "10183-2"]
    assert {line["origin"] for line in lines} == {"text"}
    assert lines[3]["as_needed"] is True
    assert lines[2]["moments"] == {"matin": None, "midi": "1", "soir": None, "coucher": None}
    assert lines[2]["excerpt"] == "KARDEGIC 75 mg : 1 sachet le midi"
    assert {line["page"] for line in lines} == ({1} if media_type == "application/pdf" else {None})


def test_the_body_in_rtf_is_read() -> None:
    lines = medications(build_level1(a_header(), RTF.encode(), "text/rtf"))
    assert [(line["name"], line["moments"]["coucher"]) for line in lines] == [
        ("KARDEGIC 75 mg", None),
        ("SERESTA 10 mg", "1"),
    ]


def test_a_broken_rtf_gives_no_line_and_no_fall() -> None:
    assert medications(build_level1(a_header(), b"{\\rtf1 {{{\\'zz \\u999999999 }", "text/rtf")) == []


def test_a_pdf_in_a_mail_is_read_as_the_pdf_alone() -> None:
    mail = OutgoingMail(
        message_id="<1@a.fr>",
        sender=Address("a@b.fr"),
        to=(Address("c@d.fr"),),
        subject="CR",
        body="Bonjour",
        date=datetime(2026, 11, 20, 10, 0, tzinfo=UTC),
        attachments=(Attachment("cr.pdf", "application/pdf", a_pdf()),),
    )
    assert medications(compose(mail)) == medications(a_pdf())


def test_the_tables_of_a_narrative_without_entries_are_read() -> None:
    coded = the_cda().decode()
    uncoded = re.sub(r"<entry\b.*?</entry>", "", coded, flags=re.DOTALL)
    (document,) = inspect("f", uncoded.encode())["documents"]
    assert document["treatments"] == "narrative_only"
    assert [(line["origin"], line["section"]) for line in document["medications"]] == [
        ("table", "18610-6"),
        ("table", "10183-2"),
        ("table", "10183-2"),
    ]
    assert document["medications"][0]["name"].startswith("Furosémide 40 mg")
    assert [line["page"] for line in document["medications"]] == [None] * 3


def test_the_table_of_a_pdf_gives_its_lines_with_their_page_and_their_words() -> None:
    stopped, apixaban, paracetamol = medications(the_pdf())
    assert [line["section"] for line in (stopped, apixaban, paracetamol)] == ["18610-6", "10183-2", "10183-2"]
    assert (stopped["name"], stopped["start"], stopped["end"]) == ("Furosémide 40 mg", "2025-11-02", "2026-02-21")
    assert (apixaban["dose"], apixaban["frequency"], apixaban["route"]) == ("1 comprimé", "2 fois par jour", "orale")
    assert paracetamol["as_needed"] is True
    assert {(line["origin"], line["page"]) for line in (stopped, apixaban, paracetamol)} == {("text", 1)}
    assert paracetamol["excerpt"].startswith("Paracétamol 500 mg, comprimé 500 mg à 1 g")
