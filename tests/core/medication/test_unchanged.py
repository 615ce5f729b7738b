"""A letter that lists no treatment and says that nothing changes: told as such, with its own words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liaison.core.cda.values import SECTION_ADMISSION, SECTION_DISCHARGE, MedicationLine
from liaison.core.medication.from_text.unchanged import UNCHANGED, says_unchanged, unchanged_notices


@pytest.mark.parametrize(
    "text",
    [
        "Traitement de sortie : idem",
        "TRAITEMENT DE SORTIE\nInchangé.",
        "Traitement de sortie : sans changement",
        "Traitement : même traitement qu'à l'entrée",
        "Poursuite du traitement habituel.",
        "Sortie avec son traitement habituel.",
        "Traitement habituel à poursuivre.",
        "Le traitement de fond a été maintenu.",
        "Ordonnance de sortie identique à celle de l'entrée",
        "Pas de modification thérapeutique.",
        "Pas de changement de traitement à la sortie.",
    ],
)
def test_a_letter_that_says_nothing_changes_is_heard(text: str) -> None:
    assert says_unchanged(f"Évolution favorable.\n{text}\nCordialement")


@pytest.mark.parametrize(
    "text",
    [
        "Traitement de sortie : KARDEGIC 75 mg",
        "Traitement de sortie : néant",
        "Traitement habituel :",
        "Arrêt du traitement habituel.",
        "Le traitement habituel n'a pas été poursuivi.",
        "Traitement antalgique inchangé.",
        "Traitement par antibiotiques, sans modification du transit.",
        "Examen clinique inchangé.",
        "Poursuite de la rééducation.",
    ],
)
def test_one_drug_a_stop_or_something_else_says_nothing_of_the_whole(text: str) -> None:
    assert says_unchanged(text) == ""


def test_the_notice_quotes_the_letter_and_says_what_it_is_not() -> None:
    (notice,) = unchanged_notices("Reprise du traitement antérieur sauf arrêt du diurétique.", ())
    assert notice.code == UNCHANGED
    assert "Reprise du traitement antérieur sauf arrêt du diurétique" in notice.message
    assert "exception" in notice.message
    assert "Ce n'est ni « aucun traitement »" in notice.message


def test_a_letter_that_lists_its_treatment_needs_no_notice() -> None:
    said = "Traitement de sortie : idem"
    assert unchanged_notices(said, (MedicationLine(SECTION_DISCHARGE, "KARDEGIC 75 mg"),)) == ()
    assert unchanged_notices(said, (MedicationLine(SECTION_ADMISSION, "KARDEGIC 75 mg"),)) != ()


@given(st.text(max_size=400))
def test_what_is_quoted_is_of_the_letter_and_no_text_makes_it_fall(text: str) -> None:
    said = says_unchanged(f"{text}\nTraitement de sortie : idem")
    assert all(word in f"{text} Traitement de sortie : idem" for word in said.split())
    assert said
