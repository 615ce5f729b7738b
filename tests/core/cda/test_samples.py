"""Over the CDA documents of the folder that LIAISON_SAMPLES names: all are read, shown and set as letters."""

import os
from pathlib import Path

import pytest
from lxml import etree
from tests.core.cda.makers import readable

from liaison.core.cda.read import read_cda
from liaison.core.pdf.document import letter_of_document
from liaison.core.pdf.letter import write_letter
from liaison.core.pdf.text import count_pages

FOLDER = os.environ.get("LIAISON_SAMPLES")
FILES = (
    sorted(path for path in Path(FOLDER).rglob("*.xml") if b"ClinicalDocument" in path.read_bytes()) if FOLDER else []
)

pytestmark = [pytest.mark.samples, pytest.mark.skipif(not FILES, reason="LIAISON_SAMPLES names no folder of CDA files")]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_real_document_is_read_with_its_patient_and_type(path: Path) -> None:
    document = readable(read_cda(path.read_bytes()))
    assert document.id.root
    assert document.type.code
    assert document.patient.birth_family
    assert document.sections or document.embedded


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_narrative_of_a_real_document_is_well_formed_and_sets_as_a_letter(path: Path) -> None:
    document = readable(read_cda(path.read_bytes()))
    for section in document.sections:
        etree.fromstring(f"<div>{section.html}</div>")
    assert count_pages(write_letter(letter_of_document(document))) >= 1
