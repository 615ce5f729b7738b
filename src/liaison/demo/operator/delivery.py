"""The courier: takes what is due off the queue, to the mailboxes here or to the other operators, and reports."""

import asyncio
import logging
import re
import smtplib
import ssl
from collections.abc import Callable
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from itertools import groupby
from threading import Thread

from liaison.demo.operator.config import OperatorConfig, Route
from liaison.demo.operator.folders import INBOX, Folders
from liaison.demo.operator.mailstore import MailStore
from liaison.demo.operator.queue import Envelope, Queue, QueuedMail, Recipient
from liaison.demo.operator.reports import Outcome, Reporter, compose_dsn

log = logging.getLogger(__name__)

SOCKET_TIMEOUT = 10.0
Outcomes = dict[str, Outcome | None]

POSITIVE, PERMANENT = 2, 5
LEASE = timedelta(minutes=15)
EVENTS = {"delivered": "SUCCESS", "relayed": "SUCCESS", "delayed": "DELAY", "failed": "FAILURE"}

DELIVERED = Outcome("delivered", "2.0.0")
RELAYED = Outcome("relayed", "2.0.0")
NO_MAILBOX = Outcome("failed", "5.1.1", "550 5.1.1 No such mailbox here")
NO_ROUTE = Outcome("failed", "5.4.4", "550 5.4.4 No route to this domain")
UNREACHABLE = Outcome("delayed", "4.4.1", "421 4.4.1 No answer from the other operator")


class Courier:
    """Runs until cancelled; ``wake()`` tells it that the queue has something new."""

    def __init__(
        self,
        operator: OperatorConfig,
        queue: Queue,
        store: MailStore,
        folders_of: Callable[[str], Folders],
        context: ssl.SSLContext,
    ) -> None:
        self._operator = operator
        self._queue = queue
        self._store = store
        self._folders_of = folders_of
        self._context = context
        self._woken = asyncio.Event()
        self._relays: set[asyncio.Task[None]] = set()

    def wake(self) -> None:
        self._woken.set()

    async def run(self) -> None:
        """Deliver for ever. What a former process was busy with is due again at once."""
        self._queue.release()
        try:
            while True:
                self._woken.clear()
                for mail in self._queue.due():
                    self._try_dispatch(mail)
                await self._rest()
        finally:
            for task in self._relays:
                task.cancel()

    async def _rest(self) -> None:
        moment = self._queue.next_moment()
        wait = None if moment is None else max(0.0, (moment - datetime.now(UTC)).total_seconds())
        try:
            await asyncio.wait_for(self._woken.wait(), wait)
        except TimeoutError:
            return

    def _try_dispatch(self, mail: QueuedMail) -> None:
        try:
            self._dispatch(mail)
        except Exception as error:  # noqa: BLE001 - one mail's failure stops no other; it stays queued, and tried again
            self._set_aside(mail, error)

    def _set_aside(self, mail: QueuedMail, error: Exception) -> None:
        log.error("%s failed: %s", mail.id, type(error).__name__)
        for recipient in mail.envelope.recipients:
            self._queue.lease(mail, recipient, timedelta(seconds=self._operator.retry_at_most))

    def _dispatch(self, mail: QueuedMail) -> None:
        here = self._operator.serves
        for recipient in mail.envelope.recipients:
            if here(recipient.address):
                self._deliver(mail, recipient)
        abroad = [recipient for recipient in mail.envelope.recipients if not here(recipient.address)]
        for route, recipients in groupby(sorted(abroad, key=self._route_order), key=self._route):
            self._send_abroad(mail, route, list(recipients))

    def _route(self, recipient: Recipient) -> Route | None:
        return self._operator.route(recipient.address)

    def _route_order(self, recipient: Recipient) -> str:
        route = self._route(recipient)
        return route.domain if route else ""

    def _deliver(self, mail: QueuedMail, recipient: Recipient) -> None:
        """Into the inbox and off the queue in one transaction, so neither twice nor never."""
        if self._operator.account(recipient.address) is None:
            self._conclude(mail, recipient, NO_MAILBOX)
            return
        folder = self._folders_of(recipient.address.lower()).folder(INBOX)
        content = f"Return-Path: <{mail.envelope.sender}>\r\n".encode() + self._content(mail)
        with self._queue.database.transaction():
            uid = self._store.append(folder.id, content, datetime.now(UTC))
            self._conclude(mail, recipient, DELIVERED)
        folder.note_changed([uid])
        log.info("%s delivered", mail.id)

    def _send_abroad(self, mail: QueuedMail, route: Route | None, recipients: list[Recipient]) -> None:
        if route is None:
            for recipient in recipients:
                self._conclude(mail, recipient, NO_ROUTE)
            return
        for recipient in recipients:
            self._queue.lease(mail, recipient, LEASE)
        task = asyncio.get_running_loop().create_task(self._relay(mail, route, recipients))
        self._relays.add(task)
        task.add_done_callback(self._relays.discard)

    async def _relay(self, mail: QueuedMail, route: Route, recipients: list[Recipient]) -> None:
        envelope = Envelope(mail.envelope.sender, tuple(recipients), mail.envelope.ret, mail.envelope.envid)
        handover = Handover(self._operator.name, route, self._context)
        try:
            outcomes = await _beside(lambda content: handover.send(envelope, content), self._content(mail))
            for recipient in recipients:
                self._settle(mail, recipient, outcomes[recipient.address])
        except Exception as error:  # noqa: BLE001 - as for a mail of this operator: kept, and tried again
            self._set_aside(mail, error)
        self.wake()

    def _settle(self, mail: QueuedMail, recipient: Recipient, outcome: Outcome | None) -> None:
        """Conclude on a yes (None: the other operator reports from now on) or a no; try again on a not yet."""
        if outcome is None:
            self._queue.done(mail, recipient)
        elif outcome.action != "delayed":
            self._conclude(mail, recipient, outcome)
        elif _age(mail) > self._operator.give_up_after:
            self._conclude(mail, recipient, Outcome("failed", "5.4.7", outcome.diagnostic))
        else:
            self._try_later(mail, recipient, outcome)

    def _try_later(self, mail: QueuedMail, recipient: Recipient, outcome: Outcome) -> None:
        doubled = self._operator.retry_after * 2 ** min(recipient.attempts, 30)
        wait = timedelta(seconds=min(doubled, self._operator.retry_at_most))
        late = _age(mail) > self._operator.delayed_after
        with self._queue.database.transaction():
            if late and not recipient.warned:
                self._report(mail, recipient, outcome)
            self._queue.postpone(mail, recipient, wait, warned=late)
        log.info("%s postponed", mail.id)

    def _conclude(self, mail: QueuedMail, recipient: Recipient, outcome: Outcome) -> None:
        with self._queue.database.transaction():
            self._report(mail, recipient, outcome)
            self._queue.done(mail, recipient)
        log.info("%s %s", mail.id, outcome.action)

    def _report(self, mail: QueuedMail, recipient: Recipient, outcome: Outcome) -> None:
        """Queue the report, if one is due; never one about a report, whose return path is null (RFC 3464 §2)."""
        sender = mail.envelope.sender
        if not sender or not recipient.wants(EVENTS[outcome.action]):
            return
        reporter = Reporter(self._operator.name, self._operator.domains[0])
        original = self._content(mail)
        dsn = compose_dsn(
            reporter,
            mail.envelope,
            recipient,
            outcome,
            original,
            arrived=mail.accepted,
            now=datetime.now(UTC),
        )
        self._queue.add(Envelope("", (Recipient(sender, notify="NEVER"),)), dsn)
        self.wake()

    def _content(self, mail: QueuedMail) -> bytes:
        return self._queue.database.content(mail.content_id)


