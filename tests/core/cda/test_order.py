"""What we write puts its elements in the order of documents that are valid against the CDA schema.

The schema is not ours to ship. The examples of a folder (LIAISON_SAMPLES) were published as valid: for each element,
two children that always stand one way round in them never stand the other way round in what we write.
"""

import os
from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given, settings
from lxml import etree
from tests.core.cda.makers import a_header
from tests.core.cda.test_build import LETTERS_TO_WRITE

from liaison.core.cda.build import build_discharge_letter, build_level1
from liaison.core.cda.values import DischargeLetter

FOLDER = os.environ.get("LIAISON_SAMPLES")
FILES = sorted(Path(FOLDER).rglob("*.xml")) if FOLDER else []
CDA = "urn:hl7-org:v3"
NARRATIVE = {"text", "table", "thead", "tbody", "tr", "th", "td", "list", "item", "paragraph", "content", "caption"}

Pair = tuple[str, str, str]

pytestmark = [pytest.mark.samples, pytest.mark.skipif(not FILES, reason="LIAISON_SAMPLES names no folder of CDA files")]


def pairs(data: bytes) -> Iterator[Pair]:
    """(parent, earlier child, later child) for every two different children of every structured element."""
    for element in etree.fromstring(data).iter(f"{{{CDA}}}*"):
        parent = etree.QName(element).localname
        children = [etree.QName(child).localname for child in element.iterchildren(f"{{{CDA}}}*")]
        if parent not in NARRATIVE:
            yield from ((parent, first, then) for first, then in combinations(children, 2) if first != then)


@pytest.fixture(scope="module")
def seen() -> set[Pair]:
    return {pair for path in FILES for pair in pairs(path.read_bytes())}


def against(seen: set[Pair], data: bytes) -> set[Pair]:
    return {pair for pair in pairs(data) if pair not in seen and (pair[0], pair[2], pair[1]) in seen}


def test_the_examples_know_enough_of_the_order_to_judge(seen: set[Pair]) -> None:
    known = defaultdict(set)
    for parent, first, _ in seen:
        known[parent].add(first)
    assert {"ClinicalDocument", "patientRole", "substanceAdministration", "section", "observation"} <= known.keys()
    assert ("ClinicalDocument", "title", "effectiveTime") in seen
    assert ("ClinicalDocument", "effectiveTime", "title") not in seen


@settings(max_examples=40, deadline=None)
@given(letter=LETTERS_TO_WRITE)
def test_a_letter_has_the_order_of_the_examples(seen: set[Pair], letter: DischargeLetter) -> None:
    assert against(seen, build_discharge_letter(letter)) == set()


def test_a_level_1_document_has_the_order_of_the_examples(seen: set[Pair]) -> None:
    assert against(seen, build_level1(a_header(), b"%PDF-1.4 ", "application/pdf")) == set()
