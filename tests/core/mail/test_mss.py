"""Subjects, file names and headers of MSSanté mail."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liaison.core.mail.mss import (
    MssHeaders,
    MssSubject,
    compose_subject,
    mss_headers,
    pdf_name,
    read_mss_headers,
    read_subject,
)


def test_the_subject_of_one_document_follows_eco_2_1_3() -> None:
    assert compose_subject(["Lettre de liaison à la sortie"], "Étienne-Œuf", "Zoé", "1936-07-14") == (
        "XDM/1.0/DDM+Lettre de liaison à la sortie ETIENNE-OEUF Zoe 14/07/1936"
    )


def test_a_label_is_cut_at_forty_characters_and_several_documents_are_counted() -> None:
    assert compose_subject(["x" * 50], "A", "B", "") == f"XDM/1.0/DDM+{'x' * 40} A B"
    assert compose_subject(["a", "b", "c"], "NESSI", "Ruth", "1936") == "XDM/1.0/DDM+3 documents NESSI Ruth"


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        (
            "XDM/1.0/DDM+CR d'imagerie médicale CORSE FIGATELLIX 31/05/1952",
            MssSubject(
                "CR d'imagerie médicale CORSE FIGATELLIX 31/05/1952",
                1,
                "CR d'imagerie médicale",
                "CORSE",
                "FIGATELLIX",
                "1952-05-31",
            ),
        ),
        (
            "RE: TR: xdm/1.0/ddm+Lettre de liaison DE LA TOUR Anne-Marie [réf 1A2B3C4D]",
            MssSubject(
                "RE: TR: Lettre de liaison DE LA TOUR Anne-Marie [réf 1A2B3C4D]",
                1,
                "Lettre de liaison",
                "DE LA TOUR",
                "Anne-Marie",
            ),
        ),
        ("XDM/1.0/DDM+2 documents NESSI Ruth", MssSubject("2 documents NESSI Ruth", 2, "2 documents", "NESSI", "Ruth")),
        (
            "[KO Intégration système !][904] XDM/1.0/DDM+CR NESSI Ruth",
            MssSubject("[KO Intégration système !][904] CR NESSI Ruth", 1, "CR", "NESSI", "Ruth", error_code="904"),
        ),
        ("Nouvelles de Mme NESSI", MssSubject("Nouvelles de Mme NESSI")),
        ("XDM/1.0/DDM+", MssSubject("", 1)),
        ("", MssSubject("")),
    ],
)
def test_a_subject_is_read_wherever_its_prefix_is(subject: str, expected: MssSubject) -> None:
    assert read_subject(subject) == expected


@pytest.mark.parametrize(
    ("subject", "label", "family"),
    [
        ("Lettre de liaison à la sortie d'un ES CASANOVA Leo", "Lettre de liaison à la sortie d'un ES", "CASANOVA"),
        ("Lettre de liaison à la sortie d’un ES ES SAIDI Ali", "Lettre de liaison à la sortie d’un ES", "ES SAIDI"),
        ("Examen par IRM NESSI Ruth", "Examen par IRM", "NESSI"),
        ("Lettre de liaison ES SAIDI Ali", "Lettre de liaison", "ES SAIDI"),
        ("Lettre de liaison à la sortie d'un CASANOVA Leo", "Lettre de liaison à la sortie d'un", "CASANOVA"),
    ],
)
def test_an_acronym_that_ends_the_label_is_no_family_name(subject: str, label: str, family: str) -> None:
    found = read_subject(f"XDM/1.0/DDM+{subject}")
    assert (found.label, found.family) == (label, family)


CAPITALS = st.lists(st.from_regex(r"[A-Z]{2,8}(-[A-Z]{2,8})?", fullmatch=True), min_size=1, max_size=3).map(" ".join)
GIVENS = st.from_regex(r"[A-Z][a-z]{1,8}(-[A-Z][a-z]{1,8})?", fullmatch=True)
LABELS = st.from_regex(r"[A-Z][a-z]{1,9}( [a-z]{2,9}){0,2}", fullmatch=True)


@given(LABELS, CAPITALS, GIVENS, st.dates(date(1900, 1, 1)))
def test_a_composed_subject_reads_back(label: str, family: str, given_name: str, birth: date) -> None:
    found = read_subject(compose_subject([label], family, given_name, birth.isoformat()))
    assert (found.label, found.family, found.given) == (label, family, given_name)
    assert found.birth_date == birth.isoformat()


@given(st.text())
def test_any_subject_is_read(subject: str) -> None:
    assert "XDM/1.0/DDM" not in read_subject(subject).display.upper()


def test_the_pdf_is_named_by_act_type_and_person() -> None:
    assert (
        pdf_name("2022-05-31T10:00:00+02:00", "CR d'imagerie médicale", "Corse", "FIGATELLIX")
        == "20220531_CR d'imagerie médicale_CORSE_FIGATELLIX.pdf"
    )
    assert pdf_name(date(2026, 7, 14), 'a/b\\c:"d"', "É", "../x") == "20260714_a b c d_E_.. x.pdf"


def test_the_headers_say_codes_ins_and_product() -> None:
    assert mss_headers(["34112-3", "11490-0", "34112-3"], qualified_ins=True, product="Liaison 1") == (
        ("X-MSS-CODECDA", "34112-3,11490-0"),
        ("X-MSS-INS", "O"),
        ("X-MSS-NIL", "Liaison 1"),
    )
    assert mss_headers(["34112-3"], qualified_ins=False, product="L")[1] == ("X-MSS-INS", "N")


def test_without_cda_only_the_product_is_said() -> None:
    assert mss_headers([], qualified_ins=True, product="Liaison 1") == (("X-MSS-NIL", "Liaison 1"),)


def test_the_headers_are_read_in_any_case() -> None:
    read = read_mss_headers((("x-mss-codecda", "34112-3, 11490-0"), ("X-MSS-INS", "o"), ("X-Mss-Mes", "fin")))
    assert read == MssHeaders(("34112-3", "11490-0"), qualified_ins=True, closed=True)
    assert read_mss_headers(()) == MssHeaders()
