"""The place of a document among those held: SC.CDA/INT.18 and the errors 900 and 901, rule by rule."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liaison.core.versions.decide import RULES, Arrival, Version, decide_version, rule_of

HOSPITAL = frozenset({"1510000029", "810000000017"})
V1 = Version("un", "1.2.3.1", "1.2.9", 1, "a" * 64, HOSPITAL)
V2 = Version("deux", "1.2.3.2", "1.2.9", 2, "b" * 64, HOSPITAL)
V3 = Version("trois", "1.2.3.3", "1.2.9", 3, "c" * 64, HOSPITAL)
ELSEWHERE = frozenset({"1750000011"})


def kind(version: Version, *held: Version, **asked: Any) -> tuple[str, str | None]:
    decision = decide_version(Arrival(version, **asked), held)
    return decision.kind, decision.held


def test_the_first_of_its_set_is_a_first() -> None:
    assert kind(V1) == ("first", None)
    assert kind(V2) == ("first", None)


def test_the_same_id_and_version_with_the_same_bytes_is_a_duplicate() -> None:
    assert kind(replace(V1, key="copie"), V1) == ("duplicate", "un")


def test_the_same_id_and_version_with_other_bytes_goes_to_a_person() -> None:
    assert kind(replace(V1, key="autre", sha256="f" * 64), V1) == ("conflict", "un")


def test_without_an_id_the_same_bytes_are_a_duplicate_and_others_are_not() -> None:
    bare = Version("nu", "", "", 1, "d" * 64)
    assert kind(replace(bare, key="copie"), bare) == ("duplicate", "nu")
    assert kind(replace(bare, sha256="e" * 64), bare) == ("first", None)


def test_a_higher_version_of_the_set_replaces_the_last_one_held() -> None:
    assert kind(V3, V1, V2) == ("replaces", "deux")


def test_a_lower_or_equal_version_of_the_set_is_obsolete() -> None:
    assert kind(V1, V3) == ("obsolete", "trois")
    assert kind(replace(V2, document_id="1.2.3.22"), V2) == ("obsolete", "deux")


def test_a_version_that_somebody_else_numbers_higher_never_makes_the_authors_own_obsolete() -> None:
    usurped = replace(V2, key="autre", document_id="1.9.9", writers=ELSEWHERE)
    assert kind(V1, usurped) == ("first", None)
    assert kind(V2, V1, replace(usurped, number=7)) == ("replaces", "un")
    assert kind(usurped, V1) == ("other_author", "un")
    assert kind(replace(usurped, number=1), V1) == ("other_author", "un")


def test_versions_that_do_not_say_who_wrote_them_are_still_obsolete() -> None:
    nobody = frozenset[str]()
    assert kind(replace(V1, writers=nobody), replace(V3, writers=nobody)) == ("obsolete", "trois")
    assert kind(replace(V1, writers=nobody), V3) == ("obsolete", "trois")


def test_rplc_by_id_replaces_a_document_of_another_set() -> None:
    assert kind(replace(V2, set_id=""), V1, replaces=("1.2.3.1",)) == ("replaces", "un")


def test_replacing_what_is_not_held_or_not_the_last_is_900() -> None:
    assert kind(replace(V2, set_id=""), replaces=("1.2.3.1",)) == ("not_the_last", None)
    assert kind(V2, action="replace") == ("not_the_last", None)
    assert kind(replace(V2, document_id="7", set_id="8"), V1, V3, replaces=("1.2.3.1",)) == ("not_the_last", "trois")
    assert RULES["not_the_last"].error_code == "900"


@pytest.mark.parametrize("action", ["create", "cancel"])
def test_another_author_and_organisation_is_901(action: str) -> None:
    assert kind(replace(V2, writers=ELSEWHERE), V1, action=action) == ("other_author", "un")
    assert RULES["other_author"].error_code == "901"


def test_another_author_of_the_same_organisation_may_replace() -> None:
    colleague = replace(V2, writers=frozenset({"1510000029", "810000000018"}))
    assert kind(colleague, V1) == ("replaces", "un")


def test_a_cancellation_concerns_the_document_of_that_id_and_is_never_a_duplicate() -> None:
    assert kind(replace(V1, key="demande"), V1, action="cancel") == ("cancels", "un")


def test_cancelling_what_is_not_held_or_not_the_last_is_900() -> None:
    assert kind(V1, action="cancel") == ("not_the_last", None)
    assert kind(replace(V1, key="demande"), V1, V2, action="cancel") == ("not_the_last", "deux")


@given(st.permutations([V1, V2, V3]), st.integers(1, 6))
def test_the_order_of_what_is_held_changes_nothing(held: list[Version], number: int) -> None:
    new = Version("neuf", f"1.2.4.{number}", "1.2.9", number, "e" * 64, HOSPITAL)
    assert kind(new, *held) == (("replaces" if number > 3 else "obsolete"), "trois")


def test_every_kind_has_its_sentence_and_an_unknown_one_has_none() -> None:
    assert all(rule.sentence for rule in RULES.values())
    assert rule_of("replaces") is RULES["replaces"]
    assert rule_of("") is None
