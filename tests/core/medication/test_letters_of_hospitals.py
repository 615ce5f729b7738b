"""What letters of many hospitals taught: lists without headings, tables of two sides, doses that are not one."""

import pytest

from liaison.core.cda.values import MedicationLine, Moments
from liaison.core.medication.from_text.letter import read_text
from liaison.core.medication.from_text.statements import (
    GUESSED_PART,
    NO_POSOLOGY,
    PART_OF_POSOLOGY,
    STEPS,
    STOP_NEAR,
)

DISCHARGE, STOPPED, ADMISSION = "10183-2", "18610-6", "42346-7"


def found(text: str) -> list[tuple[str, str]]:
    return [(line.section, line.name) for line in read_text(text)]


def at_discharge(item: str) -> MedicationLine:
    (line,) = read_text(f"Traitement de sortie :\n- {item}")
    return line


@pytest.mark.parametrize(
    "item",
    [
        "Prednisone 5 mg : 4 cp/j pendant 7 j puis 3 cp/j pendant 7 j",
        "Solupred 20 mg : 2 cp le matin pendant 5 jours, puis 1 cp pendant 5 jours",
        "Lévothyroxine 25 µg/j une semaine puis 50 µg/j",
        "Prednisone : 15 mg/j, décroissance de 1 mg tous les 15 jours",
        "Modopar 125 : 1 gélule à 8h, 1 gélule à 10h, 1 gélule à 16h et 1 gélule à 20h",
        "Actrapid selon protocole : 4 UI si > 2 g/l, 6 UI si > 2,5 g/l",
        "Digoxine 0,25 mg : 1/2 cp/j sauf samedi et dimanche",
        "Previscan : 1/2 cp un jour sur deux et 3/4 cp l'autre jour",
        "Coumadine 5 mg : 1/2 cp et 3/4 cp en alternance",
        "Xanax 0,25 mg : 1 cp matin midi et soir, à diminuer progressivement",
    ],
)
def test_a_dose_that_is_not_one_is_never_told_as_sure(item: str) -> None:
    assert STEPS in at_discharge(item).doubts


@pytest.mark.parametrize(
    ("item", "doubt"),
    [
        ("Eliquis 5 mg : 1 cp", PART_OF_POSOLOGY),
        ("Eliquis 5 mg", PART_OF_POSOLOGY),
        ("Duphalac : par jour", PART_OF_POSOLOGY),
        ("NaCl 0,9 % : 1 L/24h", PART_OF_POSOLOGY),
        ("Eliquis", NO_POSOLOGY),
    ],
)
def test_an_amount_without_a_time_or_a_time_without_an_amount_is_said_to_be_read_in_part(item: str, doubt: str) -> None:
    assert doubt in at_discharge(item).doubts


@pytest.mark.parametrize(
    ("item", "moments"),
    [
        ("Eliquis 5 mg : 1 cpr 08h00 - 1 cpr 18h00", Moments("1", "", "1", "")),
        ("Bisoprolol 2,5 mg : 1 cp 08:00", Moments("1")),
        ("Lantus : 18 UI à 20h, à adapter selon la glycémie du matin", Moments("", "", "18 UI", "")),
        ("Abasaglar : 22 UI le soir, diminuer de 2 UI si glycémie à jeun < 1 g/l", Moments("", "", "22 UI", "")),
        ("Nicopatch 21 mg : 1 patch le matin, à retirer le soir", Moments("1")),
        ("Coumadine 2 mg : 1 cp et demi le soir", Moments("", "", "1,5", "")),
        ("Coumadine 2 mg : 1 cp 1/2 le soir", Moments("", "", "1,5", "")),
        ("Rivotril : V gouttes le soir", Moments("", "", "5 gouttes", "")),
        ("Tardyferon 80 mg : 1 cp le matin, 1 jour sur 2", Moments("1")),
        ("Lasilix 40 1 le matin", Moments("1")),
        ("Novomix 30 Matin : 22 UI Midi : 0 Soir : 14 UI Coucher : 0", Moments("22 UI", "0", "14 UI", "0")),
    ],
)
def test_each_intake_is_read_at_its_moment_and_what_is_no_intake_is_left(item: str, moments: Moments) -> None:
    assert at_discharge(item).moments == moments


def test_a_stop_to_come_is_no_stop() -> None:
    line = at_discharge("Metformine 1000 mg matin et soir (à arrêter si fièvre)")
    assert (line.section, line.as_needed) == (DISCHARGE, False)
    assert found("Traitement de sortie :\n- Tercian : arrêté le 04/11/2026")[0][0] == STOPPED


def test_a_stop_told_near_a_drug_is_never_hidden() -> None:
    (line,) = read_text("Traitement de sortie :\nCordarone 200 mg : le traitement sera bientôt interrompu")
    assert line.section == STOPPED or STOP_NEAR in line.doubts
    told = "Le Cordarone, à l'origine d'une dysthyroïdie, a été définitivement arrêté."
    assert found(f"Traitement de sortie :\n{told}") == [(STOPPED, "Cordarone")]


