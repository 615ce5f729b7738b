"""The same wire against the servers operators run, Dovecot and Postfix, in each way to sign in."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from email.utils import formatdate

import pytest
from tests.apps.test_wire import poll_until
from tests.support import dovecot as dovecots
from tests.support import postfix as postfixes
from tests.support.desk import Desk
from tests.support.dovecot import Dovecot, running_dovecot
from tests.support.mail_clients import letter
from tests.support.postfix import Postfix, running_postfix

from liaison.apps.blobs import store
from liaison.apps.intake.poll import poll
from liaison.apps.mailboxes.actions import do_add_operator, do_open_mailbox
from liaison.apps.mailboxes.connection import Credentials, Endpoint
from liaison.apps.mailboxes.imap import MailboxUnreachable, open_mailbox
from liaison.apps.mailboxes.models import Mailbox, Operator
from liaison.apps.mailboxes.smtp import Envelope, SendingPostponed, SendingRefused, send
from liaison.demo.pki import ensure_authority

DOMAIN = "pairs.mssante.test"
SECRETARY, DOCTOR, MACHINE = (f"{name}@{DOMAIN}" for name in ("secretariat", "medecin", "machine"))
PATIENCE_SECONDS = 20.0
WAYS = ("password", "token", "certificate")

pytestmark = pytest.mark.skipif(
    not (dovecots.is_installed() and postfixes.is_installed()),
    reason="Dovecot or Postfix is not installed and could not be (needs root on Debian)",
)


@pytest.fixture(scope="module")
def imap(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dovecot]:
    authority = ensure_authority(tmp_path_factory.mktemp("pki"))
    with running_dovecot(authority, dict.fromkeys((SECRETARY, DOCTOR), "secret")) as server:
        yield server


@pytest.fixture(scope="module")
def smtp(imap: Dovecot) -> Iterator[Postfix]:
    with running_postfix(imap, [SECRETARY, DOCTOR, MACHINE]) as server:
        yield server


def imap_at(server: Dovecot, *, tls: bool) -> Endpoint:
    port = server.imaps_port if tls else server.imap_port
    return Endpoint(server.host, port, "tls" if tls else "starttls", str(server.authority.certificate))


def smtp_at(server: Postfix, imap: Dovecot, *, tls: bool) -> Endpoint:
    port = server.smtps_port if tls else server.smtp_port
    return Endpoint(server.host, port, "tls" if tls else "starttls", str(imap.authority.certificate))


def signing_in(imap: Dovecot, way: str) -> Credentials:
    if way == "password":
        return Credentials(SECRETARY, "secret")
    if way == "token":
        return Credentials(SECRETARY, access_token=imap.token(SECRETARY))
    shown = imap.authority.client_certificate(MACHINE)
    return Credentials(MACHINE, certificate_file=str(shown.certificate), key_file=str(shown.key))


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)


@pytest.mark.parametrize("tls", [False, True], ids=["STARTTLS", "implicit TLS"])
@pytest.mark.parametrize("way", WAYS)
def test_dovecot_opens_the_mailbox_in_each_way(imap: Dovecot, way: str, *, tls: bool) -> None:
    with open_mailbox(imap_at(imap, tls=tls), signing_in(imap, way), timeout=10) as reader:
        assert reader.state().uid_validity > 0
        assert reader.can_idle


@pytest.mark.parametrize(
    "wrong",
    [Credentials(SECRETARY, "faux"), Credentials(SECRETARY, access_token="faux"), Credentials(SECRETARY, "")],
    ids=["password", "token", "nothing"],
)
def test_dovecot_refuses_who_is_not_known(imap: Dovecot, wrong: Credentials) -> None:
    with (
        pytest.raises(MailboxUnreachable),
        open_mailbox(imap_at(imap, tls=False), wrong, timeout=20) as reader,
    ):
        reader.state()


def test_an_expired_token_opens_nothing(imap: Dovecot) -> None:
    late = Credentials(SECRETARY, access_token=imap.token(SECRETARY, seconds=-60))
    with pytest.raises(MailboxUnreachable), open_mailbox(imap_at(imap, tls=True), late, timeout=20) as reader:
        reader.state()


@pytest.mark.parametrize("tls", [False, True], ids=["STARTTLS", "implicit TLS"])
@pytest.mark.parametrize("way", WAYS)
def test_postfix_takes_a_message_in_each_way_and_dovecot_holds_it_byte_for_byte(
    imap: Dovecot, smtp: Postfix, way: str, *, tls: bool
) -> None:
    sender = signing_in(imap, way)
    dated = f"Date: {formatdate()}\n".encode()  # else Postfix writes one
    raw = (dated + letter(sender.address, DOCTOR, text=f"{way} {tls}\n").as_bytes()).replace(b"\n", b"\r\n")
    before = smtp.delivered(DOCTOR)
    answer = send(smtp_at(smtp, imap, tls=tls), sender, Envelope(sender.address, DOCTOR), raw, timeout=10)
    assert answer.startswith("250")
    until(lambda: smtp.delivered(DOCTOR) == before + 1)
    with open_mailbox(imap_at(imap, tls=True), Credentials(DOCTOR, "secret"), timeout=10) as reader:
        reader.state()
        *_, last = reader.fetch(reader.uids_above(0))
    assert last.raw.endswith(raw)


def test_postfix_refuses_a_wrong_password_for_good_and_an_unknown_recipient_by_name(
    imap: Dovecot, smtp: Postfix
) -> None:
    endpoint = smtp_at(smtp, imap, tls=False)
    with pytest.raises((SendingRefused, SendingPostponed)):
        send(endpoint, Credentials(SECRETARY, "faux"), Envelope(SECRETARY, DOCTOR), b"x", timeout=20)
    nobody = Envelope(SECRETARY, f"personne@{DOMAIN}")
    with pytest.raises(SendingRefused, match="550"):
        send(endpoint, Credentials(SECRETARY, "secret"), nobody, b"x", timeout=20)


@pytest.mark.django_db
def test_a_mailbox_of_dovecot_is_kept_message_by_message_and_stays_unseen(desk: Desk, imap: Dovecot) -> None:
    operator = do_add_operator(
        name="Dovecot",
        host=imap.host,
        imap_port=imap.imap_port,
        smtp_port=1,
        security=Operator.Security.STARTTLS,
        authority_file=str(imap.authority.certificate),
    )
    mailbox = do_open_mailbox(
        site=desk.site,
        operator=operator,
        kind=Mailbox.Kind.ORGANISATIONAL,
        label="Secrétariat",
        credentials=Credentials(SECRETARY, "secret"),
        holders=[desk.secretary],
    )
    raws = [letter(DOCTOR, SECRETARY, text=f"lettre {number}\n").as_bytes() for number in range(25)]
    imap.fill(SECRETARY, raws)
    poll_until(mailbox, 25)
    kept = {store.get(message.blob).replace(b"\r\n", b"\n") for message in mailbox.raw_messages.all()}
    assert kept == {raw.replace(b"\r\n", b"\n") for raw in raws}
    assert poll(mailbox) == 0
    with open_mailbox(imap_at(imap, tls=True), Credentials(SECRETARY, "secret"), timeout=10) as reader:
        reader.state()
        assert len(reader.client.search("UNSEEN")) == 25


def test_the_authority_of_the_operator_alone_is_trusted(
    imap: Dovecot, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = ensure_authority(tmp_path_factory.mktemp("other"))
    stranger = replace(imap_at(imap, tls=True), authority_file=str(other.certificate))
    with (
        pytest.raises(MailboxUnreachable, match="SSLCertVerificationError"),
        open_mailbox(stranger, Credentials(SECRETARY, "secret"), timeout=10),
    ):
        pass
