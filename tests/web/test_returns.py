"""The list of the returns expected and of the letters missing."""

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from liaison.apps.filing.actions import do_unfile
from liaison.apps.filing.models import Filing
from liaison.apps.intake.models import Document
from liaison.apps.residents.models import Source
from liaison.apps.residents.stays import do_come_back, do_leave_for_hospital
from tests.web.conftest import House, Visitor, make_house


def leaves(house: House, days_ago: int = 5) -> None:
    do_leave_for_hospital(house.resident, source=Source.HL7, at=timezone.now() - timedelta(days=days_ago))


def comes_back(house: House, days_ago: int = 1) -> None:
    do_come_back(house.resident, source=Source.HL7, at=timezone.now() - timedelta(days=days_ago))


def letter_of_the_stay(house: House) -> Document:
    """A letter filed, and written since the leaving."""
    document = house.filed_letter()
    Document.objects.filter(pk=document.pk).update(effective_time=timezone.localtime().isoformat())
    return document


def lists(browser: Visitor) -> tuple[str, str]:
    """The page as « retours attendus » and « lettre manquante »."""
    page = browser.get(reverse("returns")).content.decode()
    expected, missing = page.split('id="manquantes-titre"')
    return expected, missing


def test_a_resident_in_hospital_is_expected_and_not_yet_without_letter(house: House, nurse: Visitor) -> None:
    leaves(house)
    expected, missing = lists(nurse)
    assert house.resident.display_name in expected
    assert house.resident.display_name not in missing


def test_a_return_without_letter_is_shown_until_the_letter_is_in_the_record(house: House, nurse: Visitor) -> None:
    leaves(house)
    comes_back(house)
    expected, missing = lists(nurse)
    assert house.resident.display_name not in expected
    assert house.resident.display_name in missing
    assert "Aucun document" in missing
    letter_of_the_stay(house)
    assert house.resident.display_name not in lists(nurse)[1]


def test_a_letter_taken_out_of_the_record_is_missing_again(house: House, nurse: Visitor) -> None:
    leaves(house)
    comes_back(house)
    document = letter_of_the_stay(house)
    assert house.resident.display_name not in lists(nurse)[1]
    do_unfile(Filing.objects.get(document=document), user=house.secretary, reason="essai")
    assert house.resident.display_name in lists(nurse)[1]


def test_another_document_is_counted_and_hides_nothing(house: House, nurse: Visitor) -> None:
    leaves(house)
    comes_back(house)
    document = house.filed_letter()
    Document.objects.filter(pk=document.pk).update(type_code="11502-2")
    missing = lists(nurse)[1]
    assert house.resident.display_name in missing
    assert "1 autre document" in missing


def test_a_letter_of_another_stay_filed_late_is_not_the_one_awaited(house: House, nurse: Visitor) -> None:
    leaves(house)
    comes_back(house)
    document = house.filed_letter()
    assert document.effective_time < "2026-04"
    assert house.resident.display_name in lists(nurse)[1]


def test_a_letter_from_before_the_leaving_is_not_the_one_awaited(house: House, nurse: Visitor) -> None:
    document = letter_of_the_stay(house)
    Filing.objects.filter(document=document).update(filed_at=timezone.now() - timedelta(days=30))
    leaves(house)
    comes_back(house)
    assert house.resident.display_name in lists(nurse)[1]


def test_the_returns_of_another_home_are_not_shown(nurse: Visitor) -> None:
    elsewhere = make_house()
    leaves(elsewhere)
    assert "Aucun résident n'est connu" in lists(nurse)[0]


def test_a_secretary_notes_a_leaving_an_announced_return_and_a_return(house: House, secretary: Visitor) -> None:
    house.letter()
    page = secretary.get(reverse("resident", args=[house.resident.uuid])).content.decode()
    assert "Départ à l'hôpital" in page
    hospital = "service@hopital.mssante.fr"
    assert f'<option value="{hospital}">' in page
    secretary.post(
        reverse("resident-leave", args=[house.resident.uuid]), {"le": "2026-11-20T08:15", "hopital": hospital}
    )
    absence = house.resident.absences.get()
    assert (absence.left_by, absence.hospital_address) == (house.secretary, hospital)
    secretary.post(reverse("absence-announce", args=[absence.pk]), {"jour": "2026-12-24"})
    expected, _ = lists(secretary)
    assert "24/12/2026" in expected
    secretary.post(reverse("absence-end", args=[absence.pk]))
    absence.refresh_from_db()
    assert absence.returned_by == house.secretary
    expected, missing = lists(secretary)
    assert house.resident.display_name not in expected
    assert "Demander la lettre à CHU de Reims" in missing


def test_a_leaving_noted_by_mistake_is_withdrawn_and_counted_nowhere(house: House, nurse: Visitor) -> None:
    nurse.post(reverse("resident-leave", args=[house.resident.uuid]), {"le": "2026-11-20T08:15"})
    absence = house.resident.absences.get()
    nurse.post(reverse("absence-withdraw", args=[absence.pk]))
    assert "Aucun résident n'est connu" in lists(nurse)[0]
    again = nurse.post(reverse("absence-end", args=[absence.pk]), follow=True)
    assert again.status_code == 200
    absence.refresh_from_db()
    assert absence.returned_at is None


def test_the_letter_is_asked_for_in_one_act_where_the_hospital_is_known(house: House, secretary: Visitor) -> None:
    leaves(house)
    comes_back(house)
    absence = house.resident.absences.get()
    asked = reverse("absence-ask", args=[absence.pk])
    assert "Demander la lettre…" in lists(secretary)[1]
    refused = secretary.post(asked, follow=True).content.decode()
    assert "ou donnez son adresse MSSanté." in refused
    secretary.post(asked, {"adresse": "urgences@hopital.mssante.fr", "nom": "CHU – Urgences"})
    note = absence.notes.get()
    assert note.address == "urgences@hopital.mssante.fr"
    missing = lists(secretary)[1]
    assert "Redemander à CHU – Urgences" in missing
    assert f"par {house.secretary}" in missing


def test_a_letter_that_came_otherwise_is_waited_for_no_more_until_a_person_says_so(
    house: House, nurse: Visitor
) -> None:
    leaves(house)
    comes_back(house)
    absence = house.resident.absences.get()
    nurse.post(reverse("absence-settle", args=[absence.pk]))
    missing = lists(nurse)[1]
    assert "Lettre manquante : 0 retour" in missing
    assert f"par {house.nurse}" in missing
    nurse.post(reverse("absence-wait", args=[absence.pk]))
    assert "Lettre manquante : 1 retour" in lists(nurse)[1]


def test_one_who_holds_no_mailbox_is_told_who_asks(house: House, nurse: Visitor) -> None:
    leaves(house)
    comes_back(house)
    assert "La demande est faite par un titulaire" in lists(nurse)[1]


def test_a_letter_that_waits_to_be_filed_is_shown_instead_of_asked_for(
    house: House, secretary: Visitor, nurse: Visitor
) -> None:
    leaves(house)
    comes_back(house)
    letter = house.letter()
    Document.objects.filter(pk=letter.pk).update(effective_time=timezone.localtime().isoformat())
    missing = lists(secretary)[1]
    assert reverse("document", args=[letter.uuid]) in missing
    assert "Demander la lettre" not in missing
    told = lists(nurse)[1]
    assert "attend d'être intégrée par une secrétaire" in told
    assert reverse("document", args=[letter.uuid]) not in told
    assert "sans lettre" not in secretary.get(reverse("inbox")).content.decode()