def test_a_list_without_any_heading_is_read_by_its_shape_and_said_to_be_guessed() -> None:
    lines = read_text("Cher confrère,\n\nFurosémide 40 mg : 1 cp le matin\nEliquis 2,5 mg : 1 cp matin et soir\n")
    assert [(line.section, line.name) for line in lines] == [
        (DISCHARGE, "Furosémide 40 mg"),
        (DISCHARGE, "Eliquis 2,5 mg"),
    ]
    assert all(GUESSED_PART in line.doubts for line in lines)


def test_what_was_given_in_hospital_is_no_list() -> None:
    assert found("Évolution\n\nRocéphine 1 g par jour du 03/11 au 09/11/2026.\n") == []


@pytest.mark.parametrize(
    ("text", "section"),
    [
        ("Traitement actuel :\nAmlor 5 mg 1 gél le matin", DISCHARGE),
        ("Conclusion : poussée cardiaque\nTraitement actuel :\nAmlor 5 mg 1 gél le matin", DISCHARGE),
        ("Traitement actuel :\nAmlor 5 mg 1 gél le matin\nTraitement de sortie :\nTahor 10 mg 1 cp le soir", ADMISSION),
    ],
    ids=["the only list", "after the stay is told", "before another list"],
)
def test_the_present_treatment_is_that_of_its_place_in_the_letter(text: str, section: str) -> None:
    assert found(text)[0][0] == section


def test_the_two_sides_of_a_table_are_two_times_and_a_stop_is_said_of_the_first() -> None:
    table = (
        "| Avant hospitalisation | À la sortie | Commentaires |\n"
        "| Previscan 20 mg : 3/4 cp le soir | ARRÊT | relais par Eliquis |\n"
        "| - | Eliquis 2,5 mg : 1 cp matin et soir | introduit |\n"
        "| Inexium 20 mg : 1 cp le soir | idem | |\n"
    )
    assert found(table) == [
        (ADMISSION, "Previscan 20 mg"),
        (STOPPED, "Previscan 20 mg"),
        (DISCHARGE, "Eliquis 2,5 mg"),
        (ADMISSION, "Inexium 20 mg"),
        (DISCHARGE, "Inexium 20 mg"),
    ]


def test_a_drug_replaced_by_another_is_stopped_whatever_the_list() -> None:
    assert found("Modifications de traitement :\nEscitalopram remplacé par sertraline 50 mg 1 cp le matin") == [
        (STOPPED, "Escitalopram"),
        (DISCHARGE, "sertraline 50 mg"),
    ]


def test_a_sentence_that_closes_a_list_of_stops_does_not_stop_what_follows() -> None:
    lines = found(
        "Ont été retirés : Imovane (chutes), Primpéran.\nAugmentin 1 g 3 fois par jour, à poursuivre 5 jours."
    )
    assert lines == [(STOPPED, "Imovane"), (STOPPED, "Primpéran"), (DISCHARGE, "Augmentin 1 g")]


def test_who_and_when_in_the_middle_of_a_prescription_do_not_close_it() -> None:
    text = "ORDONNANCE DE SORTIE\nPatient : NESSI Ruth\nDate : 12/11/2026\nOxynorm 5 mg : 1 gélule si douleur"
    assert found(text) == [(DISCHARGE, "Oxynorm 5 mg")]


def test_what_will_be_taken_again_after_another_drug_is_no_treatment_of_today() -> None:
    told = "Lovenox 4000 UI : 1 injection par jour\n\nL'Eliquis sera repris à l'arrêt du Lovenox."
    assert found(f"Traitement de sortie :\n{told}") == [(DISCHARGE, "Lovenox 4000 UI")]


def test_a_change_of_one_drug_and_the_stop_of_the_next_are_told_apart() -> None:
    told = "Proposition : augmenter la mémantine à 20 mg/j, arrêter l'oxybutynine (anticholinergique)."
    assert found(told) == [(DISCHARGE, "mémantine"), (STOPPED, "oxybutynine")] or found(told) == [
        (DISCHARGE, "mémantine à 20 mg"),
        (STOPPED, "oxybutynine"),
    ]


def test_an_item_after_a_dash_is_no_heading_and_stops_only_what_it_names() -> None:
    told = "Conduite à tenir :\n- arrêt définitif des AINS (Bi-Profénid) ;\n- Inexium 40 mg matin et soir ;"
    assert found(told) == [(STOPPED, "Bi-Profénid"), (DISCHARGE, "Inexium 40 mg")]


def test_a_posology_under_a_drug_set_apart_is_its_own() -> None:
    (line,) = read_text("ORDONNANCE\n\n1. EZETROL 10 mg\n\n1 comprimé le soir\n")
    assert (line.name, line.dose, line.moments) == ("EZETROL 10 mg", "1 comprimé", Moments("", "", "1"))
