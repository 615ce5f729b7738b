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
    house.filed_letter()
    assert house.resident.display_name not in lists(nurse)[1]


def test_a_letter_taken_out_of_the_record_is_missing_again(house: House, nurse: Visitor) -> None:
    leaves(house)
    comes_back(house)
    document = house.filed_letter()
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


def test_a_letter_from_before_the_leaving_is_not_the_one_awaited(house: House, nurse: Visitor) -> None:
    document = house.filed_letter()
    Filing.objects.filter(document=document).update(filed_at=timezone.now() - timedelta(days=30))
    leaves(house)
    comes_back(house)
    assert house.resident.display_name in lists(nurse)[1]


def test_the_returns_of_another_home_are_not_shown(nurse: Visitor) -> None:
    elsewhere = make_house()
    leaves(elsewhere)
    assert "Aucun résident n'est connu" in lists(nurse)[0]
