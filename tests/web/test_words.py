"""French words for values."""

from datetime import UTC, datetime, timedelta

import pytest

from liaison.core.people import INS_TEST
from liaison.web import words

NOW = datetime(2026, 3, 12, 15, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-5, "il y a 0 s"),
        (59, "il y a 59 s"),
        (60, "il y a 1 min"),
        (3599, "il y a 59 min"),
        (3600, "il y a 1 h"),
        (47 * 3600, "il y a 47 h"),
        (48 * 3600, "il y a 2 j"),
    ],
)
def test_an_age_is_said_in_the_unit_a_person_would_use(seconds: int, said: str) -> None:
    assert words.age(NOW - timedelta(seconds=seconds), NOW) == said


@pytest.mark.parametrize(
    ("stated", "said"),
    [
        ("2026-03-12", "12/03/2026"),
        ("2026-03", "03/2026"),
        ("2026", "2026"),
        ("2026-03-12T14:05:00+01:00", "12/03/2026 à 14:05"),
        ("vers mars", "vers mars"),
        ("", ""),
    ],
)
def test_a_stated_date_keeps_its_precision(stated: str, said: str) -> None:
    assert words.stated_date(stated) == said


def test_a_moment_is_said_in_the_time_of_the_home() -> None:
    assert words.moment(NOW) == "12/03/2026 à 16:00"


def test_zero_is_singular_in_french() -> None:
    assert [words.count(number, "message") for number in (0, 1, 2)] == ["0 message", "1 message", "2 messages"]


def test_a_matricule_is_read_in_groups_and_a_malformed_one_is_left_as_it_is() -> None:
    assert words.matricule("240055145401234") == "2 40 05 51 454 012 34"
    assert words.matricule("2400551") == "2400551"


def test_traits_are_said_as_people_read_them() -> None:
    assert words.trait_value("sex", "F") == "Féminin"
    assert words.trait_value("ins_oid", INS_TEST) == "INS de test"
    assert words.trait_value("ins_oid", "1.2.3") == "1.2.3"
    assert words.trait_value("birth_family", "DUPONT") == "DUPONT"


def test_a_dosage_is_read_from_a_row_or_from_the_json_of_a_letter() -> None:
    letter = {"dose": "1 cp", "frequency": "le soir", "route": "", "as_needed": True}
    assert words.dosage(letter) == "1 cp · le soir · si besoin"
