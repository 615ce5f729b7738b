"""Reading a mailbox: everything above the cursor, kept before it is understood."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import connection
from django.utils import timezone

from liaison.apps.intake.actions import do_receive_all
from liaison.apps.mailboxes.actions import do_note_failure, do_note_poll
from liaison.apps.mailboxes.imap import FetchedMessage, MailboxReader, MailboxUnreachable
from liaison.apps.mailboxes.models import Mailbox
from liaison.apps.mailboxes.sessions import open_inbox
from liaison.runtime.failpoints import reach

POLL_LOCK = 0x504F4C4C
BITE = 200
"""How many messages are taken before other mailboxes have their turn."""


class MessagesNotKept(MailboxUnreachable):
    """The server is well, our disk is not: the cursor has not moved, they are fetched again later."""


def poll(mailbox: Mailbox) -> int:
    """Keep every new message of the mailbox and return how many; a failure is noted on the mailbox, never raised."""
    total = 0
    try:
        with open_inbox(mailbox) as reader:
            while taken := take_new(mailbox, reader):
                total += taken
    except MailboxUnreachable as failure:
        do_note_failure(mailbox, failure=str(failure))
    return total


def take_new(mailbox: Mailbox, reader: MailboxReader) -> int:
    """Keep a bite of what is above the cursor of an opened mailbox; how many were taken, 0 when nothing is left.

    One poller at a time: when another is at it, nothing is taken here.
    """
    with alone_on(mailbox) as alone:
        if not alone:
            return 0
        state = reader.state()
        mailbox.refresh_from_db(fields=["uid_validity", "last_uid"])
        known = mailbox.uid_validity == state.uid_validity
        uids = reader.uids_above(mailbox.last_uid if known else 0) if state.count else []
        for batch in reader.fetch_batches(uids[:BITE]):
            reach("poll: batch fetched")
            _keep(mailbox, state.uid_validity, batch)
        reach("poll: all taken")
        do_note_poll(mailbox, server_count=state.count, at=timezone.now())
        return len(uids[:BITE])


def _keep(mailbox: Mailbox, uid_validity: int, batch: Sequence[FetchedMessage]) -> None:
    try:
        do_receive_all(mailbox, uid_validity=uid_validity, fetched=batch)
    except OSError as error:
        raise MessagesNotKept(
            "Les messages attendent sur le serveur : le disque de Liaison refuse l'écriture."
        ) from error


@contextmanager
def alone_on(mailbox: Mailbox) -> Iterator[bool]:
    """Whether this process is the only one to read the mailbox, for the time of a block."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [POLL_LOCK, mailbox.pk])
        alone = bool(cursor.fetchone()[0])
    try:
        yield alone
    finally:
        if alone:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [POLL_LOCK, mailbox.pk])
