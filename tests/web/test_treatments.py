"""The current treatment on screen: its columns, its history, lines written in a prescriber's name, files, letters."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from liaison.apps.audit.models import Entry
from liaison.apps.organisations.models import Role
from liaison.apps.residents.models import Resident
from liaison.apps.treatments.actions import Choice, do_decide_lines
from liaison.apps.treatments.models import TreatmentAct, TreatmentLine
from tests.support import factories
from tests.web.conftest import House, Visitor, visitor

pytestmark = pytest.mark.django_db

LINE = {
    "medicament": "LASILIX 40 mg, comprimé",
    "dci": "furosémide",
    "dose": "1",
    "unite": "comprimé",
    "matin": "1",
    "midi": "0,5",
    "voie": "orale",
    "debut": "2026-11-01",
    "fin": "2027-01-31",
    "indication": "insuffisance cardiaque",
    "atc": "C03CA01",
    "motif": "Ordonnance du 01/11",
}


def path(house: House, *rest: object) -> str:
    return "/".join(["/residents", str(house.resident.uuid), "traitement", *map(str, rest), ""])


def running(resident: Resident) -> list[TreatmentLine]:
    return list(resident.treatment_lines.filter(ended_at=None).order_by("label"))


def write(browser: Visitor, house: House, **changed: str) -> str:
    said = {**LINE, "prescripteur": house.gp.rpps, **changed}
    return browser.post(path(house, "ajouter"), said, follow=True).content.decode()


def test_each_line_shows_its_drug_codes_moments_dates_indication_and_prescriber(
    secretary: Visitor, house: House
) -> None:
    write(secretary, house)
    for page in (f"/residents/{house.resident.uuid}/", path(house)):
        shown = secretary.get(page).content.decode()
        assert all(
            said in shown
            for said in (
                "LASILIX 40 mg, comprimé",
                "furosémide",
                "ATC C03CA01",
                "1 comprimé",
                "<strong>0,5</strong>",
                "01/11/2026",
                "jusqu&#x27;au 31/01/2027".replace("&#x27;", "'"),
                "insuffisance cardiaque",
                str(house.gp),
            )
        )
        assert ">Coucher<" in shown


def test_a_line_is_written_in_the_name_of_a_prescriber_and_traced(secretary: Visitor, house: House) -> None:
    write(secretary, house)
    line = house.resident.treatment_lines.get(label=LINE["medicament"])
    assert (line.prescriber, line.morning, line.noon, line.unit) == (str(house.gp), "1", "0,5", "comprimé")
    act = line.started_in
    assert act
    assert (act.by, act.prescriber_rpps, act.reason) == (house.secretary, house.gp.rpps, LINE["motif"])
    entry = Entry.objects.get(action="treatment_line_written")
    assert (entry.user, entry.resident, entry.details["rpps"]) == (house.secretary, house.resident, house.gp.rpps)


@pytest.mark.parametrize("rpps", ["", "10999999999"])
def test_without_a_prescriber_of_this_resident_nothing_is_written(rpps: str, secretary: Visitor, house: House) -> None:
    write(secretary, house, prescripteur=rpps)
    assert not TreatmentAct.objects.exists()


def test_a_pharmacist_or_a_nurse_of_the_care_team_is_no_prescriber(secretary: Visitor, house: House) -> None:
    house.resident.care_team.update(role="pharmacy")
    assert house.gp.rpps not in secretary.get(path(house, "ajouter")).content.decode()
    write(secretary, house)
    assert not TreatmentAct.objects.exists()


def test_a_nurse_reads_the_treatment_and_writes_nothing(nurse: Visitor, house: House) -> None:
    assert "AMLODIPINE" in nurse.get(path(house)).content.decode()
    assert "au nom d'un prescripteur" in nurse.get(path(house, "ajouter")).content.decode()
    write(nurse, house)
    assert not TreatmentAct.objects.exists()


def test_a_coordinating_doctor_is_his_own_prescriber(doctor: Visitor, house: House) -> None:
    write(doctor, house, prescripteur=house.doctor.rpps)
    assert house.resident.treatment_lines.get(label=LINE["medicament"]).prescriber == str(house.doctor)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"matin": "", "midi": "", "dose": "", "unite": ""}, "Dites la posologie"),
        ({"fin": "2026-10-01"}, "La fin prévue est avant le début"),
        ({"medicament": "Amlodipine 5 mg", "dci": "", "atc": ""}, "prend déjà ce médicament"),
    ],
)
def test_a_line_that_cannot_be_given_or_is_taken_already_is_refused_in_words(
    changed: dict[str, str], sentence: str, secretary: Visitor, house: House
) -> None:
    assert sentence in write(secretary, house, **changed)
    assert not TreatmentAct.objects.exists()


def test_a_second_line_of_a_drug_is_written_when_a_person_says_so(secretary: Visitor, house: House) -> None:
    write(secretary, house, medicament="Amlodipine 5 mg", seconde="on")
    assert len(running(house.resident)) == 3


def test_a_corrected_line_ends_and_starts_again_and_its_past_is_shown(secretary: Visitor, house: House) -> None:
    held = house.resident.treatment_lines.get(label__startswith="AMLODIPINE")
    form = secretary.get(path(house, held.uuid, "corriger")).content.decode()
    assert 'value="AMLODIPINE 10 mg, comprimé"' in form
    said = {"medicament": held.label, "dose": "2 cp", "frequence": "le matin", "debut": "2026-11-20"}
    secretary.post(path(house, held.uuid, "corriger"), {**said, "motif": "appel du Dr", "prescripteur": house.gp.rpps})
    held.refresh_from_db()
    corrected = house.resident.treatment_lines.get(label=held.label, ended_at=None)
    assert held.ended_in == corrected.started_in
    assert (held.dose, corrected.dose) == ("1 cp", "2 cp")
    history = secretary.get(path(house)).content.decode()
    assert "<s>AMLODIPINE 10 mg, comprimé : 1 cp, le matin, orale</s>" in history
    assert f"saisie, par {house.secretary}" in history
    assert "appel du Dr" in history


def test_a_correction_without_a_reason_or_without_a_change_is_refused(secretary: Visitor, house: House) -> None:
    held = house.resident.treatment_lines.get(label__startswith="AMLODIPINE")
    said = {
        "medicament": held.label,
        "dci": held.substance,
        "dose": held.dose,
        "frequence": held.frequency,
        "voie": held.route,
        "debut": held.started_at.isoformat(),
        "prescripteur": house.gp.rpps,
    }
    address = path(house, held.uuid, "corriger")
    assert "Dites pourquoi" in secretary.post(address, {**said, "dose": "2 cp"}).content.decode()
    assert "Rien n&#x27;est changé" in secretary.post(address, {**said, "motif": "relu"}).content.decode()
    assert not TreatmentAct.objects.exists()


def test_a_stopped_line_stays_in_the_history_and_is_not_stopped_twice(secretary: Visitor, house: House) -> None:
    held = house.resident.treatment_lines.get(label__startswith="IBUPROFENE")
    said = {"arret-prescripteur": house.gp.rpps, "arret-motif": "douleurs passées"}
    for _ in range(2):
        secretary.post(path(house, held.uuid, "arreter"), said)
    held.refresh_from_db()
    assert held.ended_in
    assert TreatmentAct.objects.count() == 1
    assert "douleurs passées" in secretary.get(path(house)).content.decode()


def test_what_is_written_waits_for_a_nurse_on_her_page(secretary: Visitor, nurse: Visitor, house: House) -> None:
    write(secretary, house)
    act = TreatmentAct.objects.get()
    care = nurse.get("/soins/").content.decode()
    assert "LASILIX 40 mg, comprimé : 1 comprimé, 1 matin, 0,5 midi, orale" in care
    assert f'name="acte" value="{act.pk}"' in care
    secretary.post(reverse("care-acknowledge", args=[house.resident.uuid]), {"acte": act.pk})
    act.refresh_from_db()
    assert act.taken_in_by is None
    nurse.post(reverse("care-acknowledge", args=[house.resident.uuid]), {"acte": act.pk})
    act.refresh_from_db()
    assert act.taken_in_by == house.nurse
    assert "Aucun changement n'attend" in nurse.get("/soins/").content.decode()


def test_a_file_is_checked_line_by_line_before_it_is_taken(secretary: Visitor, house: House) -> None:
    good = f"{house.resident.ins};KARDEGIC 75 mg;1 sachet;1"
    wrong = "000000000000000;PLAVIX 75 mg;1 cp;1"
    checked = send_file(secretary, house, good, "verifier")
    assert "Vérifié : rien n'est encore écrit" in checked
    assert "1 ajout" in checked
    refused = send_file(secretary, house, f"{good}\n{wrong}", "importer")
    assert "<td>3</td><td>Cette ligne ne désigne aucun résident, ou plusieurs.</td>" in refused
    assert len(running(house.resident)) == 2
    assert "Le fichier est importé" in send_file(secretary, house, good, "importer")
    line = house.resident.treatment_lines.get(label="KARDEGIC 75 mg")
    assert line.started_in
    assert (line.started_in.kind, line.started_in.by) == (TreatmentAct.Kind.FILE, house.secretary)
    assert Entry.objects.get(action="treatments_imported").user == house.secretary


def send_file(browser: Visitor, house: House, lines: str, button: str, **more: str) -> str:
    content = f"matricule_ins;medicament;dose;matin\n{lines}\n".encode()
    file = SimpleUploadedFile("traitements.csv", content, "text/csv")
    said: dict[str, Any] = {"etablissement": str(house.site.uuid), "fichier": file, button: "1", **more}
    return browser.post("/residents/traitements/importer/", said).content.decode()


def test_a_file_that_is_no_list_is_refused_in_one_sentence(secretary: Visitor, house: House) -> None:
    file = SimpleUploadedFile("x.csv", b"nom;age\nX;1\n")
    said = {"etablissement": str(house.site.uuid), "fichier": file, "verifier": "1"}
    page = secretary.post("/residents/traitements/importer/", said).content.decode()
    assert 'role="alert"' in page
    assert len(running(house.resident)) == 2


def test_a_nurse_imports_nothing_and_nobody_imports_for_another_home(
    nurse: Visitor, secretary: Visitor, house: House
) -> None:
    line = f"{house.resident.ins};KARDEGIC 75 mg;1 sachet;1"
    assert (
        "secrétaire médicale ou un médecin coordonnateur"
        in nurse.get("/residents/traitements/importer/").content.decode()
    )
    send_file(nurse, house, line, "importer")
    elsewhere = factories.make_site("Ailleurs")
    send_file(secretary, house, line, "importer", etablissement=str(elsewhere.uuid))
    stranger = visitor(factories.make_user(elsewhere, Role.SECRETARY))
    send_file(stranger, house, line, "importer")
    assert len(running(house.resident)) == 2


def decided_letter(house: House) -> Any:
    """A letter of the record, all of whose lines were decided; then the treatment is lost here."""
    document = house.filed_letter()
    taken = document.reconciliations.get()
    choices = [Choice(line.number, "accept") for line in taken.lines.all()]
    choices[0] = Choice(choices[0].number, "change", dose="5 mg", frequency="le soir")
    do_decide_lines(taken, user=house.doctor, choices=choices)
    return document


def forget_treatment(house: House) -> set[str]:
    given = {line.label for line in running(house.resident)}
    house.resident.treatment_lines.filter(ended_at=None).update(ended_at="2026-11-22T10:00:00Z")
    return given


def test_a_letter_decided_earlier_gives_the_treatment_it_was_decided_to_be(secretary: Visitor, house: House) -> None:
    document = decided_letter(house)
    given = forget_treatment(house)
    assert given
    address = path(house, "reprendre", document.uuid)
    assert address in secretary.get(f"/residents/{house.resident.uuid}/").content.decode()
    preview = secretary.get(address).content.decode()
    assert all(label in preview for label in given)
    assert "Rien n'est encore changé" in preview
    assert running(house.resident) == []
    numbers = list(range(1, len(given) + 1))
    secretary.post(address, {"ligne": numbers, "prescripteur": house.gp.rpps})
    assert {line.label for line in running(house.resident)} == given
    act = TreatmentAct.objects.get(kind=TreatmentAct.Kind.LETTER)
    assert (act.document, act.by, act.prescriber_rpps) == (document, house.secretary, house.gp.rpps)
    entry = Entry.objects.get(action="treatment_taken_from_letter")
    assert (entry.details["lines"], entry.details["left"], entry.details["document"]) == (
        len(given),
        0,
        str(document.uuid),
    )


def test_only_the_ticked_lines_are_taken_up_and_never_without_a_prescriber(secretary: Visitor, house: House) -> None:
    document = decided_letter(house)
    forget_treatment(house)
    address = path(house, "reprendre", document.uuid)
    secretary.post(address, {"ligne": ["1"]})
    secretary.post(address, {"prescripteur": house.gp.rpps})
    assert running(house.resident) == []
    secretary.post(address, {"ligne": ["1"], "prescripteur": house.gp.rpps})
    assert len(running(house.resident)) == 1


def test_a_resident_who_has_a_treatment_takes_none_from_a_letter(secretary: Visitor, house: House) -> None:
    document = decided_letter(house)
    before = running(house.resident)
    address = path(house, "reprendre", document.uuid)
    assert address not in secretary.get(path(house)).content.decode()
    assert "ne peut pas donner le traitement" in secretary.get(address).content.decode()
    secretary.post(address, {"ligne": ["1"], "prescripteur": house.gp.rpps})
    assert running(house.resident) == before


def test_a_letter_that_waits_for_a_decision_is_decided_not_taken_up(secretary: Visitor, house: House) -> None:
    document = house.filed_letter()
    forget_treatment(house)
    secretary.post(path(house, "reprendre", document.uuid), {"ligne": ["1"], "prescripteur": house.gp.rpps})
    assert running(house.resident) == []


def test_a_nurse_takes_up_nothing(nurse: Visitor, house: House) -> None:
    document = decided_letter(house)
    forget_treatment(house)
    nurse.post(path(house, "reprendre", document.uuid), {"ligne": ["1"], "prescripteur": house.gp.rpps})
    assert running(house.resident) == []


def test_the_decisions_of_a_letter_are_in_the_history(doctor: Visitor, house: House) -> None:
    decided_letter(house)
    history = doctor.get(path(house)).content.decode()
    assert "décision de la conciliation, ligne 1" in history
    assert str(house.doctor) in history
