"""The day a letter says it was written, in the forms letters have, and never another day of it."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liaison.core.letter_facts.dating import DATED_BY_FILE, dated_by_file
from liaison.core.letter_facts.read import read_facts_of_text
from liaison.core.letter_facts.values import ReadFact

MONTHS = ("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août")
MONTHS += ("septembre", "octobre", "novembre", "décembre")
FORMS = (
    "{town}, le {day}",
    "Fait à {town}, le {day}.",
    "Date : {day}",
    "Date du courrier : {day}",
    "Compte rendu du {day}",
    "Lettre de liaison du {day}",
    "Compte-rendu d'hospitalisation établi le {day}",
    "Édité le {day} à 14:32",
    "Né le 04/05/1938\nEntrée le 02/03/2019\n{town}, le {day}",
)
DAYS = st.dates(date(1990, 1, 1), date(2099, 12, 31))


def day_said(text: str, written: str = "") -> list[str]:
    return [fact.start for fact in read_facts_of_text(text, written) if fact.kind == "date"]


def in_words(day: date) -> str:
    return f"{day.day}{'er' if day.day == 1 else ''} {MONTHS[day.month - 1]} {day.year}"


@given(
    day=DAYS,
    form=st.sampled_from(FORMS),
    town=st.sampled_from(("Reims", "Châlons-en-Champagne", "L'Épine", "Vitry-le-François")),
    words=st.booleans(),
)
def test_any_day_in_any_of_its_forms_is_that_of_the_letter(day: date, form: str, town: str, words: bool) -> None:
    said = in_words(day) if words else day.strftime("%d/%m/%Y")
    assert day_said(form.format(town=town, day=said)) == [day.isoformat()]


@given(day=DAYS, said=st.sampled_from(("Née le", "Sortie le", "Vu en consultation le", "Hospitalisé à Reims, le")))
def test_a_day_of_something_else_is_not_that_of_the_letter(day: date, said: str) -> None:
    assert day_said(f"{said} {day.strftime('%d/%m/%Y')}") == []


@pytest.mark.parametrize(
    "text",
    [
        "Compte rendu d'hospitalisation du 02/03/2026 au 12/03/2026",
        "Date de naissance : 04/05/1938",
        "Reims, le 12 mars",
        "Reims, le 31/02/2026",
        "Courrier du 12/03/1850",
    ],
)
def test_a_span_a_birth_or_what_is_no_whole_day_dates_nothing(text: str) -> None:
    assert day_said(text) == []


def test_its_sentence_comes_with_it() -> None:
    (fact,) = (each for each in read_facts_of_text("CHU de Reims\nReims, le 12 mars 2026") if each.kind == "date")
    assert fact.excerpt == "Reims, le 12 mars 2026"


def test_what_is_due_is_counted_from_the_day_the_letter_says() -> None:
    facts = read_facts_of_text("Reims, le 12 mars 2026\n\nContrôle de la NFS dans 8 jours.")
    assert [fact.start for fact in facts if fact.kind == "follow_up"] == ["2026-03-20"]


def test_a_day_the_header_states_is_not_looked_for_in_the_words() -> None:
    assert day_said("Reims, le 12 mars 2026", "2026-03-14") == []


@given(DAYS)
def test_the_day_of_the_file_stands_in_only_where_the_letter_is_silent_and_says_so(day: date) -> None:
    (fact,) = dated_by_file((), day.isoformat())
    assert (fact.kind, fact.start, fact.excerpt, fact.doubts) == ("date", day.isoformat(), "", (DATED_BY_FILE,))
    said = (ReadFact("date", start="2026-03-12", excerpt="Reims, le 12 mars 2026"),)
    assert dated_by_file(said, day.isoformat()) == said
    assert dated_by_file((), "") == ()
