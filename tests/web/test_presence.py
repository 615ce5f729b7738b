"""Signing in and out is written in the journal of each site where the person works."""

import pytest
from django.test import Client
from django.urls import reverse

from liaison.apps.audit.models import Entry
from liaison.apps.audit.verification import verify_chains
from tests.support.factories import PASSWORD
from tests.web.conftest import House, Visitor, see_every_site


def signed(action: str) -> list[tuple[object, object]]:
    see_every_site()
    return [(entry.user, entry.site) for entry in Entry.objects.filter(action=action)]


@pytest.mark.parametrize("password", [PASSWORD, "autre chose"])
def test_signing_in_is_journalled_when_it_succeeds(house: House, password: str) -> None:
    Visitor().post(reverse("sign-in"), {"username": house.secretary.username, "password": password})
    assert signed("signed_in") == ([(house.secretary, house.site)] if password == PASSWORD else [])


def test_signing_out_is_journalled(house: House, secretary: Visitor) -> None:
    secretary.post(reverse("sign-out"))
    assert signed("signed_out") == [(house.secretary, house.site)]
    assert all(report.sound for report in verify_chains().values())


def test_nobody_signing_out_is_no_entry(house: House) -> None:
    del house
    assert Client().post(reverse("sign-out")).status_code == 302
    assert signed("signed_out") == []
