"""What a file is, by its bytes, and how its summary tells it."""

import pytest
from tests.core.inspection.files import the_cda, the_pdf, the_report

from liaison.core.inspection.inspect import inspect
from liaison.core.inspection.summary import summary

BARE = the_cda().decode().partition("?>")[2].strip()
SHEET = '<xsl:stylesheet xmlns:xsl="http://www.w3.org/1999/XSL/Transform" version="1.0">'


@pytest.mark.parametrize(
    "text",
    [
        BARE,
        f"<?oxygen SCHSchema='x.sch'?>{BARE}",
        f"<!-- envoi --><?xml-stylesheet href='x.xsl'?>{BARE}",
        f"{SHEET}{BARE}</xsl:stylesheet>",
        f" \r\n {BARE}<?fin x?>",
    ],
)
def test_a_cda_is_known_without_its_declaration(text: str) -> None:
    found = inspect("f", text.encode())
    assert (found["kind"], found["documents"][0]["type_code"]) == ("cda", "11490-0")


def test_the_summary_of_a_level_1_document_does_not_say_that_it_tells_no_treatment() -> None:
    said = summary(inspect("f", the_report()))
    assert "Traitements : aucune donnée codée : lire la pièce incluse" in said
    assert "n'en parle pas" not in said


def test_a_pdf_named_as_something_else_is_a_pdf() -> None:
    assert inspect("lettre.xml", the_pdf())["kind"] == "pdf"
