"""What gathers the writings of one person: whatever one slip does, a key or the birth date still joins them."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.identity.identities import CLAIM, LOCAL

from liaison.core.identity.search import KEY_NAMES, names_of, plan_search, search_keys, sound_of
from liaison.core.identity.traits import LocalIdentity, search_name
from liaison.core.people import Patient

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
SUZANNE = LocalIdentity(
    "s",
    "1",
    birth_family="LEFÈVRE",
    birth_given="Suzanne",
    used_family="Roux",
    birth_date="1938-04-12",
    former=(LocalIdentity("s", "1", birth_family="PETIT", birth_given="SUZY", birth_date="1937-04-12"),),
)


def gathered(claim: Patient, held: LocalIdentity) -> bool:
    """Whether the database would look at this resident for this claim."""
    plan = plan_search(claim)
    for name in names_of(held):
        shared = any(key and key in plan.keys[of] for of, key in zip(KEY_NAMES, name.keys, strict=True))
        if shared or name.birth_date in plan.birth_dates:
            return True
    return False


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("GAUTHIER", "GAUTIER"),
        ("THÉRÈSE", "Terese"),
        ("MARTINEAU", "MARTINO"),
        ("DUBOIS", "DUBOI"),
        ("HENRY", "HENRI"),
        ("PHILIPPOT", "FILIPO"),
        ("LE GOFF", "LEGOF"),
        ("MARIE-LOUISE", "MARIE LOUISE"),
        ("CHRISTIANE", "KRISTIANE"),
    ],
)
def test_names_heard_alike_share_their_sound(one: str, other: str) -> None:
    assert sound_of(search_name(one)) == sound_of(search_name(other)) != ""


@pytest.mark.parametrize(("one", "other"), [("MARTIN", "MOREAU"), ("DUPONT", "DURAND"), ("PAUL", "PIERRE")])
def test_names_heard_otherwise_do_not(one: str, other: str) -> None:
    assert sound_of(one) != sound_of(other)


@given(st.text(max_size=30))
def test_any_name_with_a_letter_has_a_sound_and_none_makes_it_fail(text: str) -> None:
    name = search_name(text)
    assert bool(sound_of(name)) == any(letter in LETTERS for letter in name)
    assert len(sound_of(name)) <= len(name)


families = st.text(LETTERS, min_size=6, max_size=14)
givens = st.text(LETTERS, min_size=1, max_size=12)


@st.composite
def slips(draw: st.DrawFn) -> tuple[str, str]:
    """A name, and the same with one letter added, dropped, changed or swapped with the next."""
    name = draw(families)
    place = draw(st.integers(0, len(name) - 2))
    letter = draw(st.sampled_from(LETTERS))
    slipped = {
        "added": name[:place] + letter + name[place:],
        "dropped": name[:place] + name[place + 1 :],
        "changed": name[:place] + letter + name[place + 1 :],
        "swapped": name[:place] + name[place + 1] + name[place] + name[place + 2 :],
    }
    return name, slipped[draw(st.sampled_from(sorted(slipped)))]


@given(slips(), givens, st.sampled_from(["1938-12-04", "1938-04-21", "1938-04", "1938"]))
def test_one_slip_in_a_name_beside_a_date_of_the_right_year_is_gathered(
    names: tuple[str, str], given_name: str, date: str
) -> None:
    held = LocalIdentity("x", "1", birth_family=names[0], birth_given=given_name, birth_date="1938-04-12")
    assert gathered(Patient(birth_family=names[1], birth_given=given_name, birth_date=date), held)
    turned = LocalIdentity("x", "1", birth_family=given_name, birth_given=names[0], birth_date="1938-04-12")
    assert gathered(Patient(birth_family=given_name, birth_given=names[1], birth_date=date), turned)


@given(families, givens)
def test_names_the_other_way_round_are_gathered_even_without_a_date(family: str, given_name: str) -> None:
    held = LocalIdentity("x", "1", birth_family=family, birth_given=given_name)
    assert gathered(Patient(birth_family=given_name, birth_given=family), held)


@given(families, givens, families, givens)
def test_the_right_date_gathers_whatever_the_names(family: str, given_name: str, other_family: str, other: str) -> None:
    held = LocalIdentity("x", "1", birth_family=family, birth_given=given_name, birth_date="1938-04-12")
    for date in ("1938-04-12", "1938-12-04"):
        assert gathered(Patient(birth_family=other_family, birth_given=other, birth_date=date), held)


@pytest.mark.parametrize(
    "claim",
    [
        Patient(birth_family="ROUX", birth_given="SUZANNE"),
        Patient(birth_family="PETIT", birth_given="SUZY"),
        Patient(birth_family="LEFEVRE", birth_given="SUZANE"),
        Patient(used_family="ROUX", birth_family="X", birth_given="SUZANNE"),
    ],
    ids=["used", "former", "misspelt", "used by the document too"],
)
def test_names_in_use_and_held_before_are_gathered(claim: Patient) -> None:
    assert gathered(claim, SUZANNE)


def test_each_writing_is_there_once_and_says_what_it_is() -> None:
    assert [(name.kind, name.family, name.given, name.birth_date) for name in names_of(SUZANNE)] == [
        ("birth", "LEFEVRE", "SUZANNE", "1938-04-12"),
        ("used", "ROUX", "SUZANNE", "1938-04-12"),
        ("former", "PETIT", "SUZY", "1937-04-12"),
    ]
    again = replace(SUZANNE, former=(replace(SUZANNE, former=()),))
    assert len(names_of(again)) == 2


def test_a_claim_that_says_nothing_looks_up_nothing() -> None:
    plan = plan_search(Patient(sex="F"))
    assert (plan.birth_dates, set(plan.keys.values())) == ((), {()})
    assert search_keys("DUPONT", "", "1938") == ("",) * len(KEY_NAMES)


def test_a_date_is_looked_up_swapped_and_at_lesser_precisions() -> None:
    assert plan_search(replace(CLAIM, birth_date="1938-04-12")).birth_dates == (
        "1938-04-12",
        "1938-12-04",
        "1938-04",
        "1938",
    )
    assert plan_search(CLAIM).birth_dates == ("1979-03-28", "1979-03", "1979")


def test_the_writing_of_a_name_changes_no_key() -> None:
    assert names_of(LOCAL)[0].keys == names_of(CLAIM)[0].keys
