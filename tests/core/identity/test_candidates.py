from dataclasses import replace

import pytest
from tests.support.growth import costs_no_more_than_its_size

from liaison.core.identity.decide import rank_candidates
from liaison.core.identity.traits import LocalIdentity
from liaison.core.people import INS_NIR, Patient

JEANNE = LocalIdentity(
    key="jeanne",
    site="s1",
    birth_family="LEFÈVRE",
    birth_given="JEANNE",
    given_names="JEANNE MARIE",
    used_family="MARTINEAU",
    birth_date="1934-11-07",
    sex="F",
    birth_place="51454",
)
TWIN = replace(JEANNE, key="twin", birth_given="LOUISE", given_names="LOUISE ANNE", used_family="")
HOMONYM = replace(JEANNE, key="homonym", birth_date="1941-02-19", birth_place="08105", used_family="")
OTHERS = [
    LocalIdentity("paul", "s1", birth_family="DUBOIS", birth_given="PAUL", birth_date="1935-06-02", sex="M"),
    LocalIdentity("rose", "s1", birth_family="GARNIER", birth_given="ROSE", birth_date="1938-01-30", sex="F"),
    LocalIdentity("yves", "s2", birth_family="LE GOFF", birth_given="YVES", birth_date="1934-11-07", sex="M"),
]
RESIDENTS = [*OTHERS, HOMONYM, TWIN, JEANNE]
CLAIM = Patient(birth_family="LEFEVRE", birth_given="JEANNE", birth_date="1934-11-07", sex="F")


def first(claim: Patient) -> str:
    return rank_candidates(claim, RESIDENTS)[0].key


def test_twins_and_homonyms_both_appear_after_the_nearest() -> None:
    ranked = rank_candidates(CLAIM, RESIDENTS)
    assert ranked[0].key == "jeanne"
    assert ranked[0].score == 100
    assert {candidate.key for candidate in ranked} == {"jeanne", "homonym", "twin"}
    assert all(0 <= candidate.score < 100 for candidate in ranked[1:])
    assert len(ranked[1].evidence) == 7


@pytest.mark.parametrize(
    "changed",
    [
        {"birth_family": "LEFEBVRE"},
        {"birth_family": "LEFVERE"},
        {"birth_family": "MARTINEAU"},
        {"birth_family": "", "used_family": "MARTINAU"},
        {"birth_given": "JEANE"},
        {"birth_given": "MARIE"},
        {"birth_given": "JEANNE-MARIE"},
        {"birth_family": "JEANNE", "birth_given": "LEFEVRE"},
        {"birth_date": "1934-07-11"},
        {"birth_date": "1934-11-17"},
        {"birth_date": "1934"},
        {"sex": "", "birth_date": "1934"},
    ],
)
def test_slips_of_the_hand_still_find_the_resident_first(changed: dict[str, str]) -> None:
    assert first(replace(CLAIM, **changed)) == "jeanne"


def test_without_a_birth_date_homonyms_are_equally_near() -> None:
    ranked = rank_candidates(replace(CLAIM, birth_date=""), RESIDENTS)
    assert [(candidate.key, candidate.score) for candidate in ranked[:2]] == [("homonym", 100), ("jeanne", 100)]


def test_unrelated_residents_are_not_proposed() -> None:
    assert rank_candidates(replace(CLAIM, birth_family="ZIMMER", birth_given="OTTO"), RESIDENTS) == ()


def test_a_claim_without_any_name_proposes_nobody() -> None:
    assert rank_candidates(Patient(birth_date="1934-11-07", sex="F"), RESIDENTS) == ()


def test_the_holder_of_the_matricule_is_proposed_whatever_the_names() -> None:
    holder = replace(OTHERS[0], ins="135065145400150", ins_oid=INS_NIR)
    claim = replace(CLAIM, ins="135065145400150", ins_oid=INS_NIR)
    assert rank_candidates(claim, [holder, *OTHERS[1:]])[0].key == "paul"


def test_the_list_is_short_and_stable() -> None:
    crowd = [replace(JEANNE, key=f"{number:03d}") for number in range(30)]
    ranked = rank_candidates(CLAIM, reversed(crowd))
    assert [candidate.key for candidate in ranked] == [f"{number:03d}" for number in range(8)]
    assert len(rank_candidates(CLAIM, crowd, limit=3)) == 3


def test_a_crowd_is_ranked_in_no_more_time_than_its_size() -> None:
    assert costs_no_more_than_its_size(lambda crowd: rank_candidates(CLAIM, crowd), _crowd, 300)


def _crowd(size: int) -> list[LocalIdentity]:
    return [replace(JEANNE, key=str(n), birth_family=f"NOM{n}", birth_given=f"PRENOM{n % 40}") for n in range(size)]
