"""Letters in the text form of HPRIM: what their header claims, and what is no such letter."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.growth import costs_no_more_than_its_size

from liaison.core.mail.hprim import read_hprim
from liaison.core.people import Patient

LINES = (
    "0000042",
    "NESSI ",
    "Ruth",
    "3 RUE DES TILLEULS            ",
    "",
    "51100 REIMS",
    "14/07/1936",
    "2360751223344 82",
    "   506232",
    "03/03/2026",
    "boileau Dr Boileau Jean",
    "  SEC EHPAD Les Tilleuls   ",
)
WORDS = "\nCher confrère,\n\n  Kaliémie  4,1 mmol/l\n"
RUTH = Patient(used_family="NESSI", used_given="Ruth", birth_date="1936-07-14")


def written(*changes: tuple[int, str], words: str = WORDS, end: str = "****FIN****\n****FINFICHIER****\n") -> str:
    lines = list(LINES)
    for line, value in changes:
        lines[line - 1] = value
    return "\n".join([*lines, words]) + end


def test_the_header_is_a_claim_without_ins_and_the_words_stand_apart() -> None:
    (letter,) = read_hprim(written().encode())
    assert letter.patient == RUTH
    assert (letter.date, letter.reference) == ("2026-03-03", "506232")
    assert (letter.sender, letter.recipient) == ("boileau Dr Boileau Jean", "SEC EHPAD Les Tilleuls")
    assert letter.text == "Cher confrère,\n\n  Kaliémie  4,1 mmol/l"


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_the_form_is_known_in_every_encoding_and_line_end(encoding: str, line_end: str) -> None:
    (letter,) = read_hprim(written((2, "ŒUVRÉE")).replace("\n", line_end).encode(encoding))
    assert letter.patient.used_family == "ŒUVRÉE"


@pytest.mark.parametrize("before", ["", "\n", " \n\n"])
def test_blank_lines_before_the_header_are_passed(before: str) -> None:
    assert read_hprim((before + written()).encode())[0].patient == RUTH


def test_the_coded_results_are_no_words() -> None:
    (letter,) = read_hprim(written(words=f"{WORDS} ****LAB****\nTEX|x\nRES|Kaliémie|K|N|4.1\n").encode())
    assert "RES|" not in letter.text


def test_several_letters_of_one_text_are_each_read() -> None:
    other = written((2, "AUTRE"), (7, "02/01/1940"))
    letters = read_hprim((written(end="****FIN****\n") + other).encode())
    assert [letter.patient.used_family for letter in letters] == ["NESSI", "AUTRE"]


def test_a_letter_without_its_end_mark_is_known_by_its_date_alone() -> None:
    assert len(read_hprim(written(end="").encode())) == 1
    assert read_hprim(written((10, ""), end="").encode()) == ()
    assert len(read_hprim(written((10, "")).encode())) == 1


@pytest.mark.parametrize(
    "change",
    [
        (2, ""),
        (2, "0102030405"),
        (3, "Bonjour : voici"),
        (7, "14/07/36"),
        (7, "31/02/1936"),
        (7, "né le 14/07/1936"),
        (8, "appeler le secrétariat"),
        (10, "hier"),
        (4, "x" * 200),
    ],
)
def test_what_only_looks_like_a_header_is_no_letter(change: tuple[int, str]) -> None:
    assert read_hprim(written(change).encode()) == ()


@given(st.binary(max_size=400))
def test_any_bytes_behind_a_header_are_read(junk: bytes) -> None:
    assert read_hprim("\n".join(LINES).encode() + b"\n" + junk + b"\n****FIN****\n")


@given(st.binary(max_size=600))
def test_junk_never_raises(junk: bytes) -> None:
    read_hprim(b"\n\n01/01/2000\n" + junk)


@pytest.mark.parametrize("piece", ["14/07/1936\n", "****FIN****\n", "\n", "*", written()])
def test_a_hostile_text_costs_no_more_than_its_size(piece: str) -> None:
    assert costs_no_more_than_its_size(read_hprim, lambda size: (piece * size)[:size].encode(), 500_000)
