"""One thread for each mailbox: IDLE where the server can, polling where it cannot, back-off when it fails."""

import logging
import random
import threading
from dataclasses import dataclass

from django.conf import settings
from django.db import Error as DatabaseFailure
from django.db import close_old_connections, connection

from liaison.apps.intake.poll import take_new
from liaison.apps.mailboxes.actions import do_note_failure
from liaison.apps.mailboxes.connection import credentials_of, imap_endpoint
from liaison.apps.mailboxes.imap import MailboxReader, MailboxUnreachable, open_mailbox
from liaison.apps.mailboxes.models import Mailbox

logger = logging.getLogger(__name__)

FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 120.0
LONGEST_IDLE_SECONDS = 60.0
POLL_PAUSE_SECONDS = 5.0


def watch(stop: threading.Event) -> None:
    """Watch every active mailbox until ``stop`` is set."""
    mailboxes = list(Mailbox.objects.filter(active=True).select_related("operator", "site"))
    threads = [threading.Thread(target=_watch_one, args=(mailbox, stop), daemon=True) for mailbox in mailboxes]
    for thread in threads:
        thread.start()
    logger.info("watching %s mailboxes", len(mailboxes))
    stop.wait()
    for thread in threads:
        thread.join(timeout=settings.MAIL_TIMEOUT_SECONDS)


@dataclass(slots=True)
class Patience:
    """How many times in a row a mailbox failed: forgotten as soon as its server is reached."""

    failures: int = 0


def _watch_one(mailbox: Mailbox, stop: threading.Event) -> None:
    patience = Patience()
    while not stop.is_set():
        try:
            _stay_connected(mailbox, stop, patience)
        except Exception as error:  # noqa: BLE001 (a watcher that dies silently is how mail stops arriving unseen)
            patience.failures += 1
            _note(mailbox, error)
        close_old_connections()
        if patience.failures:
            stop.wait(_pause(patience.failures))
    connection.close()


def _note(mailbox: Mailbox, error: Exception) -> None:
    """On the mailbox when its server is the cause, else in the log. A database away must not end the watch either."""
    if isinstance(error, MailboxUnreachable):
        try:
            do_note_failure(mailbox, failure=str(error))
        except DatabaseFailure as failure:
            error = failure
        else:
            return
    logger.warning("mailbox %s: watcher failed (%s)", mailbox.pk, type(error).__name__)


def _stay_connected(mailbox: Mailbox, stop: threading.Event, patience: Patience) -> None:
    """Take what is new, wait for more, on one connection kept as long as it lives."""
    endpoint, credentials = imap_endpoint(mailbox.operator), credentials_of(mailbox)
    with open_mailbox(endpoint, credentials, timeout=settings.MAIL_TIMEOUT_SECONDS) as reader:
        while not stop.is_set():
            while take_new(mailbox, reader):
                pass  # a message announced while others were fetched is not announced again by IDLE
            patience.failures = 0
            close_old_connections()
            _wait_for_more(reader, stop)


def _wait_for_more(reader: MailboxReader, stop: threading.Event) -> None:
    """IDLE in short turns, so that a stop is heard within a second; NOOP between them tells a dead connection."""
    if not reader.can_idle:
        stop.wait(POLL_PAUSE_SECONDS)
        return
    turn = min(settings.POLL_SECONDS, LONGEST_IDLE_SECONDS)
    reader.wait(turn, stop)


def _pause(failures: int) -> float:
    """Longer after each failure, never in step with the other mailboxes."""
    longest: float = min(FIRST_PAUSE_SECONDS * 2 ** min(failures, 10), LONGEST_PAUSE_SECONDS)
    return longest * random.uniform(0.5, 1.0)  # noqa: S311 (jitter, not a secret)
