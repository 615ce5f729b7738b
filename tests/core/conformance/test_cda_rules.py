"""Each rule on a CDA is broken by one wound, and by nothing that our writers produce."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.cda.makers import HEADER, LETTER, a_drug, a_section
from tests.core.cda.test_build import DAYS, HEADERS, LETTERS_TO_WRITE, MATRICULES, NAMES, PLACES, PROFESSIONALS, TIMES
from tests.core.conformance.mutations import Mutation, mutated
from tests.core.conformance.wounds import (
    LETTER_WOUNDS,
    LEVEL_1_WOUNDS,
    OF_EVERY_DOCUMENT,
    SOUND_HEADER,
    SOUND_LETTER,
    SOUND_LINES,
    SOUND_PATIENT,
    SOUND_REPORT,
)
from tests.core.inspection.files import the_pdf

from liaison.core.cda.build import build_discharge_letter, build_level1
from liaison.core.cda.values import DischargeLetter, DocumentHeader
from liaison.core.conformance.check import CDA_RULES, check
from liaison.core.conformance.discharge_letter import LETTER_RULES
from liaison.core.identity.ins import ins_key
from liaison.core.people import Patient


def rules_of(data: bytes) -> set[str]:
    return {finding.rule for finding in check("f", data)}


def errors_of(data: bytes) -> list[str]:
    return [f"{each.rule} {each.place}" for each in check("f", data) if each.severity == "error"]


def test_the_sound_documents_have_no_finding_at_all() -> None:
    assert check("lettre.xml", SOUND_LETTER) == ()
    assert check("cr.xml", SOUND_REPORT) == ()


@pytest.mark.parametrize(("rule", "wound"), OF_EVERY_DOCUMENT)
def test_a_rule_of_every_document_is_broken_by_its_wound(rule: str, wound: Mutation) -> None:
    assert rule in rules_of(mutated(SOUND_LETTER, wound))


@pytest.mark.parametrize(("rule", "wound"), LEVEL_1_WOUNDS)
def test_a_rule_of_level_1_is_broken_by_its_wound(rule: str, wound: Mutation) -> None:
    assert rule in rules_of(mutated(SOUND_REPORT, wound))


@pytest.mark.parametrize(("rule", "wound"), LETTER_WOUNDS)
def test_a_rule_of_the_discharge_letter_is_broken_by_its_wound(rule: str, wound: Mutation) -> None:
    assert rule in rules_of(mutated(SOUND_LETTER, wound))


def test_no_rule_goes_unbroken() -> None:
    wounded = {rule for rule, _ in (*OF_EVERY_DOCUMENT, *LEVEL_1_WOUNDS, *LETTER_WOUNDS)}
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
    other = build_level1(SOUND_HEADER, the_pdf() + b"<script>", "application/pdf")
    assert ("PDFA-END", "PDF inclus : fin") in [(each.rule, each.place) for each in check("f", other)]


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
    wounds = (*OF_EVERY_DOCUMENT, *LETTER_WOUNDS)
    patient, lines = SOUND_PATIENT, (*LETTER.stopped, *SOUND_LINES)
    private = [patient.birth_family, patient.birth_given, patient.ins, *(line.name for line in lines)]
    for _, wound in wounds:
        said = " ".join(f"{each.place} {each.message}" for each in check("f", mutated(SOUND_LETTER, wound)))
        assert not [name for name in private if name in said]
