"""How the actors of the demo hand a message to their mail operator, as any mail program does."""

import base64
import smtplib
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from liaison.demo.config import FOREIGN_DOMAIN, DemoConfig
from liaison.demo.pki import Credential
from liaison.demo.world import World
from liaison.demo.world.values import demo_password

TIMEOUT = 20.0
AUTHENTICATED = 235
ASK_FOR_REPORTS = ("NOTIFY=SUCCESS,FAILURE,DELAY",)
NO_REPORTS = ("NOTIFY=NEVER",)


@dataclass(frozen=True, slots=True)
class MailAccount:
    """A mailbox and its operator's servers (STARTTLS). Opened by certificate when there is one, else by password."""

    address: str
    host: str
    smtp_port: int
    imap_port: int
    authority: Path
    password: str = ""
    credential: Credential | None = None

    def tls(self) -> ssl.SSLContext:
        """No trust but the demo's own authority, no version under 1.2."""
        context = ssl.create_default_context(cafile=str(self.authority))
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if self.credential:
            context.load_cert_chain(self.credential.certificate, self.credential.key)
        return context


def person_account(config: DemoConfig, world: World, address: str) -> MailAccount:
    """The mailbox of a doctor or of a coordinating doctor: opened with a password, by the rule of the demo."""
    return _account(config, world, address, password=demo_password(address))


def machine_account(config: DemoConfig, world: World, address: str) -> MailAccount:
    """The mailbox of a hospital or the organisational one of a home: opened with a client certificate."""
    return _account(config, world, address, credential=config.authority.client_certificate(address))


def _account(
    config: DemoConfig, world: World, address: str, *, password: str = "", credential: Credential | None = None
) -> MailAccount:
    ports = config.ports[world.operator_of(address).key]
    authority = config.authority.certificate
    return MailAccount(address, config.host, ports.smtp, ports.imap, authority, password, credential)


def submit(
    raw: bytes, account: MailAccount, recipients: Sequence[str], *, envelope_id: str = "", timeout: float = TIMEOUT
) -> None:
    """Send from one's own address. With an ``envelope_id``, asks for delivery reports (RFC 3461).

    Raises SMTPException or OSError; once it returns, the operator holds the message.
    """
    with _session(account, timeout) as client:
        mail_options = ["RET=HDRS", f"ENVID={envelope_id}"] if envelope_id else []
        client.sendmail(account.address, list(recipients), raw, mail_options, ASK_FOR_REPORTS if envelope_id else ())


def submit_notification(raw: bytes, account: MailAccount, recipient: str, *, timeout: float = TIMEOUT) -> None:
    """Send an MDN: from the null path, and never reported on (RFC 8098 §3)."""
    with _session(account, timeout) as client:
        client.sendmail("", [recipient], raw, (), NO_REPORTS)


def deliver_from_outside(raw: bytes, config: DemoConfig, world: World, sender: str, recipient: str) -> None:
    """Hand a message to the recipient's operator as the server of another operator, that of ``FOREIGN_DOMAIN``."""
    ports = config.ports[world.operator_of(recipient).key]
    credential = config.authority.server_certificate([FOREIGN_DOMAIN])
    account = MailAccount(sender, config.host, ports.smtp, ports.imap, config.authority.certificate, "", credential)
    with smtplib.SMTP(config.host, ports.transport, FOREIGN_DOMAIN, timeout=TIMEOUT) as client:
        client.starttls(context=account.tls())
        client.sendmail(sender, [recipient], raw)


@contextmanager
def _session(account: MailAccount, timeout: float) -> Iterator[smtplib.SMTP]:
    client = smtplib.SMTP(account.host, account.smtp_port, "poste.demo.invalid", timeout=timeout)
    try:
        client.starttls(context=account.tls())
        _sign_in(client, account)
        yield client
    finally:
        with suppress(smtplib.SMTPException, OSError):
            client.quit()


def _sign_in(client: smtplib.SMTP, account: MailAccount) -> None:
    client.ehlo()
    if account.credential is None:
        client.login(account.address, account.password)
        return
    identity = base64.b64encode(account.address.encode()).decode()
    code, answer = client.docmd("AUTH", f"EXTERNAL {identity}")
    if code != AUTHENTICATED:
        raise smtplib.SMTPAuthenticationError(code, answer)
