"""The operator's copy of a message is erased only where a site asks, and only when it is kept, read and saved."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from tests.apps.test_wire import declare, open_for, operator_config, person, poll_until, post
from tests.support.desk import Desk
from tests.support.operator import running_operator

from liaison.apps.audit.models import Entry
from liaison.apps.intake.models import RawMessage
from liaison.apps.intake.pipeline import read_or_note
from liaison.apps.mailboxes.models import Mailbox
from liaison.apps.mailboxes.sessions import open_inbox
from liaison.apps.operations import purge, rounds
from liaison.apps.operations.models import Backup
from liaison.apps.refusals import NotAllowed
from liaison.demo.operator.config import OperatorConfig

pytestmark = pytest.mark.django_db
LONG_AGO = timedelta(days=40)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OperatorConfig]:
    with running_operator(operator_config(tmp_path_factory.mktemp("purge"))) as config:
        yield config


def old_mailbox(desk: Desk, running: OperatorConfig, number: int, messages: int = 3) -> Mailbox:
    """Messages of forty days ago, all read, in a mailbox that a site has emptied after thirty."""
    mailbox = open_for(desk, declare(running), person(number))
    for order in range(messages):
        post(running, mailbox.address, text=f"message {order}\n")
    poll_until(mailbox, messages)
    for message in mailbox.raw_messages.all():
        read_or_note(message.pk)
    mailbox.raw_messages.update(fetched_at=timezone.now() - LONG_AGO)
    mailbox.refresh_from_db()
    purge.do_set_purge(mailbox, days=30)
    return mailbox


def saved(last: int) -> Backup:
    now = timezone.now()
    return Backup.objects.create(file="s", size=1, blobs=1, last_message=last, begun_at=now, verified_at=now)


def on_server(mailbox: Mailbox) -> set[int]:
    with open_inbox(mailbox) as reader:
        reader.state()
        return set(reader.client.search())


def test_what_is_read_old_and_saved_is_erased_at_the_operator_and_stays_here(
    desk: Desk, running: OperatorConfig
) -> None:
    mailbox = old_mailbox(desk, running, 1)
    saved(RawMessage.objects.latest("pk").pk)
    assert purge.purge(mailbox) == 3
    assert on_server(mailbox) == set()
    assert mailbox.raw_messages.exclude(erased_at=None).count() == 3
    assert Entry.objects.filter(action="operator_copy_erased").count() == 3
    assert purge.purge(mailbox) == 0
    assert rounds.check_ledger(mailbox) == 0


def test_without_a_verified_backup_nothing_goes(desk: Desk, running: OperatorConfig) -> None:
    mailbox = old_mailbox(desk, running, 2)
    assert purge.purge(mailbox) == 0
    assert len(on_server(mailbox)) == 3


def test_what_the_backup_does_not_hold_or_is_recent_or_unread_stays(desk: Desk, running: OperatorConfig) -> None:
    mailbox = old_mailbox(desk, running, 3, messages=4)
    first, recent, unread, last = mailbox.raw_messages.order_by("pk")
    RawMessage.objects.filter(pk=recent.pk).update(fetched_at=timezone.now())
    RawMessage.objects.filter(pk=unread.pk).update(state=RawMessage.State.FAILED)
    saved(last.pk - 1)
    assert purge.purge(mailbox) == 1
    assert on_server(mailbox) == {recent.uid, unread.uid, last.uid}
    assert mailbox.raw_messages.exclude(erased_at=None).get() == first


def test_what_a_person_deleted_there_meanwhile_is_known_to_be_gone(desk: Desk, running: OperatorConfig) -> None:
    mailbox = old_mailbox(desk, running, 5, messages=2)
    saved(RawMessage.objects.latest("pk").pk)
    with open_inbox(mailbox) as reader:
        reader.client.select_folder("INBOX")
        reader.client.delete_messages([mailbox.raw_messages.earliest("uid").uid])
        reader.client.expunge()
    assert purge.purge(mailbox) == 2
    assert Entry.objects.filter(action="operator_copy_erased").count() == 1
    assert purge.purge(mailbox) == 0


def test_a_message_that_is_not_the_one_we_hold_is_left_alone(desk: Desk, running: OperatorConfig) -> None:
    mailbox = old_mailbox(desk, running, 4, messages=1)
    mailbox.raw_messages.update(blob="0" * 64)
    saved(RawMessage.objects.latest("pk").pk)
    assert purge.purge(mailbox) == 0
    assert len(on_server(mailbox)) == 1


def test_no_mailbox_is_emptied_by_default_and_each_change_is_in_the_journal(desk: Desk) -> None:
    assert desk.mailbox.purge_after_days is None
    purge.do_set_purge(desk.mailbox, days=30)
    purge.do_set_purge(desk.mailbox, days=None)
    said = [entry.details for entry in Entry.objects.filter(action="purge_set").order_by("pk")]
    assert [(each["before"], each["after"]) for each in said] == [(None, 30), (30, None)]


def test_a_delay_too_short_is_refused(desk: Desk) -> None:
    with pytest.raises(NotAllowed, match="7 jours"):
        purge.do_set_purge(desk.mailbox, days=1)
