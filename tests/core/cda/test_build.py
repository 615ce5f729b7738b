"""What we write: « structuration minimale », the model LDL-SES 2022.01, and the same values read back."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from tests.core.cda.makers import LETTER, REPORT, a_letter, readable

from liaison.core.cda.build import build_discharge_letter, build_level1
from liaison.core.cda.read import read_cda
from liaison.core.cda.specialities import speciality_code
from liaison.core.cda.terms import HL7
from liaison.core.cda.values import (
    SECTION_DISCHARGE,
    SECTION_PROBLEMS,
    SECTION_STOPPED,
    Allergy,
    CdaDocument,
    Code,
    Device,
    DischargeLetter,
    DocumentHeader,
    FollowUpItem,
    MedicationLine,
    Problem,
)
from liaison.core.people import INS_NIA, INS_NIR, INS_TEST, Identifier, Organisation, Patient, Professional

H = {"h": HL7}
LETTERS = "abcdefghijklmnopqrstuvwxyzàâäçéèêëîïôöùûüÿœæ"
WORDS = st.text(LETTERS + LETTERS.upper() + "'-’.,()/%µ≥&<>\"0123456789", min_size=1, max_size=10)
PHRASES = st.lists(WORDS, min_size=1, max_size=4).map(" ".join)
MAYBE = st.one_of(st.just(""), PHRASES)
CAPITALS = st.text(LETTERS.upper(), min_size=1, max_size=8)
NAMES = st.builds(
    lambda first, rest: first + "".join(rest),
    CAPITALS,
    st.lists(st.builds(lambda separator, part: separator + part, st.sampled_from("-' "), CAPITALS), max_size=2),
)
OIDS = st.lists(st.integers(0, 99999), min_size=2, max_size=6).map(lambda arcs: ".".join(map(str, (1, *arcs))))
KEYS = st.text("ABCabc0123456789-", min_size=1, max_size=12)
IDENTIFIERS = st.builds(Identifier, OIDS, KEYS)
DAYS = st.dates(date(1000, 1, 1)).map(date.isoformat)
ZONES = st.sampled_from(["+01:00", "+02:00", "-04:00", "+11:00"])
TIMES = st.builds(lambda day, hour, zone: f"{day}T{hour:02}:30:00{zone}", DAYS, st.integers(0, 23), ZONES)
DEPARTMENTS = st.one_of(st.sampled_from(["2A", "2B", "99"]), st.integers(1, 95).map("{:02}".format))
PLACES = st.builds(lambda department, town: f"{department}{town:03}", DEPARTMENTS, st.integers(0, 999))
MATRICULES = st.builds(
    lambda start, place, end: f"{start}{place}{end:05}", st.integers(10000, 29999), PLACES, st.integers(0, 99999)
)
ORGANISATIONS = st.builds(Organisation, st.integers(10**9, 4 * 10**9 - 1).map(str), PHRASES)
PROFESSIONALS = st.builds(
    Professional,
    st.one_of(st.just(""), st.integers(8 * 10**11, 9 * 10**11 - 1).map(str)),
    NAMES,
    NAMES,
    st.one_of(st.just(Organisation()), ORGANISATIONS),
    st.one_of(MAYBE, st.sampled_from(["Gériatrie", "Médecine générale", "Médecin - Cardiologie (C)"])),
)
CODES = st.builds(Code, KEYS, OIDS, MAYBE)


@st.composite
def patients(draw: st.DrawFn) -> Patient:
    ins = draw(st.one_of(st.just(""), MATRICULES))
    given_names = draw(st.lists(NAMES.map(lambda name: name.replace(" ", "-")), min_size=1, max_size=3))
    return Patient(
        ins=ins,
        ins_oid=draw(st.sampled_from([INS_NIR, INS_NIA, INS_TEST])) if ins else "",
        ids=tuple(draw(st.lists(IDENTIFIERS, max_size=2))),
        birth_family=draw(NAMES),
        birth_given=given_names[0],
        given_names=" ".join(given_names),
        used_family=draw(st.one_of(st.just(""), NAMES)),
        used_given=draw(st.one_of(st.just(""), NAMES)),
        birth_date=draw(st.one_of(st.just(""), DAYS, DAYS.map(lambda day: day[:7]), DAYS.map(lambda day: day[:4]))),
        sex=draw(st.sampled_from(["", "M", "F", "U"])),
        birth_place=draw(st.one_of(st.just(""), PLACES)),
    )


def coded_only(speciality: str) -> str:
    """That of a participant is written when it has a code, and only then."""
    return speciality if speciality_code(speciality) else ""


HEADERS = st.builds(
    DocumentHeader,
    id=IDENTIFIERS,
    set_id=IDENTIFIERS,
    version=st.integers(1, 999),
    type=CODES,
    title=PHRASES,
    effective_time=TIMES,
    patient=patients(),
    author=PROFESSIONALS,
    signed_by=PROFESSIONALS,
    signed_at=TIMES,
    custodian=ORGANISATIONS,
    recipients=st.lists(PROFESSIONALS.map(lambda each: replace(each, speciality="")), max_size=2).map(tuple),
    gp=st.one_of(st.none(), PROFESSIONALS.map(lambda each: replace(each, speciality=coded_only(each.speciality)))),
    stay_start=TIMES,
    stay_end=st.one_of(st.just(""), TIMES),
    stay_number=st.one_of(st.just(""), KEYS),
    replaces=st.one_of(st.none(), IDENTIFIERS),
)


@st.composite
def medications(draw: st.DrawFn, section: str) -> MedicationLine:
    as_needed = draw(st.booleans())
    end = draw(st.one_of(st.just(""), DAYS))
    return MedicationLine(
        section=section,
        name=draw(PHRASES),
        codes=tuple(draw(st.lists(CODES, max_size=3, unique=True))),
        mood=draw(st.sampled_from(["EVN", "INT"])),
        negated=draw(st.booleans()),
        start=draw(st.one_of(st.just(""), DAYS)),
        end=end,
        dose=draw(st.one_of(MAYBE, st.sampled_from(["1 comprimé", "2 gélules", "0,5 mg", "20 gouttes", "10 UI"]))),
        frequency=draw(st.one_of(MAYBE, st.sampled_from(["3 fois par jour", "1 fois par semaine", "5 fois par jour"]))),
        route=draw(MAYBE),
        as_needed=as_needed,
        condition=draw(PHRASES) if as_needed and draw(st.booleans()) else "",
        reason=draw(MAYBE),
        duration="" if end else draw(st.sampled_from(["", "7 jours", "jusqu'à cicatrisation"])),
    )


def labelled(thing: Any) -> Any:
    """As it is read back: under the label of its first code, when that has one."""
    return replace(thing, label=thing.codes[0].label) if thing.codes and thing.codes[0].label else thing


LETTERS_TO_WRITE = st.builds(
    DischargeLetter,
    header=HEADERS,
    reason=PHRASES,
    synthesis=PHRASES,
    admission_mode=CODES,
    discharge_mode=CODES,
    at_discharge=st.lists(medications(SECTION_DISCHARGE), max_size=3).map(tuple),
    stopped=st.lists(medications(SECTION_STOPPED), max_size=2).map(tuple),
    allergies=st.lists(st.builds(Allergy, PHRASES, MAYBE, MAYBE, st.booleans()), max_size=2, unique=True).map(tuple),
    expected_results=st.lists(PHRASES, max_size=3).map(tuple),
    follow_up=st.lists(
        st.builds(
            FollowUpItem,
            PHRASES,
            st.one_of(st.just(""), DAYS),
            st.sampled_from(["act", "examination", "encounter"]),
        ),
        max_size=3,
    ).map(tuple),
    devices=st.lists(
        st.builds(
            Device,
            PHRASES,
            st.lists(CODES, max_size=3, unique=True).map(tuple),
            st.one_of(st.just(""), DAYS),
            st.one_of(st.just(""), DAYS),
            st.lists(IDENTIFIERS, max_size=2).map(tuple),
        ).map(labelled),
        max_size=2,
    ).map(tuple),
    problems=st.lists(
        st.builds(
            Problem,
            PHRASES,
            st.lists(CODES, max_size=3, unique=True).map(tuple),
            st.one_of(st.just(""), DAYS),
            st.one_of(st.just(""), DAYS),
            st.booleans(),
            st.sampled_from(["active", "completed"]),
            st.just(SECTION_PROBLEMS),
        ).map(labelled),
        max_size=2,
        unique=True,
    ).map(tuple),
)


def header_read(document: CdaDocument) -> dict[str, object]:
    return {
        "id": document.id,
        "set_id": document.set_id,
        "version": document.version,
        "type": document.type,
        "title": document.title,
        "effective_time": document.effective_time,
        "patient": document.patient,
        "author": document.authors,
        "signed_by": document.signed_by,
        "signed_at": document.signed_at,
        "custodian": document.custodian,
        "recipients": document.recipients,
        "gp": document.gp,
        "stay": (document.stay_start, document.stay_end, document.stay_number),
        "replaces": document.replaces,
    }


def header_written(header: DocumentHeader) -> dict[str, object]:
    return {
        "id": header.id,
        "set_id": header.set_id,
        "version": header.version,
        "type": header.type,
        "title": header.title,
        "effective_time": header.effective_time,
        "patient": header.patient,
        "author": (header.author,),
        "signed_by": header.signed_by,
        "signed_at": header.signed_at,
        "custodian": header.custodian,
        "recipients": header.recipients,
        "gp": header.gp,
        "stay": (header.stay_start, header.stay_end, header.stay_number),
        "replaces": (header.replaces,) if header.replaces else (),
    }


@settings(max_examples=40, deadline=None)
@given(LETTERS_TO_WRITE)
def test_a_letter_reads_back_to_the_values_it_was_written_from(letter: DischargeLetter) -> None:
    document = readable(read_cda(build_discharge_letter(letter)))
    assert header_read(document) == header_written(letter.header)
    lines = tuple(replace(line, narrative="") for line in document.medications)
    assert lines == (*letter.stopped, *letter.at_discharge)
    assert document.allergies == letter.allergies
    assert document.expected_results == letter.expected_results
    assert document.follow_up == letter.follow_up
    assert tuple(replace(device, narrative="") for device in document.devices) == letter.devices
    assert tuple(replace(problem, narrative="") for problem in document.problems) == letter.problems
    assert document.discharge_mode == (letter.discharge_mode.label or letter.discharge_mode.code)
    assert document.notices == ()


@settings(max_examples=25, deadline=None)
@given(HEADERS, st.binary(min_size=1, max_size=200))
def test_a_level_1_document_reads_back_to_its_header_and_its_file(header: DocumentHeader, body: bytes) -> None:
    document = readable(read_cda(build_level1(header, body, "application/pdf")))
    assert header_read(document) == header_written(header)
    assert [each.content for each in document.embedded] == [body]
    assert (document.level, document.sections, document.treatments) == (1, (), "absent")


def test_the_same_letter_is_written_to_the_same_bytes() -> None:
    assert build_discharge_letter(LETTER) == build_discharge_letter(LETTER)


def test_each_drug_points_to_its_row_of_the_narrative() -> None:
    document = readable(read_cda(build_discharge_letter(LETTER)))
    assert [line.narrative.count(line.name) for line in document.medications] == [1, 1, 1]


def test_the_reason_of_a_stop_stands_in_the_comment_column_that_people_read() -> None:
    document = readable(read_cda(build_discharge_letter(LETTER)))
    (stopped,) = (section for section in document.sections if section.code == SECTION_STOPPED)
    head, row = stopped.text.splitlines()
    assert (head.rpartition("| ")[2], row.rpartition("| ")[2]) == ("Commentaire", "Insuffisance rénale aiguë")


def test_a_discharge_without_treatment_is_stated_and_not_left_silent() -> None:
    document = readable(read_cda(build_discharge_letter(a_letter(at_discharge=(), stopped=()))))
    assert (document.treatments, document.medications) == ("none_stated", ())
    assert "Aucun traitement prescrit à la sortie" in {section.text for section in document.sections}


def test_optional_sections_with_nothing_to_say_are_left_out() -> None:
    letter = a_letter(stopped=(), allergies=(), expected_results=(), follow_up=())
    codes = [section.code for section in readable(read_cda(build_discharge_letter(letter))).sections]
    assert codes == ["33557-0", "42349-1", "42545-4", "10183-2"]


def test_lines_of_a_synthesis_are_kept_apart_in_the_narrative() -> None:
    html = readable(read_cda(build_discharge_letter(LETTER))).sections[2].html
    assert "Évolution favorable sous traitement.<br/>Reprise de la marche avec aide." in html


def test_a_plain_dose_and_frequency_are_coded_too() -> None:
    tree = etree.fromstring(build_discharge_letter(LETTER))
    doses = tree.xpath("//h:doseQuantity/h:low", namespaces=H)
    assert [(dose.get("value"), dose.get("unit")) for dose in doses][:2] == [("1", "{tbl}"), ("1", "{tbl}")]
    assert doses[2].get("nullFlavor") == "OTH"
    periods = tree.xpath("//h:effectiveTime/h:period", namespaces=H)
    assert [(each.get("value"), each.get("unit")) for each in periods][:2] == [("1", "d"), ("12", "h")]


def test_characters_that_xml_cannot_hold_are_dropped() -> None:
    document = readable(read_cda(build_discharge_letter(a_letter(reason="Chute\x00 \x01du lit\ufffe"))))
    assert document.sections[1].text == "Chute du lit"


# The rules of the schematron « structuration minimale » (CI-SIS), each as the path that must be there exactly so often.
MINIMAL = {
    "h:realmCode[@code='FR']": 1,
    "h:typeId[@root='2.16.840.1.113883.1.3'][@extension='POCD_HD000040']": 1,
    "h:templateId[@root='2.16.840.1.113883.2.8.2.1']": 1,
    "h:templateId[@root='1.2.250.1.213.1.1.1.1']": 1,
    "h:languageCode[@code='fr-FR']": 1,
    "h:setId": 1,
    "h:versionNumber": 1,
    "h:confidentialityCode[@code='N']": 1,
    "h:recordTarget": 1,
    "h:recordTarget//h:patient/h:name/h:family[@qualifier='BR']": 1,
    "h:recordTarget//h:patient/h:name/h:given[@qualifier='BR']": 1,
    "h:recordTarget//h:patient/h:name/h:given[not(@qualifier)]": 1,
    "h:recordTarget//h:birthplace/h:place/h:addr/h:county": 1,
    "h:author/h:assignedAuthor/h:id[@root='1.2.250.1.71.4.2.1']": 1,
    "h:author/h:assignedAuthor/h:code[@code='G15_10/SM18']": 1,
    "h:custodian//h:id[@root='1.2.250.1.71.4.2.2']": 1,
    "h:legalAuthenticator/h:signatureCode[@code='S']": 1,
    "h:participant[@typeCode='INF'][h:functionCode/@code='PCP']/h:associatedEntity//h:name": 2,
    "h:documentationOf/h:serviceEvent/h:effectiveTime[h:low/@value='20260220101500+0100']": 1,
    "h:documentationOf//h:standardIndustryClassCode[@code='ETABLISSEMENT']": 1,
    "h:componentOf/h:encompassingEncounter//h:healthCareFacility/h:code[@code='SA01']": 1,
    "h:relatedDocument[@typeCode='RPLC']/h:parentDocument/h:id": 1,
}


@pytest.mark.parametrize("data", [build_discharge_letter(LETTER), build_level1(REPORT, b"%PDF-1.4", "application/pdf")])
@pytest.mark.parametrize("path", MINIMAL)
def test_the_header_follows_the_minimal_structure(data: bytes, path: str) -> None:
    assert len(etree.fromstring(data).xpath(path, namespaces=H)) == MINIMAL[path]


HEADER_ORDER = """realmCode typeId templateId id code title effectiveTime confidentialityCode languageCode setId
versionNumber recordTarget author custodian informationRecipient legalAuthenticator participant documentationOf
relatedDocument componentOf component"""


def test_the_header_is_in_the_order_of_the_schema() -> None:
    names = [etree.QName(child).localname for child in etree.fromstring(build_discharge_letter(LETTER))]
    assert list(dict.fromkeys(names)) == HEADER_ORDER.split()


SECTION_TEMPLATES = {
    "33557-0": "1.2.250.1.213.1.1.2.35.1",
    "42349-1": "1.2.250.1.213.1.1.2.127",
    "42545-4": "1.2.250.1.213.1.1.2.163.1",
    "18610-6": "1.2.250.1.213.1.1.2.145",
    "10183-2": "1.2.250.1.213.1.1.2.146",
    "30954-2": "1.2.250.1.213.1.1.2.150",
    "18776-5": "1.2.250.1.213.1.1.2.158",
    "48765-2": "1.2.250.1.213.1.1.2.137",
}


@pytest.mark.parametrize(("code", "template"), SECTION_TEMPLATES.items())
def test_each_section_of_the_letter_claims_its_model(code: str, template: str) -> None:
    path = f"//h:section[h:code/@code='{code}']/h:templateId[@root='{template}']"
    assert len(etree.fromstring(build_discharge_letter(LETTER)).xpath(path, namespaces=H)) == 1


@pytest.mark.parametrize("code", ["ORG-070", "ORG-074", "MED-142", "MED-309", "MED-144", "MED-145", "MED-147"])
def test_the_synthesis_states_what_the_decree_asks(code: str) -> None:
    path = f"//h:section[h:code/@code='42545-4']/h:entry/h:observation[h:code/@code='{code}']/h:value"
    assert len(etree.fromstring(build_discharge_letter(LETTER)).xpath(path, namespaces=H)) == 1


def test_every_reference_of_an_entry_points_to_something() -> None:
    tree = etree.fromstring(build_discharge_letter(LETTER))
    anchors = tree.xpath("//@ID")
    assert len(anchors) == len(set(anchors))
    assert {f"#{anchor}" for anchor in anchors} >= set(tree.xpath("//h:reference/@value", namespaces=H))
