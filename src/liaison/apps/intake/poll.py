"""Reading a mailbox: everything above the cursor, kept before it is understood."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection
from django.utils import timezone

from liaison.apps.intake.actions import do_receive
from liaison.apps.mailboxes.actions import do_note_failure, do_note_poll
from liaison.apps.mailboxes.connection import credentials_of, imap_endpoint
from liaison.apps.mailboxes.imap import MailboxReader, MailboxUnreachable, open_mailbox
from liaison.apps.mailboxes.models import Mailbox

POLL_LOCK = 0x504F4C4C


def poll(mailbox: Mailbox) -> int:
    """Keep every new message of the mailbox and return how many; a failure is noted on the mailbox, never raised."""
    try:
        with open_mailbox(
            imap_endpoint(mailbox.operator), credentials_of(mailbox), timeout=settings.MAIL_TIMEOUT_SECONDS
        ) as reader:
            return take_new(mailbox, reader)
    except MailboxUnreachable as failure:
        do_note_failure(mailbox, failure=str(failure))
        return 0


def take_new(mailbox: Mailbox, reader: MailboxReader) -> int:
    """Keep what is above the cursor of an opened mailbox. Two pollers of one mailbox take turns."""
    with _alone_on(mailbox):
        state = reader.state()
        mailbox.refresh_from_db(fields=["uid_validity", "last_uid"])
        known = mailbox.uid_validity == state.uid_validity
        uids = reader.uids_above(mailbox.last_uid if known else 0) if state.count else []
        for fetched in reader.fetch(uids):
            do_receive(mailbox, uid_validity=state.uid_validity, fetched=fetched)
        do_note_poll(mailbox, server_count=state.count, at=timezone.now())
        return len(uids)


@contextmanager
def _alone_on(mailbox: Mailbox) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [POLL_LOCK, mailbox.pk])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [POLL_LOCK, mailbox.pk])
