"""A list of residents: what is read, and the sentence each fault gets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liaison.core.identity.ins import ins_key
from liaison.core.notices import Unreadable
from liaison.core.roster import MOST_ROWS, Roster, read_roster

HEADER = "identifiant;nom_naissance;premier_prenom;date_naissance;sexe"
INS = "238045145412345"[:13]
INS += ins_key(INS)


def roster(text: str, encoding: str = "utf-8") -> Roster:
    read = read_roster(text.encode(encoding))
    assert isinstance(read, Roster), read
    return read


def faults(cells: str, header: str = HEADER) -> list[str]:
    return [problem.message for problem in roster(f"{header}\n{cells}\n").problems]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_exports_of_common_spreadsheets_are_read(encoding: str, separator: str, end: str) -> None:
    text = f"{HEADER}\nR12;LEFÈVRE;SUZANNE;12/04/1938;F\n".replace(";", separator).replace("\n", end)
    (row,) = roster(text, encoding).rows
    assert (row.line, row.local_id) == (2, "R12")
    assert row.traits == {
        "birth_family": "LEFÈVRE",
        "birth_given": "SUZANNE",
        "birth_date": "1938-04-12",
        "sex": "F",
    }


def test_an_empty_cell_says_nothing() -> None:
    (row,) = roster(f"{HEADER};chambre;present;nom_utilise\nR1;ROUX;PAUL;1938;m;;;\n").rows
    assert row.room == ""
    assert row.present is None
    assert "used_family" not in row.traits
    assert row.traits["sex"] == "M"


def test_a_matricule_is_read_without_its_blanks() -> None:
    (row,) = roster(f"{HEADER};matricule_ins\nR1;ROUX;SUZANNE;1938-04-12;F;{INS[:1]} {INS[1:]}\n").rows
    assert row.traits["ins"] == INS
    assert "ins_oid" not in row.traits


@pytest.mark.parametrize(
    ("cells", "word"),
    [
        ("R1;;SUZANNE;1938-04-12;F", "nom_naissance est vide"),
        ("R1;ROUX;SUZANNE;;F", "date_naissance est vide"),
        ("R1;ROUX;SUZANNE;1938-02-30;F", "n'est pas une date"),
        ("R1;ROUX;SUZANNE;30/02/1938;F", "n'est pas une date"),
        ("R1;ROUX;SUZANNE;hier;F", "n'est pas une date"),
        ("R1;ROUX;SUZANNE;1938-04-12;femme", "F, M ou U"),
        (";ROUX;SUZANNE;1938-04-12;F", "identifiant ou un matricule"),
        ("R1;ROUX;SUZANNE;1938-04-12", "autant de cases"),
        (f"R1;{'X' * 101};SUZANNE;1938-04-12;F", "dépasse 100"),
    ],
)
def test_each_fault_of_a_line_is_said(cells: str, word: str) -> None:
    assert any(word in message for message in faults(cells))


@pytest.mark.parametrize(
    ("column", "cell", "word"),
    [
        ("matricule_ins", f"{INS[:13]}{(int(INS[13:]) + 1) % 97:02d}", "forme ou clé"),
        ("statut_identite", "SÛR", "PROV, RECUP"),
        ("statut_identite", "QUAL", "porte un matricule"),
        ("lieu_naissance", "Reims", "code INSEE"),
        ("present", "peut-être", "oui ou non"),
    ],
)
def test_each_fault_of_an_optional_cell_is_said(column: str, cell: str, word: str) -> None:
    (message,) = faults(f"R1;ROUX;SUZANNE;1938-04-12;F;{cell}", f"{HEADER};{column}")
    assert word in message


def test_an_identifier_that_comes_twice_is_refused_the_second_time() -> None:
    read = roster(f"{HEADER}\nR1;ROUX;ANNE;1938;F\nR1;PETIT;LUC;1939;M\n")
    assert [(problem.line, "ligne 2" in problem.message) for problem in read.problems] == [(3, True)]


def test_a_quoted_cell_over_two_lines_keeps_the_line_numbers_of_the_file() -> None:
    read = roster(f'{HEADER}\nR1;"ROUX\nPETIT";ANNE;1938;F\nR2;;ANNE;1938;F\n')
    assert [problem.line for problem in read.problems] == [4]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "csv_empty"),
        (f"{HEADER};telephone\n".encode(), "csv_unknown_column"),
        (f"{HEADER};sexe\n".encode(), "csv_column_twice"),
        (b"identifiant;nom_naissance\n", "roster_missing_column"),
        (f'{HEADER}\nR1;"ROUX;ANNE;1938;F\n'.encode(), "csv_unreadable"),
        ((HEADER + "\n" + "a\n" * (MOST_ROWS + 1)).encode(), "csv_too_large"),
    ],
)
def test_a_file_that_cannot_be_used_is_said_whole(content: bytes, code: str) -> None:
    read = read_roster(content)
    assert isinstance(read, Unreadable)
    assert read.notice.code == code


@given(st.binary(max_size=400))
def test_no_bytes_make_the_reader_fail(content: bytes) -> None:
    assert isinstance(read_roster(content), Roster | Unreadable)


@given(st.binary(max_size=200))
def test_no_line_makes_the_reader_fail_and_its_value_is_in_no_sentence(content: bytes) -> None:
    read = read_roster(HEADER.encode() + b"\n" + content)
    assert isinstance(read, Roster | Unreadable)


@pytest.mark.parametrize(
    ("cell", "traits", "homonym"),
    [
        ("", {}, False),
        ("homonyme", {"doubt": ""}, True),
        ("HOMO, DOUT", {"doubt": "DOUT", "ins": "", "ins_oid": "", "ins_status": "PROV"}, True),
        ("Fictive", {"doubt": "FICT", "ins": "", "ins_oid": "", "ins_status": "PROV"}, False),
        ("aucun", {"doubt": ""}, False),
    ],
)
def test_the_attributes_of_the_identity_are_read(cell: str, traits: dict[str, str], homonym: bool) -> None:
    (row,) = roster(f"{HEADER};attributs_identite\nR1;ROUX;PAUL;1938;M;{cell}\n").rows
    stated = {"doubt", "ins", "ins_oid", "ins_status"} & row.traits.keys()
    assert {name: row.traits[name] for name in stated} == traits
    assert row.homonym is homonym


@pytest.mark.parametrize(
    ("cells", "word"),
    [
        ("bizarre;;", "Les attributs sont"),
        ("aucun douteuse;;", "dit aucun, ou"),
        ("douteuse fictive;;", "pas les deux"),
        (f"douteuse;{INS};", "provisoire et ne porte pas"),
        ("douteuse;;VALI", "provisoire et ne porte pas"),
    ],
)
def test_an_attribute_that_cannot_be_is_said(cells: str, word: str) -> None:
    header = f"{HEADER};attributs_identite;matricule_ins;statut_identite"
    assert any(word in fault for fault in faults(f"R1;ROUX;PAUL;1938;M;{cells}", header))
