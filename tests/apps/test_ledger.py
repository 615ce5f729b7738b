"""The ledger against a real server: what lacks is found one by one, kept at once, and said to a person."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from tests.apps.test_wire import declare, open_for, operator_config, person, poll_until, post
from tests.support import factories
from tests.support.desk import Desk
from tests.support.operator import running_operator

from liaison.apps.audit.models import Entry
from liaison.apps.intake.models import RawMessage
from liaison.apps.intake.poll import take_new
from liaison.apps.mailboxes.models import Mailbox, Watcher
from liaison.apps.mailboxes.sessions import open_inbox
from liaison.apps.operations import rounds
from liaison.apps.operations.incidents import do_close_incident
from liaison.apps.operations.models import Incident
from liaison.apps.organisations.access import access_incidents
from liaison.apps.refusals import NotAllowed
from liaison.demo.operator.config import OperatorConfig

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OperatorConfig]:
    with running_operator(operator_config(tmp_path_factory.mktemp("ledger"))) as config:
        yield config


def filled(desk: Desk, running: OperatorConfig, number: int, messages: int) -> Mailbox:
    mailbox = open_for(desk, declare(running), person(number))
    for order in range(messages):
        post(running, mailbox.address, text=f"message {order}\n")
    poll_until(mailbox, messages)
    return mailbox


def lose(message: RawMessage) -> None:
    """A row that is gone although its cursor went past it: what no code of ours does, and a bad restore can."""
    RawMessage.objects.filter(pk=message.pk).delete()


def test_a_message_below_the_cursor_without_a_row_is_kept_again_and_opens_an_incident(
    desk: Desk, running: OperatorConfig
) -> None:
    mailbox = filled(desk, running, 1, 3)
    lost = mailbox.raw_messages.order_by("uid")[1]
    lose(lost)
    mailbox.refresh_from_db()
    cursor = mailbox.last_uid
    assert rounds.check_ledger(mailbox) == 1
    assert mailbox.raw_messages.filter(uid=lost.uid, blob=lost.blob).exists()
    mailbox.refresh_from_db()
    assert mailbox.last_uid == cursor
    incident = Incident.objects.get()
    assert (incident.kind, incident.count, incident.site, incident.mailbox) == (
        "ledger_drift",
        1,
        desk.site,
        mailbox,
    )
    assert rounds.check_ledger(mailbox) == 0


def test_a_loss_hidden_by_a_deletion_on_the_server_is_found_though_the_counts_agree(
    desk: Desk, running: OperatorConfig
) -> None:
    mailbox = filled(desk, running, 2, 3)
    first, second, _third = mailbox.raw_messages.order_by("uid")
    lose(second)
    with open_inbox(mailbox) as reader:
        reader.client.select_folder("INBOX")
        reader.client.delete_messages([first.uid])
        reader.client.expunge()
    assert rounds.check_ledger(mailbox) == 1


def test_what_a_person_deleted_on_the_server_is_no_drift_and_stays_here(desk: Desk, running: OperatorConfig) -> None:
    mailbox = filled(desk, running, 3, 2)
    with open_inbox(mailbox) as reader:
        reader.client.select_folder("INBOX")
        reader.client.delete_messages(reader.client.search())
        reader.client.expunge()
    assert rounds.check_ledger(mailbox) == 0
    assert mailbox.raw_messages.count() == 2


def test_a_full_mailbox_is_taken_a_bite_at_a_time_so_that_others_have_their_turn(
    desk: Desk, running: OperatorConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("liaison.apps.intake.poll.BITE", 2)
    mailbox = open_for(desk, declare(running), person(4))
    for order in range(5):
        post(running, mailbox.address, text=f"message {order}\n")
    with open_inbox(mailbox) as reader:
        bites = []
        while len(bites) == 0 or bites[-1]:
            bites.append(take_new(mailbox, reader))
    assert bites == [2, 2, 1, 0]


def test_a_batch_is_bounded_by_what_it_weighs_and_a_heavy_message_goes_alone(
    desk: Desk, running: OperatorConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("liaison.apps.mailboxes.imap.BATCH_BYTES", 1000)
    mailbox = open_for(desk, declare(running), person(5))
    for letters in (1, 1, 500, 1):
        post(running, mailbox.address, text="x" * letters)
    poll_until(mailbox, 4)
    asked: list[int] = []
    with open_inbox(mailbox) as reader:
        reader.state()
        fetch = reader.client.fetch

        def counted(uids: list[int], parts: list[str]) -> object:
            if "BODY.PEEK[]" in parts:
                asked.append(len(uids))
            return fetch(uids, parts)

        monkeypatch.setattr(reader.client, "fetch", counted)
        kept = list(reader.fetch(reader.uids_above(0)))
    assert (len(kept), sum(asked)) == (4, 4)
    assert 1 in asked
    assert max(asked) < 4


def test_a_mailbox_down_for_a_quarter_of_an_hour_is_an_incident_that_closes_by_itself(desk: Desk) -> None:
    longer_ago = timezone.now() - rounds.DOWN_AFTER - timedelta(seconds=1)
    Mailbox.objects.filter(pk=desk.mailbox.pk).update(failing_since=longer_ago, failure="Le serveur ne répond pas.")
    rounds.check_mailboxes()
    rounds.check_mailboxes()
    (incident,) = Incident.objects.filter(closed_at=None)
    assert (incident.kind, incident.mailbox, incident.detail) == (
        "mailbox_down",
        desk.mailbox,
        "Le serveur ne répond pas.",
    )
    Mailbox.objects.filter(pk=desk.mailbox.pk).update(failing_since=None)
    rounds.check_mailboxes()
    incident.refresh_from_db()
    assert (incident.closed_at is not None, incident.closed_by) == (True, None)
    assert list(Entry.objects.filter(subject_type="incident").order_by("seq").values_list("action", flat=True)) == [
        "incident_opened",
        "incident_closed",
    ]


def test_an_incident_is_seen_and_closed_by_those_who_look_after_the_site_only(desk: Desk) -> None:
    Mailbox.objects.filter(pk=desk.mailbox.pk).update(failing_since=timezone.now() - timedelta(hours=1))
    rounds.check_mailboxes()
    incident = Incident.objects.get()
    stranger = factories.make_user(factories.make_site())
    assert not access_incidents(stranger).exists()
    with pytest.raises(NotAllowed):
        do_close_incident(incident, user=stranger)
    do_close_incident(incident, user=desk.secretary)
    incident.refresh_from_db()
    assert incident.closed_by == desk.secretary


def test_a_new_numbering_is_left_to_the_poll_and_is_no_drift(desk: Desk, running: OperatorConfig) -> None:
    mailbox = filled(desk, running, 6, 2)
    Mailbox.objects.filter(pk=mailbox.pk).update(uid_validity=1)
    assert rounds.check_ledger(mailbox) == 0
    assert not Incident.objects.exists()


def test_a_server_away_is_no_drift(desk: Desk, running: OperatorConfig, tmp_path: Path) -> None:
    del tmp_path
    mailbox = open_for(desk, declare(replace(running, imap_port=1)), person(7))
    assert rounds.check_ledger(mailbox) == 0
    assert not Incident.objects.exists()
    assert not Watcher.objects.exists()
