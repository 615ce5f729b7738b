"""The schema of CDA R2, stated in our notation: all that we write keeps it, and each kind of departure is found."""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from lxml.etree import _Element
from tests.core.cda.makers import LETTER, REPORT, a_header, a_letter
from tests.core.cda.test_build import HEADERS, LETTERS_TO_WRITE
from tests.core.conformance.mutations import Mutation, drop, found, mutated, put, rename, section, twice

from liaison.core.cda.build import build_discharge_letter, build_level1
from liaison.core.cda.markup import parse
from liaison.core.cda.terms import HL7, XSI
from liaison.core.cda.values import DischargeLetter, DocumentHeader
from liaison.core.conformance.cda_schema.data_types import PARENTS
from liaison.core.conformance.cda_schema.vocabulary import TESTS
from liaison.core.conformance.cda_schema.walk import FREE, MAX_FINDINGS, TYPES, schema_findings
from liaison.core.conformance.finding import Finding
from liaison.core.notices import Unreadable

LETTER_BYTES = build_discharge_letter(LETTER)
DRUG = f"{section('10183-2')}//h:substanceAdministration"


def findings_in(data: bytes) -> list[Finding]:
    parsed = parse(data)
    assert not isinstance(parsed, Unreadable)
    return list(schema_findings(parsed[0]))


def said(data: bytes) -> list[tuple[str, str]]:
    return [(each.rule.removeprefix("CDA-SCHEMA-"), each.place) for each in findings_in(data)]


def move_first(path: str) -> Mutation:
    """Put an element before all its sisters."""

    def mutation(root: _Element) -> None:
        element = found(root, path)[0]
        parent = element.getparent()
        assert parent is not None
        parent.insert(0, element)

    return mutation


def unset(path: str, name: str) -> Mutation:
    def mutation(root: _Element) -> None:
        del found(root, path)[0].attrib[name]

    return mutation


def write_in(path: str, text: str) -> Mutation:
    def mutation(root: _Element) -> None:
        found(root, path)[0].text = text

    return mutation


TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
EVENT_TIME = "documentationOf/serviceEvent/effectiveTime"


@settings(max_examples=50, deadline=None)
@given(LETTERS_TO_WRITE, HEADERS)
def test_a_letter_of_ours_keeps_the_schema(letter: DischargeLetter, header: DocumentHeader) -> None:
    assert said(build_discharge_letter(replace(letter, header=header))) == []


@settings(max_examples=60, deadline=None)
@given(HEADERS, st.sampled_from(["application/pdf", "text/plain", "image/tiff"]))
def test_a_level_1_document_of_ours_keeps_the_schema(header: DocumentHeader, media_type: str) -> None:
    assert said(build_level1(header, b"%PDF-1.4", media_type)) == []


