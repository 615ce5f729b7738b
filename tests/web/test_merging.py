"""The screens that put two records together and take them apart."""

import pytest
from django.urls import reverse

from liaison.apps.residents.models import Resident, ResidentMerge
from tests.support import factories
from tests.web.conftest import House, Visitor, make_house


@pytest.fixture
def twin(house: House) -> Resident:
    return factories.make_resident(house.site, birth_family="LEFEBVRE", ins="", ins_oid="", ins_status="PROV")


def confirm(browser: Visitor, house: House, twin: Resident, motif: str = "Même personne") -> str:
    address = reverse("resident-merge-confirm", args=[house.resident.uuid])
    return browser.post(address, {"resident": str(twin.uuid), "motif": motif}, follow=True).content.decode()


def test_the_other_record_is_found_and_compared_before_it_is_merged(
    house: House, twin: Resident, secretary: Visitor
) -> None:
    address = reverse("resident-merge", args=[house.resident.uuid])
    assert "Fusionner un autre dossier" in secretary.get(address).content.decode()
    page = secretary.post(address, {"texte": "lef"}).content.decode()
    assert "LEFEBVRE" in page
    assert "différent" in page
    assert f'value="{twin.uuid}"' in page
    assert f'value="{house.resident.uuid}"' not in page


def test_a_merge_is_done_and_undone_from_the_record(house: House, twin: Resident, secretary: Visitor) -> None:
    done = confirm(secretary, house, twin)
    assert "n&#x27;en font plus qu&#x27;un" in done
    assert "Même personne" in done
    assert secretary.get(reverse("resident", args=[twin.uuid])).status_code == 404
    merge = ResidentMerge.objects.get()
    undo = reverse("merge-undo", args=[house.resident.uuid, merge.pk])
    assert "Dites pourquoi" in secretary.post(undo, {"motif": ""}, follow=True).content.decode()
    assert "La fusion est annulée" in secretary.post(undo, {"motif": "Erreur"}, follow=True).content.decode()
    assert secretary.get(reverse("resident", args=[twin.uuid])).status_code == 200


def test_a_merge_without_a_reason_is_not_done(house: House, twin: Resident, secretary: Visitor) -> None:
    assert "Dites pourquoi" in confirm(secretary, house, twin, motif="")
    assert not ResidentMerge.objects.exists()


def test_a_nurse_is_offered_no_merge_and_is_refused_one(house: House, twin: Resident, nurse: Visitor) -> None:
    record = nurse.get(reverse("resident", args=[house.resident.uuid])).content.decode()
    assert reverse("resident-merge", args=[house.resident.uuid]) not in record
    assert "Votre rôle ne permet pas" in confirm(nurse, house, twin)
    assert not ResidentMerge.objects.exists()


def test_a_record_of_another_home_cannot_be_merged(house: House, secretary: Visitor) -> None:
    elsewhere = make_house().resident
    address = reverse("resident-merge-confirm", args=[house.resident.uuid])
    answer = secretary.post(address, {"resident": str(elsewhere.uuid), "motif": "Même personne"})
    assert answer.status_code == 404
