"""A letter read again by a newer reader: both readings on its page, and a person chooses."""

import pytest
from django.utils import timezone

from liaison.apps.intake.readings import to_json
from liaison.apps.treatments.models import Rereading, TextReading
from liaison.core.cda.values import SECTION_DISCHARGE, MedicationLine
from tests.web.conftest import House, Visitor

pytestmark = pytest.mark.django_db


def test_a_newer_reading_is_shown_beside_the_old_one_and_chosen_by_a_person(
    house: House, secretary: Visitor, nurse: Visitor
) -> None:
    document = house.filed_letter()
    TextReading.objects.update_or_create(
        document=document, defaults={"reader_version": "0", "read_at": timezone.now(), "lines": [], "notices": []}
    )
    found = Rereading.objects.create(
        document=document,
        reader_version="9",
        read_at=timezone.now(),
        state=Rereading.State.PROPOSED,
        lines=to_json((MedicationLine(SECTION_DISCHARGE, "KARDEGIC 75 mg", dose="1 sachet", origin="text"),)),
    )
    address = f"/documents/{document.uuid}/"
    page = secretary.get(address).content.decode()
    assert "Lu maintenant : KARDEGIC 75 mg, 1 sachet" in page
    assert "à regarder" in secretary.get("/").content.decode()
    assert "Prendre la nouvelle lecture" not in nurse.get(address).content.decode()
    secretary.post(f"{address}lectures/{found.pk}/ecarter/")
    assert "Lu maintenant" not in secretary.get(address).content.decode()
