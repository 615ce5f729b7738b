"""The mailboxes over the wire: real IMAP and SMTP servers, real TLS, and the failures only a socket can have."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection
from tests.support.desk import Desk, make_desk
from tests.support.mail_clients import client_context, letter, submission
from tests.support.mail_clients import mailbox as imap
from tests.support.operator import on_free_ports, running_operator, start_operator, stop_operator
from tests.support.smtp_double import SILENT, smtp_double

from liaison.apps.audit.models import Entry
from liaison.apps.blobs import store
from liaison.apps.directory.actions import do_add_professional, do_trust_domains
from liaison.apps.exchanges.actions import do_deliver, do_send
from liaison.apps.exchanges.models import Recipient
from liaison.apps.intake import watch as watching
from liaison.apps.intake.models import RawMessage
from liaison.apps.intake.pipeline import do_read
from liaison.apps.intake.poll import poll
from liaison.apps.intake.watch import watch
from liaison.apps.mailboxes.actions import do_add_operator, do_open_mailbox
from liaison.apps.mailboxes.connection import Credentials, Endpoint
from liaison.apps.mailboxes.imap import MailboxUnreachable, ServerState
from liaison.apps.mailboxes.models import Mailbox, Operator
from liaison.apps.mailboxes.queries import unwatched_mailboxes
from liaison.apps.mailboxes.smtp import Envelope, SendingPostponed, send
from liaison.demo.operator.config import Account, OperatorConfig
from liaison.demo.pki import Authority, ensure_authority

DOMAIN = "bal.mssante.test"
SENDER, GP = f"hopital@{DOMAIN}", f"medecin@{DOMAIN}"
PEOPLE = tuple(f"bal{number}@{DOMAIN}" for number in range(1, 13))
MACHINE = f"machine@{DOMAIN}"
PATIENCE_SECONDS = 15.0
_numbers = count(1)


def operator_config(root: Path) -> OperatorConfig:
    accounts = (*(Account(address, "secret") for address in (SENDER, GP, *PEOPLE)), Account(MACHINE, machine=True))
    config = OperatorConfig(name="essai", domains=(DOMAIN,), home=root / "home", pki=root / "pki", accounts=accounts)
    return on_free_ports(replace(config, retry_after=0.2, retry_at_most=0.5))


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OperatorConfig]:
    config = operator_config(tmp_path_factory.mktemp("wire"))
    with running_operator(config):
        yield config


def authority(config: OperatorConfig) -> Authority:
    return ensure_authority(config.pki)


def declare(config: OperatorConfig, *, trusting: Path | None = None, tls: bool = False) -> Operator:
    do_trust_domains([(DOMAIN, "essai")])
    imap_port, smtp_port = (config.imaps_port, config.smtps_port) if tls else (config.imap_port, config.smtp_port)
    return do_add_operator(
        name=f"essai {next(_numbers)}",
        host=config.host,
        imap_port=imap_port or 0,
        smtp_port=smtp_port or 0,
        security=Operator.Security.TLS if tls else Operator.Security.STARTTLS,
        authority_file=str(trusting or authority(config).certificate),
    )


def open_for(desk: Desk, operator: Operator, credentials: Credentials) -> Mailbox:
    Mailbox.objects.exclude(operator=operator).update(active=False)
    return do_open_mailbox(
        site=desk.site,
        operator=operator,
        kind=Mailbox.Kind.ORGANISATIONAL,
        label="Secrétariat",
        credentials=credentials,
        holders=[desk.secretary],
    )


def person(number: int) -> Credentials:
    return Credentials(PEOPLE[number - 1], "secret")


def machine(config: OperatorConfig) -> Credentials:
    credential = authority(config).client_certificate(MACHINE)
    return Credentials(MACHINE, certificate_file=str(credential.certificate), key_file=str(credential.key))


def post(config: OperatorConfig, address: str, text: str = "Bonjour.\n") -> None:
    with submission(config, client_context(authority(config))) as client:
        client.login(SENDER, "secret")
        client.sendmail(SENDER, [address], letter(SENDER, address, text=text).as_bytes())


def until(holds: Callable[[], bool], seconds: float = PATIENCE_SECONDS) -> float:
    """Wait for it; how long it took."""
    begun = time.monotonic()
    while not holds():
        assert time.monotonic() - begun < seconds, "waited in vain"
        time.sleep(0.05)
    return time.monotonic() - begun


def poll_until(mailbox: Mailbox, messages: int) -> None:
    until(lambda: poll(mailbox) >= 0 and mailbox.raw_messages.count() >= messages)


@pytest.mark.django_db
@pytest.mark.parametrize("tls", [False, True], ids=["STARTTLS", "implicit TLS"])
def test_polling_keeps_the_message_and_leaves_it_unseen_on_the_server(
    desk: Desk, running: OperatorConfig, *, tls: bool
) -> None:
    mailbox = open_for(desk, declare(running, tls=tls), person(1 + tls))
    post(running, mailbox.address, text="Le résident est rentré.\n")
    poll_until(mailbox, 1)
    message = mailbox.raw_messages.get()
    assert b"Le r=C3=A9sident" in store.get(message.blob) or "résident".encode() in store.get(message.blob)
    mailbox.refresh_from_db()
    assert (mailbox.last_uid, mailbox.uid_validity) == (message.uid, message.uid_validity)
    assert (mailbox.server_count, mailbox.failing_since) == (1, None)
    assert mailbox.polled_at
    with imap(running, client_context(authority(running))) as client:
        client.login(mailbox.address, "secret")
        client.select_folder("INBOX", readonly=True)
        assert client.search("UNSEEN") == [message.uid]


@pytest.mark.django_db
def test_polling_takes_what_is_above_the_cursor_and_nothing_twice(desk: Desk, running: OperatorConfig) -> None:
    mailbox = open_for(desk, declare(running), person(3))
    assert poll(mailbox) == 0
    for number in range(3):
        post(running, mailbox.address, text=f"message {number}\n")
    poll_until(mailbox, 3)
    assert poll(mailbox) == 0
    post(running, mailbox.address, text="un de plus\n")
    poll_until(mailbox, 4)
    assert Entry.objects.filter(action="message_received").count() == 4


@pytest.mark.django_db
def test_a_machine_opens_its_mailbox_by_its_certificate_and_sends_by_it(desk: Desk, running: OperatorConfig) -> None:
    mailbox = open_for(desk, declare(running), machine(running))
    post(running, MACHINE)
    poll_until(mailbox, 1)
    endpoint = smtp(running)
    answer = send(endpoint, machine(running), Envelope(MACHINE, GP), letter(MACHINE, GP).as_bytes(), timeout=5)
    assert answer.startswith("250")


@pytest.mark.django_db
def test_a_wrong_password_is_said_on_the_mailbox_and_once_in_the_journal(desk: Desk, running: OperatorConfig) -> None:
    mailbox = open_for(desk, declare(running), replace(person(4), password="faux"))
    assert poll(mailbox) == poll(mailbox) == 0
    mailbox.refresh_from_db()
    assert mailbox.failing_since
    assert mailbox.failure == "Le serveur de messagerie a refusé l'ouverture de la boîte."
    assert Entry.objects.filter(action="mailbox_failing").count() == 1


@pytest.mark.django_db
def test_a_server_of_another_authority_is_never_spoken_to(desk: Desk, running: OperatorConfig, tmp_path: Path) -> None:
    other = ensure_authority(tmp_path).certificate
    mailbox = open_for(desk, declare(running, trusting=other), person(4))
    poll(mailbox)
    mailbox.refresh_from_db()
    assert "SSLCertVerificationError" in mailbox.failure
    with pytest.raises(SendingPostponed, match="SSLCertVerificationError"):
        send(replace(smtp(running), authority_file=str(other)), person(4), Envelope(PEOPLE[3], GP), b"x", timeout=5)


@pytest.mark.django_db
def test_a_stopped_operator_is_a_failing_mailbox_that_recovers_and_misses_nothing(desk: Desk, tmp_path: Path) -> None:
    config = operator_config(tmp_path)
    process = start_operator(config)
    try:
        mailbox = open_for(desk, declare(config), person(1))
        post(config, mailbox.address)
        poll_until(mailbox, 1)
        stop_operator(process)
        assert poll(mailbox) == 0
        mailbox.refresh_from_db()
        assert mailbox.failing_since
        assert mailbox.failure == "Le serveur de messagerie refuse la connexion."
        process = start_operator(config)
        post(config, mailbox.address)
        poll_until(mailbox, 2)
        mailbox.refresh_from_db()
        assert (mailbox.failing_since, mailbox.failure, mailbox.server_count) == (None, "", 2)
    finally:
        stop_operator(process)


@pytest.mark.django_db
def test_a_server_that_never_speaks_is_left_within_the_timeout(
    desk: Desk, running: OperatorConfig, settings: Any
) -> None:
    settings.MAIL_TIMEOUT_SECONDS = 0.5
    with smtp_double(authority(running), {"greeting": SILENT}) as silent:
        mailbox = open_for(desk, declare(replace(running, imaps_port=silent.port), tls=True), person(4))
        begun = time.monotonic()
        poll(mailbox)
        assert time.monotonic() - begun < 5
    mailbox.refresh_from_db()
    assert mailbox.failure == "Le serveur de messagerie ne répond pas."


@pytest.mark.django_db
def test_what_is_sent_is_delivered_and_its_report_comes_back_to_its_exchange(
    desk: Desk, running: OperatorConfig
) -> None:
    document = desk.filed()
    mailbox = open_for(desk, declare(running), person(5))
    gp = do_add_professional(
        rpps="10100000001", title="Dr", family="Morel", given="A", speciality="", city="", addresses=[GP]
    )
    recipient = do_send(document, user=desk.secretary, mailbox=mailbox, professionals=[gp]).recipients.get()
    do_deliver(recipient)
    recipient.refresh_from_db()
    assert recipient.state == Recipient.State.SENT, recipient.server_answer
    poll_until(mailbox, 1)
    report = mailbox.raw_messages.get()
    do_read(report)
    report.refresh_from_db()
    recipient.refresh_from_db()
    assert report.category == RawMessage.Category.REPORT
    assert recipient.state == Recipient.State.DELIVERED
    assert recipient.receipts.get().type == "dsn"
    with imap(running, client_context(authority(running))) as client:
        client.login(GP, "secret")
        client.select_folder("INBOX", readonly=True)
        (uid,) = client.search(["HEADER", "Message-ID", recipient.message_id])
        arrived = client.fetch([uid], ["BODY.PEEK[]"])[uid][b"BODY[]"]
    assert arrived.endswith(store.get(recipient.blob))


def smtp(config: OperatorConfig) -> Endpoint:
    return Endpoint(config.host, config.smtp_port or 0, "starttls", str(authority(config).certificate))


@contextmanager
def watched() -> Iterator[None]:
    stop = threading.Event()

    def watch_then_close() -> None:
        watch(stop)
        connection.close()

    watcher = threading.Thread(target=watch_then_close, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        stop.set()
        watcher.join(timeout=30)
        assert not watcher.is_alive()


@pytest.mark.django_db(transaction=True)
def test_the_watcher_is_woken_by_the_server_and_survives_its_restart(tmp_path: Path, settings: Any) -> None:
    settings.POLL_SECONDS, settings.MAIL_TIMEOUT_SECONDS = 60.0, 5.0
    config = operator_config(tmp_path)
    process = start_operator(config)
    mailbox = open_for(make_desk(), declare(config), person(1))
    try:
        with watched():
            until(lambda: Mailbox.objects.filter(pk=mailbox.pk, polled_at__isnull=False).exists())
            assert unwatched_mailboxes() == []
            time.sleep(0.5)
            post(config, mailbox.address)
            assert until(lambda: mailbox.raw_messages.count() == 1) < 5
            stop_operator(process)
            until(lambda: Mailbox.objects.filter(pk=mailbox.pk, failing_since__isnull=False).exists())
            process = start_operator(config)
            post(config, mailbox.address)
            until(lambda: mailbox.raw_messages.count() == 2)
            assert Mailbox.objects.get(pk=mailbox.pk).failing_since is None
    finally:
        stop_operator(process)


class Tries:
    """Stands for a mail server and its watcher's pauses: fails or is reached as told, one try after the other."""

    def __init__(self, *, reached: list[bool], stop: threading.Event) -> None:
        self.reached = list(reached)
        self.stop = stop
        self.pauses: list[int] = []

    @contextmanager
    def open_inbox(self, _mailbox: object) -> Iterator["Tries"]:
        if not self.reached.pop(0):
            raise MailboxUnreachable("Le serveur de messagerie ne répond pas.")
        yield self

    def state(self) -> ServerState:
        return ServerState(1, 1, 0)

    def fetch_batches(self, _uids: list[int]) -> list[object]:
        return []

    can_idle = True

    def wait(self, *_args: object) -> None:
        raise MailboxUnreachable("La connexion est coupée.")

    def pause(self, failures: int) -> float:
        self.pauses.append(failures)
        if not self.reached:
            self.stop.set()
        return 0


@pytest.fixture
def tries(monkeypatch: pytest.MonkeyPatch) -> Tries:
    own = Tries(reached=[False, False, True, True, False], stop=threading.Event())
    monkeypatch.setattr(watching, "open_inbox", own.open_inbox)
    monkeypatch.setattr(watching, "_pause", own.pause)
    return own


@pytest.mark.django_db(transaction=True)
def test_the_watcher_forgets_former_failures_once_the_server_is_reached(tries: Tries) -> None:
    desk = make_desk()
    Mailbox.objects.exclude(pk=desk.mailbox.pk).update(active=False)
    watch(tries.stop)
    assert tries.pauses == [1, 2, 1, 1, 2]


@pytest.mark.django_db(transaction=True)
def test_a_database_away_while_a_failure_is_noted_does_not_end_the_watch(
    tries: Tries, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_args: object, **_kwargs: object) -> None:
        raise OperationalError

    monkeypatch.setattr(watching, "do_note_failure", away)
    desk = make_desk()
    Mailbox.objects.exclude(pk=desk.mailbox.pk).update(active=False)
    watch(tries.stop)
    assert len(tries.pauses) == 5
