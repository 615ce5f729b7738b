"""The mailboxes this process holds: one connection each, IDLE where the server can, back-off when it fails.

Any number of these processes share the mailboxes: each holds a fair part under leases, and takes over the part of one
that died. A few takers serve them all in turn, a bite at a time, so that a full mailbox never starves the others.
"""

import logging
import os
import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TypeVar
from uuid import UUID, uuid4

from django.conf import settings
from django.db import Error as DatabaseFailure
from django.db import close_old_connections
from django.utils import timezone

from liaison.apps.intake.poll import take_new
from liaison.apps.mailboxes.actions import do_note_failure, do_note_reached
from liaison.apps.mailboxes.imap import MailboxReader, MailboxUnreachable, News
from liaison.apps.mailboxes.leases import LEASE_SECONDS, do_hold_mailboxes, do_let_mailboxes_go
from liaison.apps.mailboxes.models import Mailbox
from liaison.apps.mailboxes.sessions import open_inbox

logger = logging.getLogger(__name__)

FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 120.0
LONGEST_IDLE_SECONDS = 60.0
POLL_PAUSE_SECONDS = 5.0
SILENT_TURNS = 5
UNANNOUNCED_TURN_SECONDS = 15.0
UNANNOUNCED_FOR_SECONDS = 600.0
SIGN_INS_AT_ONCE = 8
TAKERS = 4
SMALL_STACK_BYTES = 512 * 1024

Result = TypeVar("Result")


def watch(stop: threading.Event) -> None:
    """Watch this process's part of the active mailboxes until ``stop`` is set."""
    with Watch() as own:
        while not stop.is_set():
            own.share_out()
            stop.wait(LEASE_SECONDS / 3)


@dataclass(slots=True)
class Watch:
    """The threads of this process, by mailbox. ``woken`` becomes readable for all of them when the watch ends.

    ``silent`` are the mailboxes reached since the last sharing, with nothing new. Until ``deaf_until``, a moment of the
    monotonic clock, servers are asked more often: one of them had news it did not announce under IDLE.
    """

    identity: UUID = field(default_factory=uuid4)
    threads: dict[int, threading.Thread] = field(default_factory=dict)
    held: set[int] = field(default_factory=set)
    silent: set[int] = field(default_factory=set)
    deaf_until: float = 0.0
    over: threading.Event = field(default_factory=threading.Event)
    takers: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(TAKERS, "taker"))
    sign_ins: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(SIGN_INS_AT_ONCE))
    woken: int = -1
    wake: int = -1

    def __enter__(self) -> "Watch":
        self.woken, self.wake = os.pipe()
        threading.stack_size(SMALL_STACK_BYTES)
        return self

    def __exit__(self, *_exception: object) -> None:
        self.over.set()
        os.write(self.wake, b".")
        for thread in self.threads.values():
            thread.join(timeout=settings.MAIL_TIMEOUT_SECONDS)
        self._spare_the_database(lambda: do_let_mailboxes_go(self.identity))
        self.takers.shutdown(cancel_futures=True)
        os.close(self.wake)
        os.close(self.woken)

    def share_out(self) -> None:
        """Hold a fair part of the mailboxes and give each that is new to us its thread. A lost one ends by itself."""
        held = self._spare_the_database(lambda: do_hold_mailboxes(self.identity))
        if held is None:
            return
        self.held = set(held)
        self._note_the_silent()
        self.threads = {pk: thread for pk, thread in self.threads.items() if thread.is_alive()}
        for pk in held:
            if pk not in self.threads:
                self.threads[pk] = threading.Thread(target=self._watch_one, args=(pk,), daemon=True)
                self.threads[pk].start()

    def _spare_the_database(self, act: Callable[[], Result]) -> Result | None:
        """A database away for a moment must not end the watch: it is asked again at the next turn."""
        try:
            return self.takers.submit(_with_a_connection, act).result()
        except DatabaseFailure as failure:
            logger.warning("watch: the database did not answer (%s)", type(failure).__name__)
            return None

    def _watch_one(self, pk: int) -> None:
        failures = 0
        while self._goes_on(pk):
            try:
                for _ in self._turns(pk):
                    failures = 0
            except Exception as error:  # noqa: BLE001 (a watcher that dies silently is how mail stops arriving unseen)
                failures += 1
                pause = _pause(failures)
                self._note(pk, error, pause)
                self.over.wait(pause)

    def _goes_on(self, pk: int) -> bool:
        return pk in self.held and not self.over.is_set()

    def _turns(self, pk: int) -> Iterator[None]:
        """Take what is new, wait for more, on one connection kept as long as it lives; once round for each turn."""
        mailbox = self._take(lambda: Mailbox.objects.select_related("operator", "site").get(pk=pk))
        with self._signed_in(mailbox) as reader:
            while self._goes_on(pk):
                while self._take(lambda: take_new(mailbox, reader)):
                    pass  # a message announced while others were fetched is not announced again by IDLE
                yield
                self._wait_for_news(pk, reader)

    @contextmanager
    def _signed_in(self, mailbox: Mailbox) -> Iterator[MailboxReader]:
        """A connection, when fewer than a few others are being made: a restart must not storm the operator."""
        with ExitStack() as connection:
            with self.sign_ins:
                reader = connection.enter_context(open_inbox(mailbox))
            yield reader

    def _take(self, act: Callable[[], Result]) -> Result:
        return self.takers.submit(_with_a_connection, act).result()

    def _wait_for_news(self, pk: int, reader: MailboxReader) -> None:
        """Until the server speaks, or some turns passed in silence: then it is looked at all the same."""
        if not reader.can_idle:
            self.over.wait(POLL_PAUSE_SECONDS)
            return
        for _ in range(SILENT_TURNS):
            news = reader.wait(self._turn_seconds(), self.woken)
            self._hear(news)
            if news != News.NONE or not self._goes_on(pk):
                return
            self.silent.add(pk)

    def _turn_seconds(self) -> float:
        """How long one IDLE lasts: shorter while a server of ours keeps its news for those who ask."""
        longest = min(settings.POLL_SECONDS, LONGEST_IDLE_SECONDS)
        return min(longest, UNANNOUNCED_TURN_SECONDS) if time.monotonic() < self.deaf_until else longest

    def _hear(self, news: News) -> None:
        if news == News.ASKED:
            self.deaf_until = time.monotonic() + UNANNOUNCED_FOR_SECONDS

    def _note_the_silent(self) -> None:
        """The heartbeat of the mailboxes whose server was reached and had nothing new: one statement for all."""
        reached, self.silent = self.silent, set()
        if reached:
            self._spare_the_database(lambda: do_note_reached(sorted(reached), at=timezone.now()))

    def _note(self, pk: int, error: Exception, pause: float) -> None:
        """On the mailbox when its server is the cause, else in the log."""
        if not isinstance(error, MailboxUnreachable):
            logger.warning("mailbox %s: watcher failed (%s)", pk, type(error).__name__)
            return
        said = str(error)
        self._spare_the_database(lambda: do_note_failure(Mailbox.objects.get(pk=pk), failure=said, pause=pause))


def _with_a_connection(act: Callable[[], Result]) -> Result:
    try:
        return act()
    finally:
        close_old_connections()


def _pause(failures: int) -> float:
    """Seconds: longer after each failure, never in step with the other mailboxes."""
    longest: float = min(FIRST_PAUSE_SECONDS * 2 ** min(failures, 10), LONGEST_PAUSE_SECONDS)
    return longest * random.uniform(0.5, 1.0)  # noqa: S311 (jitter, not a secret)
