from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.identity.identities import CLAIM, LOCAL

from liaison.core.identity.traits import LocalIdentity, compare_traits, search_name, strict_date, strict_name
from liaison.core.people import INS_NIA, Patient


def verdicts(claim: Patient, local: LocalIdentity) -> dict[str, str]:
    return {comparison.trait: comparison.verdict for comparison in compare_traits(claim, local)}


def verdict_of_given_names(claimed: tuple[str, str], held: tuple[str, str]) -> str:
    claim = Patient(birth_given=claimed[0], given_names=claimed[1])
    return verdicts(claim, LocalIdentity("r", "s", birth_given=held[0], given_names=held[1]))["birth_given"]


@pytest.mark.parametrize(
    ("written", "strict"),
    [
        ("Lefèvre", "LEFEVRE"),
        ("  de  la   Tour ", "DE LA TOUR"),
        ("Cœur‑de‑Roÿ", "COEUR-DE-ROY"),
        ("D’Été", "D'ETE"),
        ("L`Hôte - Ærts", "L'HOTE-AERTS"),
        ("Anne,Marie", "ANNE MARIE"),
    ],
)
def test_strict_form_is_capitals_without_diacritics(written: str, strict: str) -> None:
    assert strict_name(written) == strict


@given(st.text(max_size=30))
def test_the_strict_form_is_stable_and_any_text_is_accepted(text: str) -> None:
    assert strict_name(strict_name(text)) == strict_name(text)
    assert set(search_name(text)) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ")


def test_a_hyphen_is_a_value_for_comparison_and_nothing_for_search() -> None:
    assert strict_name("MARIE-LOUISE") != strict_name("MARIE LOUISE")
    assert search_name("Marie-Louise") == search_name("MARIE LOUISE")


@pytest.mark.parametrize(
    ("written", "date"),
    [
        ("1979-03-28", "1979-03-28"),
        ("19790328", "1979-03-28"),
        ("1979-03-28T00:00:00+01:00", "1979-03-28"),
        ("1979-03", "1979-03"),
        ("1979-03-00", "1979-03"),
        ("19790000", "1979"),
        ("28/03/1979", ""),
        ("0000", ""),
    ],
)
def test_unknown_parts_of_a_date_are_left_out(written: str, date: str) -> None:
    assert strict_date(written) == date


def test_the_seven_traits_are_equal_whatever_their_writing() -> None:
    comparisons = compare_traits(CLAIM, LOCAL)
    assert [comparison.trait for comparison in comparisons] == [
        "ins",
        "ins_oid",
        "birth_family",
        "birth_given",
        "birth_date",
        "sex",
        "birth_place",
    ]
    assert {comparison.verdict for comparison in comparisons} == {"equal"}
    assert comparisons[2].claimed == "PAT-TROIS"
    assert comparisons[2].held == "Pat-Trois"


@pytest.mark.parametrize(
    ("trait", "value"),
    [
        ("ins", "279035121519080"),
        ("ins_oid", INS_NIA),
        ("birth_family", "PAT TROIS"),
        ("birth_given", "DOMINIC"),
        ("birth_date", "1979-03"),
        ("sex", "M"),
        ("birth_place", "51216"),
    ],
)
def test_each_trait_is_compared_by_value(trait: str, value: str) -> None:
    found = verdicts(replace(CLAIM, **{trait: value}), LOCAL)
    assert found.pop(trait) == "differs"
    assert set(found.values()) == {"equal"}


def test_what_is_missing_is_told_apart_by_side() -> None:
    assert set(verdicts(Patient(), LOCAL).values()) == {"not_claimed"}
    assert set(verdicts(CLAIM, LocalIdentity("r", "s")).values()) == {"not_held"}
    assert verdicts(replace(CLAIM, sex="U"), LOCAL)["sex"] == "not_claimed"


@pytest.mark.parametrize(
    ("claimed", "held", "verdict"),
    [
        (("DOMINIQUE", ""), ("", "Dominique Marie-Louise"), "equal"),
        (("", "DOMINIQUE MARIE-LOUISE"), ("Dominique", ""), "equal"),
        (("DOMINIQUE", "DOMINIQUE MARIE-LOUISE"), ("DOMINIQUE", "DOMINIQUE MARIE LOUISE"), "differs"),
        (("DOMINIQUE", "DOMINIQUE PAUL"), ("DOMINIQUE", "DOMINIQUE"), "differs"),
        (("MARIE", ""), ("", "DOMINIQUE MARIE"), "differs"),
        (("ANNE", ""), ("", "ANNE-MARIE LOUISE"), "differs"),
        (("ANNE MARIE", ""), ("", "ANNE MARIE LOUISE"), "equal"),
        (("ANNE", "ANNE MARIE"), ("ANNE MARIE", "ANNE MARIE"), "differs"),
    ],
)
def test_the_first_given_name_opens_the_list(claimed: tuple[str, str], held: tuple[str, str], verdict: str) -> None:
    assert verdict_of_given_names(claimed, held) == verdict