@pytest.mark.parametrize(
    ("wound", "expected"),
    [
        (rename("h:recordTarget", "{urn:hl7-org:v3}patient"), ("PLACE", "patient")),
        (rename("h:title", "{urn:example}title"), ("PLACE", "title")),
        (drop("h:recordTarget"), ("MISSING", "ClinicalDocument")),
        (drop("h:author/h:time"), ("MISSING", "author")),
        (drop("h:custodian"), ("MISSING", "ClinicalDocument")),
        (drop(f"({DRUG}/h:consumable)[1]"), ("MISSING", "component/structuredBody/component[5]/section/entry[1]")),
        (twice("h:code"), ("REPEATED", "code[2]")),
        (twice("h:recordTarget/h:patientRole/h:patient"), ("REPEATED", "recordTarget/patientRole/patient[2]")),
        (move_first("h:title"), ("ORDER", "title")),
        (move_first("h:component"), ("ORDER", "component")),
        (put("h:typeId", root="1.2.3"), ("VALUE", "typeId")),
        (put("h:id", root="pas un oid"), ("VALUE", "id")),
        (put("h:effectiveTime", value="4 mars 2026"), ("VALUE", "effectiveTime")),
        (put("h:versionNumber", value="deux"), ("VALUE", "versionNumber")),
        (put("h:author", typeCode="ENT"), ("VALUE", "author")),
        (put("h:relatedDocument", typeCode="COPY"), ("VALUE", "relatedDocument")),
        (put("h:title", code="1"), ("ATTRIBUTE", "title")),
        (put("h:languageCode", codeSystem="1.2.3"), ("ATTRIBUTE", "languageCode")),
        (unset("h:participant", "typeCode"), ("ATTRIBUTE", "participant")),
        (unset("h:relatedDocument", "typeCode"), ("ATTRIBUTE", "relatedDocument")),
        (write_in("h:recordTarget", "texte"), ("TEXT", "recordTarget")),
        (put(f"({DRUG}/h:effectiveTime)[1]", **{TYPE: "CD"}), ("TYPE", "")),
        (put(f"({DRUG}/h:effectiveTime)[1]", **{TYPE: "INCONNU"}), ("TYPE", "")),
        (put(f"({DRUG}/h:effectiveTime)[1]", **{TYPE: "x:IVL_TS"}), ("TYPE", "")),
        (unset(".//h:observation/h:value", TYPE), ("TYPE", "")),
        (put(f"{DRUG}", moodCode="DEF"), ("VALUE", "")),
        (put(f"{DRUG}", classCode="OBS"), ("VALUE", "")),
        (rename(f"({section('18776-5')}//h:tr)[1]", "{urn:hl7-org:v3}li"), ("PLACE", "")),
        (drop(f"{section('18776-5')}//h:tbody"), ("MISSING", "")),
        (put(f"({section('18776-5')}//h:td)[1]", align="gauche"), ("VALUE", "")),
    ],
)
def test_a_departure_is_found_where_it_is(wound: Mutation, expected: tuple[str, str]) -> None:
    rule, place = expected
    found_there = said(mutated(LETTER_BYTES, wound))
    assert any(each == rule and where.startswith(place) for each, where in found_there), found_there


def test_an_interval_has_its_bounds_in_one_of_the_orders_there_are() -> None:
    bounds = f"h:{EVENT_TIME.replace('/', '/h:')}"
    assert said(mutated(LETTER_BYTES, drop(f"{bounds}/h:low"))) == []
    assert said(mutated(LETTER_BYTES, rename(f"{bounds}/h:low", "{urn:hl7-org:v3}center"))) != []
    assert said(mutated(LETTER_BYTES, move_first(f"{bounds}/h:high"))) != []


@pytest.mark.parametrize("kind", ["IVL_PQ", "BXIT_IVL_PQ", "IVL_PPD_PQ"])
def test_an_interval_of_quantities_says_its_translations_before_its_bounds(kind: str) -> None:
    def measured(*names: str) -> Mutation:
        def mutation(root: _Element) -> None:
            value = found(root, ".//h:observation/h:value")[0]
            value.clear()
            value.set(f"{{{XSI}}}type", kind)
            for name in names:
                etree.SubElement(value, f"{{{HL7}}}{name}", value="1")

        return mutation

    assert said(mutated(LETTER_BYTES, measured("translation", "low", "high"))) == []
    assert said(mutated(LETTER_BYTES, measured("low", "high", "translation"))) != []


def test_a_part_of_another_vocabulary_stands_where_the_schema_lets_it() -> None:
    def extended(root: _Element) -> None:
        status = etree.Element("{urn:oid:1.3.6.1.4.1.19376.1.3.2}statusCode", code="completed")
        found(root, "h:documentationOf/h:serviceEvent/h:code")[0].addnext(status)

    def misplaced(root: _Element) -> None:
        status = etree.Element("{urn:oid:1.3.6.1.4.1.19376.1.3.2}statusCode", code="completed")
        found(root, "h:documentationOf/h:serviceEvent/h:performer")[0].addnext(status)

    assert said(mutated(LETTER_BYTES, extended)) == []
    assert said(mutated(LETTER_BYTES, misplaced)) == [("ORDER", "documentationOf/serviceEvent/statusCode")]


