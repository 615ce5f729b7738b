"""The national extraction, line by line, as published and as it should not be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liaison.core.directory.extraction import COLUMNS, check_header, department_of, read_line, same_town
from liaison.core.directory.values import Listed, key_of, rpps_of
from liaison.core.notices import Notice

HEADER = "|".join(COLUMNS)
CELLS = {
    "Type de BAL": "PER",
    "Adresse BAL": "Anne.Morel@Ville.mssante.fr",
    "Type Identifiant PP": "8",
    "Identifiant PP": "10000000017",
    "Identification nationale PP": "810000000017",
    "Identification Structure": "1510000029",
    "Civilité d'exercice": "Docteur",
    "Nom d'exercice": "MOREL",
    "Prénom d'exercice": "Anne",
    "Libellé Profession": "Médecin",
    "Libellé savoir-faire": "Spécialiste en Médecine Générale",
    "Dématérialisation": "O",
    "Raison Sociale structure BAL": "CABINET MOREL",
    "L4NUMEROVOIE structure BAL": "12",
    "L4TYPEVOIE structure BAL": "RUE",
    "L4LIBELLEVOIE structure BAL": "DU PORT",
    "L6LIGNEACHEMINEMENT structure BAL": "51092 REIMS CEDEX",
    "Code postal structure BAL": "51092",
}


def line(**cells: str) -> str:
    values = {**CELLS, **cells}
    return "|".join(values.get(column, "") for column in COLUMNS)


def read(**cells: str) -> Listed:
    found = read_line(line(**cells))
    assert isinstance(found, Listed)
    return found


def refused(text: str) -> str:
    found = read_line(text)
    assert isinstance(found, Notice)
    return found.code


def test_a_line_says_who_where_and_what() -> None:
    found = read()
    assert found.email == "anne.morel@ville.mssante.fr"
    assert (found.family, found.given, found.title) == ("MOREL", "Anne", "Docteur")
    assert (found.profession, found.speciality) == ("Médecin", "Spécialiste en Médecine Générale")
    assert (found.street, found.postal_code, found.city) == ("12 RUE DU PORT", "51092", "REIMS")
    assert (found.department, found.dematerialised) == ("51", True)
    assert rpps_of(found.national_id) == "10000000017"


def test_an_organisation_is_known_by_its_mailbox_and_a_person_by_his_identifier() -> None:
    pharmacy = read(**{"Type de BAL": "ORG", "Nom d'exercice": ""})
    assert pharmacy.national_id == "1510000029"
    same, other = {"Type de BAL": "ORG", "Nom d'exercice": ""}, {"Adresse BAL": "autre@ville.mssante.fr"}
    assert key_of(pharmacy) == key_of(read(**same, **{"Service de rattachement": "Officine"}))
    assert key_of(pharmacy) != key_of(read(**same, **other))
    assert key_of(read()) == key_of(read(**other))


@pytest.mark.parametrize("number", ["010000000017", "81000000001", "8100000000171", "8abcdefghijk"])
def test_only_the_identifier_of_a_rpps_is_one(number: str) -> None:
    assert rpps_of(number) == ""


def test_the_published_header_is_taken_with_a_mark_and_a_last_separator() -> None:
    assert check_header(HEADER) is None
    assert check_header("\ufeff" + HEADER + "|\r\n") is None


@pytest.mark.parametrize("header", ["", "a|b", "|".join(COLUMNS[:-1]), "|".join(reversed(COLUMNS))])
def test_another_files_header_is_refused(header: str) -> None:
    assert check_header(header) is not None


def test_a_line_that_is_not_one_is_left_out_with_its_reason() -> None:
    assert refused("PER|a@b.fr") == "wrong_width"
    assert refused(line(**{"Type de BAL": "XXX"})) == "other_kind"
    for address in ("", "sans-arobase", "@ville.fr", "a b@ville.fr", "a@ville", "a" * 250 + "@ville.fr"):
        assert refused(line(**{"Adresse BAL": address})) == "no_address"


@pytest.mark.parametrize(
    ("code", "department"), [("51100", "51"), ("97410", "974"), ("98800", "988"), ("20000", "20"), ("", ""), ("AB", "")]
)
def test_the_department_comes_from_the_postal_code(code: str, department: str) -> None:
    assert department_of(code) == department


def test_a_town_is_itself_however_the_post_writes_it() -> None:
    assert same_town("ST ETIENNE", "Saint-Étienne")
    assert not same_town("REIMS", "RENNES")


@given(st.text())
def test_no_text_makes_the_reader_fall(text: str) -> None:
    assert isinstance(read_line(text), Listed | Notice)
    check_header(text)


@given(st.lists(st.text(st.characters(blacklist_characters="|")), min_size=len(COLUMNS), max_size=len(COLUMNS)))
def test_whatever_its_cells_a_line_is_read_or_left_out(cells: list[str]) -> None:
    found = read_line("|".join(["PER", "a@ville.mssante.fr", *cells[2:]]))
    assert isinstance(found, Listed)
    assert found.family == cells[9].strip()
