"""Treatments in the words of a letter: what is one, what is none, where it stands, and how it is taken."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liaison.core.cda.values import MedicationLine, Moments
from liaison.core.medication.from_text.letter import read_section, read_text
from liaison.core.medication.from_text.posology import read_posology
from liaison.core.medication.from_text.tables import read_rows
from liaison.core.medication.from_text.terminology import atc_of

DISCHARGE, STOPPED, ADMISSION = "10183-2", "18610-6", "42346-7"


def found(text: str) -> list[tuple[str, str]]:
    return [(line.section, line.name) for line in read_text(text)]


def one(text: str) -> MedicationLine:
    (line,) = read_text(text)
    return line


def at_discharge(*items: str) -> str:
    return "\n".join(["Traitement de sortie :", *items])


@pytest.mark.parametrize(
    ("heading", "section"),
    [
        ("TRAITEMENT DE SORTIE", DISCHARGE),
        ("Ordonnance de sortie :", DISCHARGE),
        ("Médicaments à poursuivre au retour en EHPAD :", DISCHARGE),
        ("Traitement à l'entrée :", ADMISSION),
        ("Traitement habituel", ADMISSION),
        ("Traitements arrêtés pendant le séjour :", STOPPED),
        ("Médicaments non reconduits :", STOPPED),
    ],
)
def test_a_heading_says_what_the_drugs_under_it_are(heading: str, section: str) -> None:
    assert found(f"{heading}\n- KARDEGIC 75 mg : 1 sachet le midi\n- BISOPROLOL 2,5 mg 1-0-0") == [
        (section, "KARDEGIC 75 mg"),
        (section, "BISOPROLOL 2,5 mg"),
    ]


@pytest.mark.parametrize(
    "sentence",
    [
        "Pas de prednisone.",
        "Allergie à l'amoxicilline.",
        "L'introduction de la metformine est à discuter.",
        "Sa fille est traitée par sertraline.",
        "Elle a reçu de la ceftriaxone pendant 7 jours.",
        "Contre-indication au bisoprolol.",
        "Potassium à 4,2 mmol/l.",
        "Il n'a jamais pris de furosémide.",
    ],
)
def test_a_drug_denied_supposed_past_or_of_someone_else_is_no_line(sentence: str) -> None:
    assert found(f"Évolution\n{sentence}") == []


@pytest.mark.parametrize(
    ("sentence", "section"),
    [
        ("Le furosémide a été arrêté en raison d'une hyponatrémie.", STOPPED),
        ("Nous avons suspendu le furosémide.", STOPPED),
        ("Arrêt du furosémide (hypotension).", STOPPED),
        ("Introduction de furosémide 40 mg 1 cp le matin.", DISCHARGE),
        ("À la sortie, elle est traitée par furosémide 40 mg le matin.", DISCHARGE),
        ("À l'entrée, elle prenait furosémide 40 mg le matin.", ADMISSION),
    ],
)
def test_a_sentence_says_what_becomes_of_a_drug(sentence: str, section: str) -> None:
    line = one(f"Évolution\n{sentence}")
    assert line.section == section
    assert line.excerpt == sentence
    assert line.doubts


def test_a_drug_replaced_by_another_is_stopped_and_the_other_started() -> None:
    said = found("Évolution\nL'apixaban est arrêté au profit de la warfarine.")
    assert said == [(STOPPED, "apixaban"), (DISCHARGE, "warfarine")]


def test_what_is_said_of_one_drug_is_said_of_those_joined_to_it() -> None:
    said = found("Évolution\nArrêt du furosémide, du bisoprolol et de la digoxine.")
    assert [section for section, _ in said] == [STOPPED] * 3


def test_a_brand_and_its_substance_in_brackets_are_one_drug() -> None:
    line = one(at_discharge("- KARDEGIC (acide acétylsalicylique) 75 mg : 1 sachet le midi"))
    assert line.name == "KARDEGIC (acide acétylsalicylique) 75 mg"
    assert [code.code for code in line.codes] == ["B01AC06"]


def test_a_name_no_terminology_knows_is_kept_and_said_to_be_guessed() -> None:
    line = one(at_discharge("- MACHINOL 10 mg : 1 cp le soir"))
    assert (line.name, line.dose, line.doubts) == ("MACHINOL 10 mg", "1 cp", ("nom absent de notre terminologie",))


@pytest.mark.parametrize(
    "line",
    [
        "Matricule INS 134025145400192",
        "Lieu de naissance 51454",
        "IPP 0012345",
        "Nom d'usage CASANOVA 12",
        "Dossier 8841",
    ],
)
def test_who_the_patient_is_is_no_drug_even_in_a_list(line: str) -> None:
    (kept,) = read_text(f"Traitement de sortie :\n- KARDEGIC 75 mg : 1 sachet le midi\n{line}\n")
    assert kept.name == "KARDEGIC 75 mg"


@pytest.mark.parametrize(
    "title",
    ["Lettre de liaison à la sortie de l'établissement", "Évolution favorable sous traitement. Reprise des pas"],
)
def test_a_title_that_names_no_treatment_opens_no_list(title: str) -> None:
    assert read_text(f"{title}\nProduit Zylotan 500 mg 1 cp le matin\n") == ()


def test_a_list_on_one_line_gives_each_drug_its_own_words() -> None:
    lines = read_text(at_discharge("KARDEGIC 75 mg 1/j, LASILIX 40 mg 1cp x2/j ; LANTUS 12 UI le soir."))
    assert [(line.name, line.frequency) for line in lines] == [
        ("KARDEGIC 75 mg", "1/j"),
        ("LASILIX 40 mg", "x2/j"),
        ("LANTUS 12 UI", "le soir"),
    ]
    assert [line.excerpt for line in lines] == ["KARDEGIC 75 mg 1/j", "LASILIX 40 mg 1cp x2/j", "LANTUS 12 UI le soir."]


def test_a_word_broken_at_the_end_of_a_line_is_put_together_again() -> None:
    assert found(at_discharge("- Duro-", "gésic 25 µg/h : 1 patch /72 h")) == [(DISCHARGE, "Durogésic 25 µg/h")]


def test_the_list_says_more_than_the_story_and_their_difference_is_a_doubt() -> None:
    text = "Évolution\nLe furosémide a été arrêté.\n\n" + at_discharge("- FUROSEMIDE 20 mg : 1 cp le matin")
    line = one(text)
    assert (line.section, line.doubts) == (DISCHARGE, ("dit arrêté ailleurs dans la lettre",))


@pytest.mark.parametrize(
    ("words", "moments"),
    [
        ("1-0-1", Moments("1", "0", "1")),
        ("0-0-1", Moments("0", "0", "1")),
        ("1-0-1-0", Moments("1", "0", "1", "0")),
        ("1 cp matin et soir", Moments("1", "", "1")),
        ("1 cp le matin, 2 cp le soir", Moments("1", "", "2")),
        ("matin : 1, midi : 0, soir : 1", Moments("1", "0", "1")),
        ("½ comprimé le matin", Moments("1/2")),
        ("12 UI le soir", Moments("", "", "12 UI")),
        ("40 mg le matin et 20 mg le midi", Moments("40 mg", "20 mg")),
        ("1 cp aux 3 repas", Moments("1", "1", "1")),
        ("1 cp au coucher", Moments("", "", "", "1")),
        ("1 cp à 8h et 20h", Moments("1", "", "1")),
        ("1 cp toutes les 8 heures", Moments()),
        ("1 patch /72 h", Moments()),
        ("1cp x2/j", Moments()),
        ("500 mg : 1 cp le matin (clairance de la créatinine à 28 mL/min)", Moments("1")),
    ],
)
def test_moments_are_those_the_words_say(words: str, moments: Moments) -> None:
    assert read_posology(words).moments == moments


@pytest.mark.parametrize(
    ("words", "field", "value"),
    [
        ("75 mg : 1 sachet le midi", "dose", "1 sachet"),
        ("75 mg : 1 sachet le midi", "strength", "75 mg"),
        ("20 mg par jour", "dose", "20 mg"),
        ("1cp x2/j", "frequency", "x2/j"),
        ("1 cp un jour sur deux", "frequency", "un jour sur deux"),
        ("10 mg : 4 cp le lundi", "frequency", "le lundi"),
        ("4000 UI 1 injection SC par jour", "route", "sous-cutanée"),
        ("1 goutte dans chaque œil le soir", "route", "ophtalmique"),
        ("1 g toutes les 8 h si douleur", "as_needed", True),
        ("1 g toutes les 8 h si douleur", "condition", "si douleur"),
        ("8 UI le matin (hypoglycémie ; injection déplacée le matin)", "frequency", "le matin"),
        ("2 L/min la nuit", "dose", "2 L/min"),
    ],
)
def test_each_part_of_a_posology_is_cut_from_the_words(words: str, field: str, value: object) -> None:
    assert getattr(read_posology(words), field) == value


def test_days_without_a_year_take_the_year_of_the_letter() -> None:
    letter = "Reims, le 12/11/2026\n" + at_discharge("- AUGMENTIN 1 g : 1 sachet x 3/j jusqu'au 12/12")
    assert one(letter).end == "2026-12-12"
    assert read_posology("1 cp jusqu'au 12/12").period.end == ""


def test_a_day_is_no_scheme_of_intakes() -> None:
    assert read_posology("depuis le 05-11-26").moments == Moments()


def test_the_rows_of_a_narrative_are_read_by_their_headings() -> None:
    rows = (
        ("Médicament", "Matin", "Midi", "Soir", "Commentaire"),
        ("Furosémide 40 mg", "1", "", "", "œdèmes"),
        ("Machinol 5 mg", "", "", "½", ""),
    )
    first, second = read_rows(rows, DISCHARGE)
    assert (first.origin, first.moments.morning, first.reason) == ("table", "1", "œdèmes")
    assert (second.name, second.moments.evening) == ("Machinol 5 mg", "1/2")


def test_a_column_of_decisions_says_what_is_stopped() -> None:
    rows = (("Médicament", "Posologie", "Statut"), ("Zopiclone 7,5 mg", "1 au coucher", "Arrêté"))
    assert [line.section for line in read_rows(rows, ADMISSION)] == [STOPPED]


def test_the_code_of_a_section_stands_for_its_heading() -> None:
    assert [line.section for line in read_section("- Zopiclone 7,5 mg : chutes", STOPPED)] == [STOPPED]


def test_a_code_is_given_only_when_a_name_has_one() -> None:
    assert atc_of("Éliquis") == "B01AF02"
    assert atc_of("aspirine") == "B01AC06"
    assert atc_of("machinol") == ""


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet=st.sampled_from("AKARDEGIC kardegic75mg1-0:;,()[]/½\n\t•→|xXarrêt de sortie"), max_size=200))
def test_no_text_makes_the_reader_fall_and_each_excerpt_is_of_the_text(text: str) -> None:
    squeezed = "".join(text.split()).replace("-", "")
    for line in read_text(f"Traitement de sortie\n{text}"):
        assert "".join(line.excerpt.split()).replace("-", "") in squeezed
