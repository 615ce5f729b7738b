"""Each rule on a CDA is broken by one wound, and by nothing that our writers produce."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.cda.makers import HEADER, LETTER, REPORT, a_drug, a_section
from tests.core.cda.test_build import DAYS, HEADERS, LETTERS_TO_WRITE, MATRICULES, NAMES, PLACES, PROFESSIONALS, TIMES
from tests.core.conformance.mutations import Mutation, drop, mutated, observation, put, say, section, twice
from tests.core.inspection.files import the_pdf

from liaison.core.cda.build import build_discharge_letter, build_level1
from liaison.core.cda.values import DischargeLetter, DocumentHeader
from liaison.core.conformance.check import CDA_RULES, check
from liaison.core.conformance.discharge_letter import LETTER_RULES
from liaison.core.identity.ins import ins_key
from liaison.core.people import INS_NIR, Patient

SOUND_PATIENT = replace(HEADER.patient, ins=f"2340251454001{ins_key('2340251454001')}", ins_oid=INS_NIR)
SOUND_HEADER = replace(HEADER, patient=SOUND_PATIENT)
SOUND_LINES = tuple(replace(line, codes=LETTER.stopped[0].codes) for line in LETTER.at_discharge)
SOUND_LETTER = build_discharge_letter(replace(LETTER, header=SOUND_HEADER, at_discharge=SOUND_LINES))
SOUND_REPORT = build_level1(replace(SOUND_HEADER, type=REPORT.type), the_pdf(), "application/pdf")

INS = "h:recordTarget/h:patientRole/h:id[1]"
PERSON = "h:recordTarget/h:patientRole/h:patient"
EVENT = "h:documentationOf/h:serviceEvent"
STAY = "h:componentOf/h:encompassingEncounter"
BODY = "h:component/h:nonXMLBody"
DISCHARGE, STOPPED = section("10183-2"), section("18610-6")

HEADER_WOUNDS: list[tuple[str, Mutation]] = [
    ("SM-REALM", put("h:realmCode", code="US")),
    ("SM-TYPEID", drop("h:typeId")),
    ("SM-TEMPLATE-FR", drop("h:templateId[1]")),
    ("SM-TEMPLATE-CISIS", drop("h:templateId[2]")),
    ("SM-TEMPLATE-MODEL", drop("h:templateId[3]")),
    ("SM-ID", put("h:id", root="document 1")),
    ("SM-ID", twice("h:id")),
    ("SM-CODE", put("h:code", codeSystem="1.2.3")),
    ("SM-TITLE", say("h:title", " ")),
    ("SM-EFFECTIVETIME", put("h:effectiveTime", value="20260304")),
    ("SM-EFFECTIVETIME", put("h:effectiveTime", value="20260304163000")),
    ("SM-CONFIDENTIALITY", put("h:confidentialityCode", code="X")),
    ("SM-LANGUAGE", drop("h:languageCode")),
    ("SM-SETID", drop("h:setId")),
    ("SM-VERSION", put("h:versionNumber", value="deux")),
    ("SM-VERSION", put("h:versionNumber", value="0")),
    ("SM-REPLACES-ONE", twice("h:relatedDocument")),
    ("SM-REPLACES-ID", drop("h:relatedDocument/h:parentDocument/h:id")),
    ("SM-VERSION-ALONE", drop("h:relatedDocument")),
    ("SM-VERSION-FIRST", put("h:versionNumber", value="1")),
    ("SM-ACT", drop("h:documentationOf")),
    ("SM-PRACTICE-SETTING", drop(f"{EVENT}//h:standardIndustryClassCode")),
    ("SM-ENCOUNTER", drop(f"{STAY}/h:effectiveTime")),
    ("SM-FACILITY", drop(f"{STAY}/h:location")),
]
IDENTITY_WOUNDS: list[tuple[str, Mutation]] = [
    ("SM-PATIENT-ONE", twice("h:recordTarget")),
    ("SM-PATIENT-ID", drop("h:recordTarget/h:patientRole/h:id")),
    ("SM-PATIENT-NAME", drop(f"{PERSON}/h:name/h:family")),
    ("SM-PATIENT-BIRTH", drop(f"{PERSON}/h:birthTime")),
    ("INS-FAMILY", drop(f"{PERSON}/h:name/h:family[@qualifier='BR']")),
    ("INS-GIVEN", drop(f"{PERSON}/h:name/h:given")),
    ("INS-GIVEN-LIST", drop(f"{PERSON}/h:name/h:given[not(@qualifier)]")),
    ("INS-SEX", drop(f"{PERSON}/h:administrativeGenderCode")),
    ("INS-BIRTH-PLACE", drop(f"{PERSON}/h:birthplace")),
    ("INS-FORM", put(INS, extension="12345")),
    ("INS-SEVERAL", put("h:recordTarget/h:patientRole/h:id[2]", root=INS_NIR, extension="134025145400192")),
    ("INS-KEY", put(INS, extension="234025145400199")),
    ("INS-NONE", drop(INS)),
    ("INS-TEST", put(INS, root="1.2.250.1.213.1.4.10")),
    ("INS-OLD", put(INS, root="1.2.250.1.213.1.4.2")),
    ("INS-NIR", put(INS, root="1.2.250.1.213.1.4.13")),
    ("SM-PATIENT-DAY", put(f"{PERSON}/h:birthTime", value="193402")),
    ("SM-PATIENT-DAY", put(f"{PERSON}/h:birthTime", value="19340200")),
    ("SM-PATIENT-SP", put(f"{PERSON}/h:name/h:family[@qualifier='CL']", qualifier="SP")),
]
PERSON_WOUNDS: list[tuple[str, Mutation]] = [
    ("SM-AUTHOR", drop("h:author")),
    ("SM-AUTHOR-TIME", drop("h:author/h:time")),
    ("SM-AUTHOR-ID", drop("h:author/h:assignedAuthor/h:id")),
    ("SM-AUTHOR-NAME", drop("h:author/h:assignedAuthor/h:assignedPerson")),
    ("SM-SIGNER", drop("h:legalAuthenticator")),
    ("SM-SIGNER-CODE", put("h:legalAuthenticator/h:signatureCode", code="X")),
    ("SM-SIGNER-TIME", put("h:legalAuthenticator/h:time", value="2026")),
    ("SM-SIGNER-ID", drop("h:legalAuthenticator/h:assignedEntity/h:id")),
    ("SM-SIGNER-NAME", drop("h:legalAuthenticator/h:assignedEntity/h:assignedPerson")),
    ("SM-CUSTODIAN", drop("h:custodian")),
    ("SM-CUSTODIAN-ID", drop("h:custodian//h:id")),
    ("SM-CUSTODIAN-NAME", drop("h:custodian//h:name")),
    ("SM-RECIPIENT", drop("h:informationRecipient//h:name")),
    ("SM-GP-NAME", drop("h:participant//h:associatedPerson")),
    ("SM-GP-TYPE", put("h:participant", typeCode="IND")),
    ("ID-PROFESSIONAL", put("h:author/h:assignedAuthor/h:id", extension="12")),
    ("ID-ORGANISATION", put("h:custodian//h:id", extension="9")),
    ("ID-ROOT", put("h:author/h:assignedAuthor/h:id", root="1.2.250.1.71")),
]
BODY_WOUNDS: list[tuple[str, Mutation]] = [
    ("CDA-BODY", drop("h:component")),
    ("CDA-SECTIONS", drop("h:component/h:structuredBody/h:component")),
    ("CDA-SECTION-CODE", drop(f"{section('42349-1')}/h:code")),
    ("CDA-SECTION-TITLE", drop(f"{section('42349-1')}/h:title")),
    ("CDA-SECTION-TEXT", drop(f"{section('42349-1')}/h:text")),
    ("CDA-REFERENCES", put(f"{DISCHARGE}//h:reference", value="#nulle-part")),
    ("CDA-IDENTIFIERS", put(".//h:content", ID="le-même")),
]
LEVEL_1_WOUNDS: list[tuple[str, Mutation]] = [
    ("CDA-LEVEL1-TEMPLATE", put("h:templateId[3]", root="1.2.3")),
    ("CDA-LEVEL1-TYPE", put(f"{BODY}/h:text", mediaType="text/rtf")),
    ("CDA-LEVEL1-FORMAT", say(f"{BODY}/h:text", "UEsDBAoAAAAAAAAAAAA=")),
    ("CDA-ONE-BODY-FILE", twice(f"{BODY}/h:text")),
    ("CDA-BODY-CONTENT", say(f"{BODY}/h:text", "")),
    ("CDA-BODY-CONTENT", say(f"{BODY}/h:text", "é!")),
]
LETTER_WOUNDS: list[tuple[str, Mutation]] = [
    ("LDL-TEMPLATE", put("h:templateId[3]", root="1.2.250.1.213.1.1.1.21")),
    ("LDL-CODE", put("h:code", code="34112-3")),
    ("LDL-ACT-TIME", drop(f"{EVENT}/h:effectiveTime/h:low")),
    ("LDL-33557-0", drop(section("33557-0"))),
    ("LDL-42349-1", drop(section("42349-1"))),
    ("LDL-42545-4", twice(section("42545-4"))),
    ("LDL-10183-2", drop(DISCHARGE)),
    ("LDL-REPEATED", twice(STOPPED)),
    ("LDL-GEN-065", put(f"{observation('GEN-065')}/h:value", code="0")),
    ("LDL-ORG-070", drop(observation("ORG-070"))),
    ("LDL-ORG-074", drop(f"{observation('ORG-074')}/h:value")),
    ("LDL-MED-142", drop(observation("MED-142"))),
    ("LDL-MED-309", drop(observation("MED-309"))),
    ("LDL-MED-145", twice(observation("MED-145"))),
    ("LDL-MED-147", drop(observation("MED-147"))),
    ("LDL-DETAILS", put(f"{observation('MED-145')}/h:code|{observation('MED-147')}/h:code", code="MED-146")),
    ("LDL-STATUS", put(f"{STOPPED}//h:substanceAdministration/h:statusCode", code="active")),
    ("LDL-TIME", drop(f"{STOPPED}//h:substanceAdministration/h:effectiveTime")),
    ("LDL-DRUG-CODE", drop(f"{STOPPED}//h:manufacturedMaterial/h:code")),
    ("R1112-1-IDENTITY", drop(f"{PERSON}/h:birthTime")),
    ("R1112-1-GP", drop("h:participant")),
    ("R1112-1-DOCTOR", drop("h:author//h:family|h:legalAuthenticator//h:family")),
    ("R1112-1-ADMISSION", drop(f"{STAY}/h:effectiveTime/h:low|{EVENT}/h:effectiveTime/h:low")),
    ("R1112-1-DISCHARGE", drop(f"{STAY}/h:effectiveTime/h:high|{EVENT}/h:effectiveTime/h:high")),
    ("R1112-2-REASON", say(f"{section('42349-1')}/h:text", "")),
    ("R1112-3-SYNTHESIS", say(f"{section('42545-4')}/h:text", "")),
    ("R1112-4-DISCHARGE", say(f"{DISCHARGE}/h:text", "")),
    ("R1112-4-POSOLOGY", drop(f"{DISCHARGE}//h:doseQuantity|{DISCHARGE}//h:effectiveTime[@operator]")),
    ("R1112-4-DURATION", drop(f"{DISCHARGE}//h:effectiveTime/h:width")),
    ("R1112-4-STOPPED", drop(STOPPED)),
    ("R1112-4-REASON", drop(f"{STOPPED}//h:td[last()]")),
    ("R1112-4-ALLERGIES", drop(section("48765-2"))),
    ("R1112-5-EXPECTED", drop(section("30954-2"))),
    ("R1112-6-FOLLOW-UP", drop(section("18776-5"))),
]


def rules_of(data: bytes) -> set[str]:
    return {finding.rule for finding in check("f", data)}


def errors_of(data: bytes) -> list[str]:
    return [f"{each.rule} {each.place}" for each in check("f", data) if each.severity == "error"]


def test_the_sound_documents_have_no_finding_at_all() -> None:
    assert check("lettre.xml", SOUND_LETTER) == ()
    assert check("cr.xml", SOUND_REPORT) == ()


@pytest.mark.parametrize(("rule", "wound"), [*HEADER_WOUNDS, *IDENTITY_WOUNDS, *PERSON_WOUNDS, *BODY_WOUNDS])
def test_a_rule_of_every_document_is_broken_by_its_wound(rule: str, wound: Mutation) -> None:
    assert rule in rules_of(mutated(SOUND_LETTER, wound))


@pytest.mark.parametrize(("rule", "wound"), LEVEL_1_WOUNDS)
def test_a_rule_of_level_1_is_broken_by_its_wound(rule: str, wound: Mutation) -> None:
    assert rule in rules_of(mutated(SOUND_REPORT, wound))


@pytest.mark.parametrize(("rule", "wound"), LETTER_WOUNDS)
def test_a_rule_of_the_discharge_letter_is_broken_by_its_wound(rule: str, wound: Mutation) -> None:
    assert rule in rules_of(mutated(SOUND_LETTER, wound))


def test_no_rule_goes_unbroken() -> None:
    wounds = (HEADER_WOUNDS, IDENTITY_WOUNDS, PERSON_WOUNDS, BODY_WOUNDS, LEVEL_1_WOUNDS, LETTER_WOUNDS)
    wounded = {rule for table in wounds for rule, _ in table}
    assert {rule.name for rule in (*CDA_RULES, *LETTER_RULES)} <= wounded


def test_the_rules_have_a_name_each_and_a_french_sentence() -> None:
    rules = (*CDA_RULES, *LETTER_RULES)
    names = [rule.name for rule in rules]
    assert len(set(names)) == len(names)
    assert all(rule.message.endswith(".") for rule in rules)


def test_a_letter_of_another_kind_is_not_held_to_the_rules_of_the_discharge_letter() -> None:
    assert not [rule for rule in rules_of(a_section("10183-2", "Rien.")) if rule.startswith(("LDL", "R1112"))]


def test_a_level_1_discharge_letter_says_it_all_in_its_pdf() -> None:
    letter = build_level1(SOUND_HEADER, the_pdf(), "application/pdf")
    assert not [rule for rule in rules_of(letter) if rule.startswith(("LDL", "R1112"))]


def test_a_file_that_is_not_the_pdf_it_should_be_is_told_where_it_stands() -> None:
    other = build_level1(SOUND_HEADER, b"%PDF-1.7\n/Encrypt", "application/pdf")
    assert ("PDFA-ENCRYPTED", "PDF inclus : trailer") in [(each.rule, each.place) for each in check("f", other)]


@pytest.mark.parametrize(
    ("rule", "section_text", "entries"),
    [
        (
            "CDA-STOP-ALL",
            "Tout est arrêté.",
            ['<observation><code code="MED-052"/><value value="true"/></observation>'],
        ),
        ("CDA-EMBEDDED", "Image", ['<observationMedia><value representation="B64">é</value></observationMedia>']),
        (
            "CDA-TREATMENTS-TEXT",
            "<table><thead><tr><th>Médicament</th><th>Dose</th></tr></thead><tbody><tr><td>A</td><td>1</td></tr>"
            "<tr><td>B</td><td>2</td></tr></tbody></table>",
            [a_drug("A")],
        ),
    ],
)
def test_what_the_reader_noticed_is_a_finding(rule: str, section_text: str, entries: list[str]) -> None:
    assert rule in rules_of(a_section("10183-2", section_text, *entries))


def test_a_row_that_only_annotates_a_drug_is_no_drug_of_the_text() -> None:
    table = (
        "<table><thead><tr><th>Durée</th><th>Médicament</th></tr></thead><tbody><tr><td>2 j</td><td>A</td></tr>"
        '<tr><td colspan="1">Précondition</td><td colspan="2">si douleur</td></tr></tbody></table>'
    )
    assert "CDA-TREATMENTS-TEXT" not in rules_of(a_section("10183-2", table, a_drug("A")))


def test_a_document_in_another_encoding_than_it_says_is_told() -> None:
    wrong = SOUND_LETTER.decode("utf-8").replace("œ", "oe").replace("Œ", "OE").encode("windows-1252", "replace")
    assert "CDA-ENCODING" in rules_of(wrong)


PROFESSIONALS_WITH_ID = st.builds(
    lambda person, number: replace(person, id=f"8{number:011}"), PROFESSIONALS, st.integers(0, 10**11 - 1)
)


@st.composite
def sound_patients(draw: st.DrawFn) -> Patient:
    root = draw(MATRICULES)[:13]
    family, given = draw(NAMES), draw(NAMES).replace(" ", "-")
    return replace(
        HEADER.patient,
        ins=root + ins_key(root),
        birth_family=family,
        birth_given=given,
        given_names=given,
        birth_date=draw(DAYS),
        birth_place=draw(PLACES),
        sex=draw(st.sampled_from("MFU")),
    )


@st.composite
def sound_headers(draw: st.DrawFn) -> DocumentHeader:
    return replace(
        draw(HEADERS),
        type=HEADER.type,
        patient=draw(sound_patients()),
        author=draw(PROFESSIONALS_WITH_ID),
        signed_by=draw(PROFESSIONALS_WITH_ID),
        stay_end=draw(TIMES),
    )


@settings(max_examples=60, deadline=None)
@given(LETTERS_TO_WRITE, sound_headers())
def test_a_letter_of_ours_has_no_error(letter: DischargeLetter, header: DocumentHeader) -> None:
    assert errors_of(build_discharge_letter(replace(letter, header=header))) == []


@settings(max_examples=40, deadline=None)
@given(sound_headers())
def test_a_level_1_document_of_ours_has_no_error(header: DocumentHeader) -> None:
    assert errors_of(build_level1(header, the_pdf(), "application/pdf")) == []


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 100_000), st.binary(max_size=30), st.integers(0, 300))
def test_a_damaged_document_is_checked_without_a_fall(place: int, piece: bytes, cut: int) -> None:
    start = place % len(SOUND_LETTER)
    findings = check("f", SOUND_LETTER[:start] + piece + SOUND_LETTER[start + cut :])
    assert all(each.severity in {"error", "warning", "note"} and each.rule for each in findings)


def test_no_finding_repeats_an_identity() -> None:
    wounds = (*HEADER_WOUNDS, *IDENTITY_WOUNDS, *PERSON_WOUNDS, *BODY_WOUNDS, *LETTER_WOUNDS)
    patient, lines = SOUND_PATIENT, (*LETTER.stopped, *SOUND_LINES)
    private = [patient.birth_family, patient.birth_given, patient.ins, *(line.name for line in lines)]
    for _, wound in wounds:
        said = " ".join(f"{each.place} {each.message}" for each in check("f", mutated(SOUND_LETTER, wound)))
        assert not [name for name in private if name in said]