def structured(root: _Element) -> Iterator[_Element]:
    """The elements whose place the schema settles: not those of a narrative, an address or a name, which are free."""
    for element in root.iter():
        parent = element.getparent()
        if parent is not None and etree.QName(parent).localname not in {"addr", "name", "td", "content", "paragraph"}:
            yield element


PLACES = len(list(structured(etree.fromstring(LETTER_BYTES))))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, PLACES - 1))
def test_an_unknown_element_is_found_anywhere(place: int) -> None:
    root = etree.fromstring(LETTER_BYTES)
    target = list(structured(root))[place]
    target.addprevious(etree.Element("{urn:hl7-org:v3}intrus"))
    assert [rule for rule, where in said(etree.tostring(root)) if where.endswith("intrus")] == ["PLACE"]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, PLACES - 1))
def test_an_unknown_attribute_is_found_anywhere(place: int) -> None:
    root = etree.fromstring(LETTER_BYTES)
    list(structured(root))[place].set("intrus", "1")
    assert [rule for rule, _ in said(etree.tostring(root))] == ["ATTRIBUTE"]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, PLACES - 1), st.integers(0, PLACES - 1))
def test_a_document_cut_and_pasted_at_random_is_walked_to_its_end(source: int, target: int) -> None:
    root = etree.fromstring(LETTER_BYTES)
    elements = list(structured(root))
    elements[target].addnext(deepcopy(elements[source]))
    assert all(finding.severity == "error" and finding.message for finding in findings_in(etree.tostring(root)))


def test_the_findings_are_bounded() -> None:
    assert len(findings_in(mutated(LETTER_BYTES, *(put(".//h:*", intrus="1") for _ in range(2))))) == MAX_FINDINGS


def test_the_statement_holds_together() -> None:
    """Every type that a model names is stated, every set of values has its test, every line of types ends at ANY."""
    for name, model in TYPES.items():
        named = {type_ for content in model.contents for particle in content for type_ in particle.types.values()}
        assert named <= {*TYPES, FREE}, name
        assert all(each.fixed or each.values in TESTS for each in model.attributes.values()), name
    for name in PARENTS:
        parent = name
        while parent in PARENTS:
            parent = PARENTS[parent]
        assert parent == "ANY", name
        assert name in TYPES, name


def test_each_way_through_an_ambiguous_model_is_told_apart_by_its_first_element() -> None:
    """A model with several orders is read greedily: none of its places may take what the next one needs."""
    for name, model in TYPES.items():
        for content in model.contents:
            for particle, following in pairwise(content):
                assert not particle.types.keys() & following.types.keys(), name


@pytest.mark.parametrize(
    ("values", "good", "bad"),
    [
        ("ts", "20260304163000.25+0100", "2026-03-04"),
        ("ts", "2026", "202603041630000"),
        ("uid", "1.2.250.1", "1.2.250.01"),
        ("uid", "6D2B0C55-0B3C-4E9A-9D5A-0B3C4E9A9D5A", "6D2B0C55"[:-1] + "é"),
        ("cs", "N", ""),
        ("cs", "N", "deux mots"),
        ("bl", "true", "1"),
        ("int", "-12", "1,5"),
        ("real", "1.5", "1,5"),
        ("positive", "1", "0"),
        ("nullFlavor", "UNK", "INCONNU"),
        ("nullFlavor", "NP", "QS"),
    ],
)
def test_a_value_has_the_form_of_its_type(values: str, good: str, bad: str) -> None:
    assert TESTS[values](good)
    assert not TESTS[values](bad)


def test_a_report_of_level_1_is_held_to_the_schema_too() -> None:
    report = build_level1(a_header(type=REPORT.type), b"%PDF-1.4", "application/pdf")
    assert said(report) == []
    assert said(mutated(report, put("h:component/h:nonXMLBody/h:text", representation="HEX"))) == [
        ("VALUE", "component/nonXMLBody/text")
    ]
    assert said(build_discharge_letter(a_letter(stopped=()))) == []


def test_an_element_moved_is_told_once_and_its_sisters_are_not_blamed() -> None:
    assert said(mutated(LETTER_BYTES, move_first("h:title"))) == [("ORDER", "title")]
