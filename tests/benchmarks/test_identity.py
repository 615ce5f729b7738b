"""The people and the slips of the identity bench: the same at each run, and what they say they are."""

import random

import pytest
from benchmarks.identity import _score as score
from benchmarks.identity_people import KINDS, SLIPS, UNKNOWN, UNKNOWN_TWIN, WITH_INS, People, Query, draw_queries, typo

from liaison.core.identity.ins import is_valid_ins
from liaison.core.people import Patient

RESIDENTS = 600
PEOPLE = People(3)


def test_the_same_seed_gives_the_same_people_and_the_same_queries() -> None:
    again = People(3)
    assert [PEOPLE.person(n) for n in range(50)] == [again.person(n) for n in range(50)]
    assert list(draw_queries(PEOPLE, RESIDENTS, 40)) == list(draw_queries(again, RESIDENTS, 40))


def test_people_have_matricules_that_are_valid_and_twins_that_look_alike() -> None:
    everybody = [PEOPLE.person(number) for number in range(RESIDENTS)]
    assert all(is_valid_ins(person.identity.ins) for person in everybody if person.qualified)
    elder, twin = everybody[250].identity, everybody[251].identity
    assert (twin.birth_family, twin.birth_date, twin.birth_place) == (
        elder.birth_family,
        elder.birth_date,
        elder.birth_place,
    )


def test_every_kind_of_slip_is_asked_and_knows_whom_it_is_about() -> None:
    asked = list(draw_queries(PEOPLE, RESIDENTS, 2 * len(KINDS)))
    assert {query.kind for query in asked} == set(KINDS)
    for query in asked:
        assert (query.truth is None) == (query.kind in {UNKNOWN, UNKNOWN_TWIN})
        assert bool(query.claim.ins) == (query.kind == WITH_INS)


@pytest.mark.parametrize("kind", sorted(set(SLIPS) - {"as the home writes it"}))
def test_each_slip_changes_the_person(kind: str) -> None:
    asked = [query for query in draw_queries(PEOPLE, RESIDENTS, 6 * len(KINDS)) if query.kind == kind]
    for query in asked:
        assert query.truth is not None
        of = PEOPLE.person(query.truth).identity
        written = (query.claim.birth_family, query.claim.birth_given.upper(), query.claim.birth_date)
        assert written != (of.birth_family, of.birth_given.upper(), of.birth_date)


def test_a_typo_is_never_the_name_itself() -> None:
    dice = random.Random(1)  # noqa: S311 (a corpus, no secret)
    assert all(typo("LEFEVRE", dice) != "LEFEVRE" for _ in range(200))


def test_unknown_persons_who_are_linked_are_counted() -> None:
    nobody = Query(UNKNOWN, Patient(), None)
    assert score([(nobody, [(1, 0.95)]), (nobody, [(1, 0.5)]), (nobody, [])]) == {
        "sure": 33.3,
        "sure_is_right": 0.0,
        "shown": 0.7,
    }
