"""How a professional is found: as he is written, as he is said, and a slip of the finger away."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from liaison.core.directory.values import Listed
from liaison.core.directory.words import closeness, near, other_ways, search_words, slips, typed_words, words_of

WORD = st.text("abcdefghij", min_size=3, max_size=9)


def test_accents_hyphens_and_town_styles_do_not_count() -> None:
    assert words_of("Saint-Étienne") == words_of("ST ETIENNE") == ("saint", "etienne")
    assert set(words_of("N'Diaye-Robert")) == {"diaye", "robert", "ndiaye"}
    assert words_of("Lebœuf") == ("leboeuf",)


def test_a_line_is_found_by_name_town_profession_and_speciality() -> None:
    line = Listed("PER", "a@b.fr", family="MOREL", given="Anne", profession="Médecin", city="REIMS", department="51")
    assert {"morel", "anne", "medecin", "reims"} <= set(search_words([line])[0].split())


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("cardiologue", "cardiologie"),
        ("generaliste", "generale"),
        ("gériatre", "geriatrie"),
        ("infirmière", "infirmier"),
    ],
)
def test_a_trade_is_found_as_people_say_it(said: str, written: str) -> None:
    (word,) = typed_words(said)
    assert any(written.startswith(way) for way in other_ways(word))


@given(WORD, WORD)
def test_the_words_a_slip_away_are_those_at_a_distance_of_one(one: str, other: str) -> None:
    assert (other in slips(one)) == (OSA.distance(one, other) == 1)


def test_two_slips_are_allowed_in_a_long_word_only() -> None:
    assert near("lefevbre", ["lefebvre", "lefort", "lefevre"]) == ("lefebvre", "lefevre")
    assert near("pont", ["port", "pons"]) == ()


def test_a_family_name_counts_more_than_a_given_name_and_whole_more_than_begun() -> None:
    whole = Listed("PER", "", family="MARTIN", given="Paul")
    begun, given_name = whole._replace(family="MARTINEZ"), whole._replace(family="PETIT", given="Martin")
    scores = [closeness(["martin"], line) for line in (whole, given_name, begun)]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == 3


@given(st.text())
def test_whatever_is_typed_gives_words_a_query_can_hold(text: str) -> None:
    assert len(typed_words(text)) <= 6
    assert all(word.isalnum() for word in typed_words(text))
