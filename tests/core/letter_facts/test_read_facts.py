"""What the words of a letter say: each kind in its forms, and what takes it back."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liaison.core.letter_facts.doubt import CONDITIONAL, FORMER, REPORTED, SUPPOSED
from liaison.core.letter_facts.read import MAX_FACTS, read_facts_of_text
from liaison.core.letter_facts.values import FactKind, ReadFact

WRITTEN = "2026-03-12"
MONTHS = ("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre")


def facts(text: str, kind: FactKind, written: str = WRITTEN) -> list[ReadFact]:
    return [fact for fact in read_facts_of_text(text, written) if fact.kind == kind]


def labels(text: str, kind: FactKind) -> list[str]:
    return [fact.label for fact in facts(text, kind)]


@pytest.mark.parametrize(
    "text",
    [
        "Séjour du 02/03/2026 au 12/03/2026",
        "Mme X, née le 04/05/1938, a été hospitalisée dans notre service du 2 au 12 mars 2026.",
        "Date d'entrée : 02/03/2026\nDate de sortie : 12/03/2026",
        "Entrée le lundi 2 mars 2026, elle est sortie le jeudi 12 mars 2026.",
        "Hospitalisation : 02/03/2026 - 12/03/2026",
        "Il a été hospitalisé du 02/03/2026 au 12/03/2026 ; rehospitalisation programmée du 02/05/2026 au 03/05/2026.",
    ],
)
def test_the_days_of_the_stay_are_read(text: str) -> None:
    (stay,) = facts(text, "stay")
    assert (stay.start, stay.end) == ("2026-03-02", "2026-03-12")
    assert stay.excerpt


@pytest.mark.parametrize(
    "text",
    [
        "Antécédents :\n- hospitalisé du 02/03/2019 au 12/03/2019 pour AVC",
        "Une hospitalisation est programmée du 02/05/2026 au 12/05/2026.",
        "Sortie prévue le 15/03/2026.",
        "Née le 04/05/1938, vue en consultation le 02/03/2026.",
        "Hospitalisé du 12/03/2026 au 02/03/2026",
    ],
)
def test_another_stay_one_to_come_or_an_impossible_one_is_not_this_one(text: str) -> None:
    assert facts(text, "stay") == []


@pytest.mark.parametrize(
    ("text", "agents"),
    [
        ("Allergies : pénicilline (éruption cutanée), iode", ["pénicilline", "iode"]),
        ("Allergie : amoxicilline", ["amoxicilline"]),
        ("Allergies\n- Latex\n- Bactrim : œdème de Quincke", ["Latex", "Bactrim"]),
        ("Le patient est allergique à l'aspirine et aux sulfamides.", ["aspirine", "sulfamides"]),
        ("Intolérance aux statines (myalgies).", ["statines"]),
        ("Hypersensibilité au métronidazole.", ["métronidazole"]),
        ("Allergie à la pénicilline, pas d'allergie au latex.", ["pénicilline"]),
    ],
)
def test_allergies_are_read_under_their_heading_and_in_sentences(text: str, agents: list[str]) -> None:
    assert labels(text, "allergy") == agents


@pytest.mark.parametrize(
    "text",
    [
        "Pas d'allergie connue.",
        "Allergies : aucune",
        "Allergies : néant",
        "Allergies : RAS",
        "Allergie ? à vérifier",
        "Allergies : non connues",
        "Absence d'allergie médicamenteuse.",
        "Allergie à la pénicilline infirmée par les tests.",
        "Sa mère est allergique à la pénicilline.",
        "Intolérance à l'effort.",
        "Rhinite allergique.",
    ],
)
def test_an_allergy_denied_ruled_out_or_of_somebody_else_is_none(text: str) -> None:
    assert facts(text, "allergy") == []


def test_what_the_allergy_did_is_kept_apart_from_its_agent() -> None:
    (allergy,) = facts("Allergies : pénicilline (éruption cutanée)", "allergy")
    assert (allergy.label, allergy.detail) == ("pénicilline", "éruption cutanée")


@pytest.mark.parametrize(
    "text",
    [
        "L'ECBU retrouve un E. coli BLSE.",
        "Portage BMR : E. coli BLSE",
        "Patient porteur de BHRe (OXA-48).",
        "BMR : oui (SARM), BHRe : non",
    ],
)
def test_a_carriage_stated_is_read(text: str) -> None:
    assert len(facts(text, "carriage")) == 1


@pytest.mark.parametrize(
    "text",
    [
        "BMR : négatif",
        "BMR/BHRe : négatif",
        "Pas de portage de BMR connu.",
        "Dépistage BHRe en attente.",
        "Patient contact d'un porteur de BHRe.",
        "BMR : inconnu",
        "Statut au 02/03/2026 : recherche de BMR en cours.",
        "Ancien portage de SARM, négativé depuis.",
    ],
)
def test_a_carriage_searched_denied_or_past_is_no_flag(text: str) -> None:
    assert facts(text, "carriage") == []


def test_problems_are_those_of_their_lists_and_of_this_person() -> None:
    text = (
        "Antécédents :\n- HTA\n- Pas d'AVC\n- Cancer du sein chez sa mère\n\n"
        "Diagnostic principal : Décompensation cardiaque\nDiagnostics associés :\n"
        "- Insuffisance rénale aiguë\n- Suspicion de démence\n\nÉvolution\nL'évolution est favorable."
    )
    stated = [problem.label for problem in facts(text, "problem") if not problem.doubts]
    assert stated == ["HTA", "Décompensation cardiaque", "Insuffisance rénale aiguë"]


def test_what_stands_under_a_list_and_is_of_another_kind_is_no_problem() -> None:
    text = "Antécédents :\n- HTA\nAllergie aux fruits de mer\nPortage digestif d'une EPC."
    assert labels(text, "problem") == ["HTA"]


@pytest.mark.parametrize(
    ("text", "kind", "label", "doubt"),
    [
        ("Suspicion d'allergie à la codéine.", "allergy", "codéine", SUPPOSED),
        ("Allergies : pénicilline ?", "allergy", "pénicilline", SUPPOSED),
        ("Allergie à la pénicilline non confirmée.", "allergy", "pénicilline", SUPPOSED),
        ("Allergie rapportée par la fille à l'iode.", "allergy", "iode", REPORTED),
        ("Suspicion de portage de BLSE.", "carriage", "Suspicion de portage de BLSE", SUPPOSED),
        ("Antécédent de portage de SARM en 2021.", "carriage", "Antécédent de portage de SARM en 2021", FORMER),
        ("Diagnostic : embolie pulmonaire ?", "problem", "embolie pulmonaire", SUPPOSED),
        ("Consultation en cas de récidive.", "follow_up", "Consultation en cas de récidive", CONDITIONAL),
        ("Radiographie si fièvre.", "follow_up", "Radiographie si fièvre", CONDITIONAL),
    ],
)
def test_what_the_letter_is_not_sure_of_is_shown_as_doubtful(text: str, kind: FactKind, label: str, doubt: str) -> None:
    (fact,) = facts(text, kind)
    assert fact.label == label
    assert doubt in fact.doubts


def test_what_is_stated_once_is_not_doubtful_for_being_supposed_elsewhere() -> None:
    (fact,) = facts("Suspicion d'allergie à la codéine.\n\nAllergies : codéine", "allergy")
    assert fact.doubts == ()


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("Consultation de cardiologie le 15/04/2026 à 10h.", "2026-04-15"),
        ("RDV avec le Dr Martin le 3 avril 2026.", "2026-04-03"),
        ("Contrôle de la NFS dans 8 jours.", "2026-03-20"),
        ("Nous la reverrons en consultation dans trois mois.", "2026-06-12"),
        ("Suites à donner :\n- Échographie cardiaque en mai 2026", "2026-05"),
        ("Merci de contrôler la natrémie dans 48 heures.", "2026-03-14"),
    ],
)
def test_what_is_asked_for_is_a_task_with_its_day(text: str, due: str) -> None:
    (task,) = facts(text, "follow_up")
    assert task.start == due


@pytest.mark.parametrize(
    "text",
    [
        "Aucun rendez-vous n'est programmé.",
        "Vue en consultation de cardiologie le 02/02/2026.",
        "Une coloscopie est à discuter.",
        "Consultation de cardiologie le 15/04/2025.",
    ],
)
def test_what_is_refused_discussed_or_past_is_no_task(text: str) -> None:
    assert facts(text, "follow_up") == []


@pytest.mark.parametrize(
    "text",
    [
        "Les résultats de l'électrophorèse sont en attente.",
        "Résultats en attente :\n- Anatomopathologie",
        "L'immunofixation n'est pas encore revenue.",
        "Examens dont les résultats ne sont pas parvenus :\n- TSH",
        "Le compte rendu définitif du scanner vous parviendra ultérieurement.",
    ],
)
def test_a_result_to_come_is_a_task(text: str) -> None:
    assert len(facts(text, "expected_result")) == 1


@pytest.mark.parametrize("text", ["Aucun résultat en attente.", "Résultats en attente : aucun", "Résultats : normaux."])
def test_no_result_to_come_is_none(text: str) -> None:
    assert facts(text, "expected_result") == []


@given(start=st.dates(date(2020, 1, 1), date(2030, 1, 1)), days=st.integers(0, 90), words=st.booleans())
def test_any_two_days_of_a_stay_are_read_as_they_are(start: date, days: int, words: bool) -> None:
    end = start + timedelta(days=days)

    def said(day: date) -> str:
        in_words = words and day.month <= len(MONTHS)
        return f"{day.day} {MONTHS[day.month - 1]} {day.year}" if in_words else day.strftime("%d/%m/%Y")

    (stay,) = facts(f"Hospitalisation du {said(start)} au {said(end)}.", "stay", end.isoformat())
    assert (stay.start, stay.end) == (start.isoformat(), end.isoformat())


@given(agent=st.from_regex(r"[a-z]{6,12}", fullmatch=True).filter(lambda word: not word.startswith(("aucun", "absen"))))
def test_a_denial_takes_any_agent_back(agent: str) -> None:
    assert facts(f"Pas d'allergie à la {agent}.", "allergy") == []
    assert facts(f"Aucune allergie connue à la {agent}.", "allergy") == []


@given(st.text(max_size=600))
def test_no_text_makes_the_reader_fall_and_everything_read_says_where(text: str) -> None:
    assert all(
        fact.excerpt for fact in read_facts_of_text(f"{text}\nAntécédents :\n- {text}\nAllergies : {text}", WRITTEN)
    )


def test_what_is_found_is_bounded_and_each_thing_is_said_once() -> None:
    listed = "\n".join(f"- maladie numéro {number % 400}" for number in range(2000))
    assert len(read_facts_of_text(f"Antécédents :\n{listed}")) == MAX_FACTS
    assert labels("Allergies : iode\n\nElle est allergique à l'iode.", "allergy") == ["iode"]