async def _beside(send: Callable[[bytes], Outcomes], content: bytes) -> Outcomes:
    """Run a conversation in a thread that dies with the process: a silent peer must not hold the operator's end up."""
    future: Future[Outcomes] = Future()
    future.set_running_or_notify_cancel()

    def converse() -> None:
        try:
            future.set_result(send(content))
        except Exception as error:  # noqa: BLE001 - not lost: it is raised where the outcome is awaited
            future.set_exception(error)

    Thread(target=converse, daemon=True).start()
    return await asyncio.wrap_future(future)


def _age(mail: QueuedMail) -> float:
    return (datetime.now(UTC) - mail.accepted).total_seconds()


class Handover:
    """One conversation with another operator: STARTTLS, mutual certificates, DSN parameters passed on."""

    def __init__(self, name: str, route: Route, context: ssl.SSLContext) -> None:
        self._name = name
        self._route = route
        self._context = context

    def send(self, envelope: Envelope, content: bytes) -> Outcomes:
        """What became of each recipient: None when the other operator took the mail and its reports over."""
        outcomes: Outcomes = {each.address: UNREACHABLE for each in envelope.recipients}
        try:
            with smtplib.SMTP(self._route.host, self._route.port, self._name, SOCKET_TIMEOUT) as client:
                client.starttls(context=self._context)
                client.ehlo()
                self._converse(client, envelope, content, outcomes)
        except (OSError, smtplib.SMTPException) as error:
            log.info("no handover: %s", type(error).__name__)
        return outcomes

    def _converse(self, client: smtplib.SMTP, envelope: Envelope, content: bytes, outcomes: Outcomes) -> None:
        reports = client.has_extn("dsn")
        answer = client.mail(envelope.sender, _mail_options(envelope, len(content), reports=reports))
        taken: list[str] = []
        for recipient in envelope.recipients:
            if _accepted(answer):
                said = client.rcpt(recipient.address, _recipient_options(recipient, reports=reports))
            else:
                said = answer
            outcomes[recipient.address] = _outcome(said)
            if _accepted(said):
                taken.append(recipient.address)
        if taken:
            said = client.data(content)
            final = (None if reports else RELAYED) if _accepted(said) else _outcome(said)
            outcomes.update(dict.fromkeys(taken, final))


def _mail_options(envelope: Envelope, size: int, *, reports: bool) -> list[str]:
    options = [f"SIZE={size}", "BODY=8BITMIME"]
    if reports and envelope.ret:
        options.append(f"RET={envelope.ret}")
    if reports and envelope.envid:
        options.append(f"ENVID={envelope.envid}")
    return options


def _recipient_options(recipient: Recipient, *, reports: bool) -> list[str]:
    options = []
    if reports and recipient.notify:
        options.append(f"NOTIFY={recipient.notify}")
    if reports and recipient.orcpt:
        options.append(f"ORCPT={recipient.orcpt}")
    return options


def _accepted(answer: tuple[int, bytes]) -> bool:
    return answer[0] // 100 == POSITIVE


def _outcome(answer: tuple[int, bytes]) -> Outcome:
    code, text = answer[0], answer[1].decode("ascii", "replace")
    permanent = code // 100 == PERMANENT
    stated = re.match(r"[245]\.\d{1,3}\.\d{1,3}", text)
    status = stated[0] if stated else ("5.0.0" if permanent else "4.0.0")
    return Outcome("failed" if permanent else "delayed", status, f"{code} {text}")
