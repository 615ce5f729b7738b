"""How the installation fares: the page for the people, the figures for the programs."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from liaison.apps.intake.jobs import offer_reading
from liaison.apps.intake.models import RawMessage
from liaison.apps.mailboxes.leases import do_hold_mailboxes
from liaison.apps.mailboxes.models import Mailbox, Watcher
from liaison.apps.operations import rounds
from liaison.apps.operations.models import Backup, Incident, SelfCheck
from liaison.apps.operations.purge import do_set_purge
from liaison.apps.organisations.models import Role
from tests.support import factories
from tests.web.conftest import House, visitor

pytestmark = pytest.mark.django_db


def down(house: House) -> None:
    Mailbox.objects.filter(pk=house.mailbox.pk).update(
        failing_since=timezone.now() - timedelta(hours=1), failure="Le serveur de messagerie ne répond pas.", failures=9
    )
    rounds.check_mailboxes()


def test_an_incident_is_announced_on_the_first_screen_and_closed_from_its_page(house: House) -> None:
    down(house)
    browser = visitor(house.secretary)
    assert "1 incident de fonctionnement" in browser.get("/").content.decode()
    page = browser.get("/exploitation/").content.decode()
    assert "Une boîte n&#x27;est plus relevée" in page
    assert "9 essais manqués" in page
    closed = browser.post(f"/exploitation/incidents/{Incident.objects.get().uuid}/clore/", follow=True)
    assert "clos" in closed.content.decode()
    assert "incident de fonctionnement" not in browser.get("/").content.decode()


def test_an_incident_of_another_site_does_not_exist_for_me(house: House) -> None:
    down(house)
    stranger = visitor(factories.make_user(factories.make_site()))
    assert house.mailbox.address not in stranger.get("/exploitation/").content.decode()
    assert stranger.post(f"/exploitation/incidents/{Incident.objects.get().uuid}/clore/").status_code == 404


def test_the_queue_and_its_workers_are_shown_and_no_living_worker_is_said(house: House) -> None:
    message = house.receive(b"Subject: x\r\n\r\nBonjour")
    offer_reading(message.pk)
    page = visitor(factories.make_user(house.site, Role.ADMINISTRATOR)).get("/exploitation/").content.decode()
    assert "Aucun processus de travail" in page
    assert "Aucun processus de relève" in page
    assert "réception" in page


def test_the_heartbeat_of_each_watcher_is_told_on_the_page_and_in_the_figures(house: House, settings: Any) -> None:
    alive, dead = two_watchers()
    page = visitor(factories.make_user(house.site, Role.ADMINISTRATOR)).get("/exploitation/").content.decode()
    assert "1 processus de relève vivant" in page
    assert f"Relève {alive} : 1 de vos boîtes tenue" in page
    assert "ne bat plus" in page[page.index(f"Relève {dead} :") :][:80]
    told = figures(settings)
    assert "liaison_watchers 1.0" in told
    assert f'liaison_watcher_mailboxes{{watcher="{alive}"}} 1.0' in told
    assert f'liaison_watcher_mailboxes{{watcher="{dead}"}} 0.0' in told
    age = float(told.split(f'liaison_watcher_heartbeat_seconds{{watcher="{dead}"}} ')[1].split()[0])
    assert age >= 120


def two_watchers() -> tuple[str, str]:
    """One that lives, and one that died two minutes ago: the beginnings of their names."""
    dead, alive = uuid4(), uuid4()
    do_hold_mailboxes(dead)
    ago = timezone.now() - timedelta(minutes=2)
    Watcher.objects.filter(identity=dead).update(seen_at=ago)
    Mailbox.objects.filter(watcher=dead).update(watched_until=ago)
    do_hold_mailboxes(alive)
    return alive.hex[:8], dead.hex[:8]


def test_a_person_asks_for_a_test_message_and_reads_how_long_each_step_took(house: House) -> None:
    browser = visitor(house.secretary)
    assert "Aucun essai n'a encore été fait" in browser.get("/exploitation/").content.decode()
    asked = browser.post(f"/exploitation/boites/{house.mailbox.uuid}/essayer/", follow=True)
    assert "en cours" in asked.content.decode()
    begun = SelfCheck.objects.get().begun_at
    steps = {"sent_at": 0.4, "received_at": 1.5, "read_at": 1.6}
    SelfCheck.objects.update(
        state="passed", **{name: begun + timedelta(seconds=after) for name, after in steps.items()}
    )
    page = browser.get("/exploitation/").content.decode()
    assert all(said in page for said in ("Revenu", "0,4 s", "1,1 s", "0,1 s"))


def test_the_mailbox_of_another_site_cannot_be_tried(house: House) -> None:
    stranger = visitor(factories.make_user(factories.make_site()))
    assert stranger.post(f"/exploitation/boites/{house.mailbox.uuid}/essayer/").status_code == 404
    assert not SelfCheck.objects.exists()


def figures(settings: Any) -> str:
    settings.METRICS_TOKEN = "jeton-de-supervision"
    answer = Client().get("/metrics", headers={"authorization": "Bearer jeton-de-supervision"})
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_figures_count_every_site_and_name_nobody(house: House, settings: Any) -> None:
    down(house)
    house.receive(b"Subject: DUPONT Marie\r\n\r\nBonjour")
    told = figures(settings)
    assert 'liaison_mailboxes{state="failing"} 1.0' in told
    assert 'liaison_incidents_open{kind="mailbox_down"} 1.0' in told
    assert "liaison_workers 0.0" in told
    assert 'liaison_jobs{queue="intake",state="waiting"}' in told
    assert "DUPONT" not in told
    assert house.mailbox.address not in told


@pytest.mark.parametrize("given", ["", "Bearer ", "Bearer autre", "jeton-de-supervisio"])
def test_without_the_token_there_is_no_such_page(settings: Any, given: str) -> None:
    settings.METRICS_TOKEN = "jeton-de-supervision"
    assert Client().get("/metrics", headers={"authorization": given}).status_code == 404
    settings.METRICS_TOKEN = ""
    assert Client().get("/metrics", headers={"authorization": given}).status_code == 404


def test_the_figures_leave_the_door_closed_behind_them(house: House, settings: Any) -> None:
    stranger = visitor(factories.make_user(factories.make_site()))
    figures(settings)
    answer = stranger.get("/exploitation/")
    assert house.mailbox.address not in answer.content.decode()


def purging(house: House) -> str:
    """The page as the administrator of the house sees it."""
    return visitor(factories.make_user(house.site, Role.ADMINISTRATOR)).get("/exploitation/").content.decode()


def test_nothing_is_erased_at_the_operator_until_an_administrator_says_when(house: House) -> None:
    page = purging(house)
    assert "Aucune sauvegarde relue" in page
    assert "rien ne s'efface" in page
    administrator = visitor(factories.make_user(house.site, Role.ADMINISTRATOR))
    address = f"/exploitation/boites/{house.mailbox.uuid}/effacement/"
    assert "après 30 jours" in administrator.post(address, {"jours": "30"}, follow=True).content.decode()
    house.mailbox.refresh_from_db()
    assert house.mailbox.purge_after_days == 30
    assert "0 message à effacer" in purging(house)
    assert "plus rien" in administrator.post(address, {"jours": ""}, follow=True).content.decode()
    house.mailbox.refresh_from_db()
    assert house.mailbox.purge_after_days is None


@pytest.mark.parametrize("days", ["1", "99999", "trente"])
def test_a_delay_out_of_bounds_is_refused_in_words(house: House, days: str) -> None:
    administrator = visitor(factories.make_user(house.site, Role.ADMINISTRATOR))
    address = f"/exploitation/boites/{house.mailbox.uuid}/effacement/"
    page = administrator.post(address, {"jours": days}, follow=True).content.decode()
    assert "jours chez l&#x27;opérateur" in page or "Donnez un nombre de jours" in page
    house.mailbox.refresh_from_db()
    assert house.mailbox.purge_after_days is None


def test_a_secretary_sees_the_delay_and_does_not_set_it(house: House) -> None:
    do_set_purge(house.mailbox, days=45)
    browser = visitor(house.secretary)
    page = browser.get("/exploitation/").content.decode()
    assert "45 jours" in page
    assert "effacement/" not in page
    browser.post(f"/exploitation/boites/{house.mailbox.uuid}/effacement/", {"jours": "7"})
    house.mailbox.refresh_from_db()
    assert house.mailbox.purge_after_days == 45


def test_the_page_counts_what_the_next_night_erases_and_what_went(house: House) -> None:
    do_set_purge(house.mailbox, days=30)
    for number in range(3):
        house.receive(f"Subject: {number}\r\n\r\nBonjour".encode())
    now = timezone.now()
    messages = RawMessage.objects.filter(mailbox=house.mailbox)
    Mailbox.objects.filter(pk=house.mailbox.pk).update(uid_validity=messages.first().uid_validity)
    messages.update(fetched_at=now - timedelta(days=40))
    assert "0 message à effacer" in purging(house)
    last = messages.order_by("-pk").first().pk
    Backup.objects.create(file="s", size=1, blobs=9, last_message=last, begun_at=now, verified_at=now)
    assert "3 messages à effacer" in purging(house)
    messages.filter(pk=last).update(erased_at=now)
    page = purging(house)
    assert "2 messages à effacer" in page
    assert "1 message<br>" in page
