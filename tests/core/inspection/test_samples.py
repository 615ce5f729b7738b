"""Over the folder that LIAISON_SAMPLES names: every file gives its object, and the ANS examples what they hold.

What is known of each example was read in it by hand; none of them is part of the project.
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from tests.core.inspection.test_inspect import DOCUMENT, TOP

from liaison.core.inspection.inspect import inspect
from liaison.core.inspection.summary import summary

FOLDER = os.environ.get("LIAISON_SAMPLES")
SUFFIXES = {".xml", ".eml", ".zip", ".pdf"}
FILES = sorted(path for path in Path(FOLDER).rglob("*") if path.suffix.lower() in SUFFIXES) if FOLDER else []
LDL_SECTIONS = ["33557-0", "42349-1", "42545-4", "18610-6", "10183-2", "30954-2", "18776-5", "46264-8", "48765-2"]

pytestmark = [pytest.mark.samples, pytest.mark.skipif(not FILES, reason="LIAISON_SAMPLES names no folder of documents")]


def known(name: str) -> dict[str, Any]:
    """The one document of an ANS example, when the folder holds it."""
    path = next((path for path in FILES if path.name == name), None)
    if path is None:
        pytest.skip(f"the folder has no {name}")
    (document,) = inspect(name, path.read_bytes())["documents"]
    return dict(document)


def names_of(document: dict[str, Any]) -> list[str]:
    return [line["name"] for line in document["medications"]]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_file_gives_an_object_of_the_promised_shape(path: Path) -> None:
    found = inspect(path.name, path.read_bytes())
    assert list(found) == TOP.split()
    assert found["kind"] != "unreadable", found["warnings"]
    for document in found["documents"]:
        assert list(document) == DOCUMENT.split()
    assert json.loads(json.dumps(found)) == found
    assert summary(found)


def test_the_discharge_letter_of_the_ans() -> None:
    letter = known("LDL-SES_2022.01.xml")
    assert (letter["type_code"], letter["level"]) == ("11490-0", 3)
    assert letter["templates"][-1] == "1.2.250.1.213.1.1.1.29@2022.01"
    assert [section["code"] for section in letter["sections"]] == LDL_SECTIONS
    assert sum(section["entries"] for section in letter["sections"]) == 18
    assert [(line["section"], line["name"]) for line in letter["medications"]] == [
        ("18610-6", "SOLIAN 100 mg"),
        ("10183-2", "LEPONEX 100 mg"),
    ]
    codes = [{each["code"] for each in line["codes"]} for line in letter["medications"]]
    assert codes == [{"60019927", "3400934874741"}, {"62552920", "N05AH02"}]
    assert [(line["start"], line["end"]) for line in letter["medications"]] == [
        ("2018-08-01", "2019-10-29"),
        ("2019-12-03", "2020-02-02"),
    ]
    assert "arrêt suite à analyses médicales" in letter["medications"][0]["narrative"]
    assert (letter["treatments"], letter["allergies"]) == ("coded", [])
    assert letter["stay"] == {"start": "2019-10-29T11:17:00+01:00", "end": "2019-12-03T13:30:00+01:00"}


def test_the_persons_of_the_discharge_letter_share_a_number_and_stay_apart() -> None:
    letter = known("LDL-SES_2022.01.xml")
    assert (letter["authors"][0]["family"], letter["signed_by"]["family"]) == ("DAVID", "AUGUIN")
    assert letter["authors"][0]["id"] == letter["signed_by"]["id"]
    assert [each["family"] for each in letter["recipients"]] == ["BOILEAU", "DUCOUT"]
    assert letter["gp"]["family"] == "MEDIONI"
    assert letter["custodian"]["name"] == "Hôpital Européen Georges Pompidou"
    patient = letter["patient"]
    assert (patient["ins"], patient["ins_oid"]) == ("279035121518989", "1.2.250.1.213.1.4.10")
    assert (patient["birth_family"], patient["birth_given"]) == ("PAT-TROIS", "DOMINIQUE")
    assert patient["given_names"] == "DOMINIQUE MARIE-LOUISE"
    assert (patient["birth_date"], patient["sex"], patient["birth_place"]) == ("1979-03-28", "F", "51215")


def test_the_unstructured_document_of_the_ans() -> None:
    document = known("DOC_NON_STRUCTURE_CDA-R2-N1.xml")
    assert (document["type_code"], document["level"], document["sections"]) == ("11502-2", 1, [])
    assert (document["authors"][0]["id"], document["signed_by"]["id"]) == ("801234534765", "807505123456")
    (embedded,) = document["embedded"]
    assert (embedded["media_type"], embedded["size"]) == ("application/pdf", 326650)
    assert embedded["sha256"].startswith("72cbc4c926baf281")
    assert document["pdf"]["sha256"] == embedded["sha256"]


def test_the_transfer_sheet_of_the_ans_has_a_text_and_no_drug() -> None:
    document = known("DLU-EHPAD-FLUDT_2022.01.xml")
    assert (document["type_code"], len(document["sections"]), document["medications"]) == ("74207-2", 7, [])
    assert sum(section["entries"] for section in document["sections"]) == 15
    assert (document["treatments"], document["recipients"][0]["family"]) == ("narrative_only", "PETIT")
    assert document["custodian"]["name"] == "EHPAD DE BOULOGNE-BILLANCOURT"


def test_the_laboratory_report_of_the_ans_carries_its_pdf() -> None:
    document = known("BIO-CR-BIO_2024.01_TSH_1.xml")
    (embedded,) = document["embedded"]
    assert (embedded["media_type"], embedded["size"], embedded["sha256"][:8]) == ("application/pdf", 78777, "bed94d7d")


def test_the_medical_summary_of_the_ans_nests_its_sections() -> None:
    document = known("VSM_1.4_2022.01.xml")
    assert (document["type_code"], len(document["sections"])) == ("SYNTH", 13)
    assert [(line["section"], line["name"]) for line in document["medications"]] == [
        ("10160-0", "PLAVIX 75 mg"),
        ("10160-0", "COUMADINE 5mg"),
    ]


def test_the_prescription_of_the_ans_counts_no_posology_part_as_a_drug() -> None:
    document = known("eP-MED-DM_2024.01_PosoStruct.xml")
    first, second = names_of(document)
    assert first.startswith("PARACETAMOL MYLAN 500 mg")
    assert second.startswith("Préparation magistrale")
    assert [(each["media_type"], each["size"]) for each in document["embedded"]] == [
        ("image/png", 6954),
        ("application/pdf", 95736),
    ]


def test_the_document_that_presents_itself_is_read_in_its_style_sheet() -> None:
    document = known("BIO-CR-BIO_2021.01_Auto-Presentable.xml")
    assert (document["type_code"], len(document["sections"])) == ("11502-2", 5)


def test_the_vaccinations_of_the_ans_are_no_treatments() -> None:
    document = known("VAC_2023.01.xml")
    assert (document["type_code"], document["medications"], document["sections"][0]["entries"]) == ("11369-6", [], 4)
    assert document["signed_by"]["id"] is None


def test_the_imaging_report_of_the_ans_replaces_an_earlier_one() -> None:
    document = known("IMG_CR_IMG_2024.01_CDA-R2-Niveau-1.xml")
    assert (document["type_code"], document["version"]) == ("18748-4", 2)
    assert document["replaces"] == ["90E1C8EC-F951-4B26-A305-A34848818DD6"]
    assert document["pdf"]["sha256"].startswith("ce6c6ca92158909917fb6097")
