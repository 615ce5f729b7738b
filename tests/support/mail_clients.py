"""Third-party mail clients, opened on a demo operator: smtplib, imaplib, IMAPClient."""

import imaplib
import smtplib
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.utils import make_msgid

from imapclient import IMAPClient

from liaison.demo.operator.config import OperatorConfig
from liaison.demo.pki import Authority, Credential

TIMEOUT = 20


def client_context(authority: Authority, credential: Credential | None = None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(authority.certificate))
    if credential:
        context.load_cert_chain(credential.certificate, credential.key)
    return context


@contextmanager
def submission(config: OperatorConfig, context: ssl.SSLContext) -> Iterator[smtplib.SMTP]:
    """A STARTTLS submission connection, not authenticated yet."""
    with smtplib.SMTP(config.host, config.smtp_port or 0, timeout=TIMEOUT) as client:
        client.starttls(context=context)
        client.ehlo()
        yield client


@contextmanager
def mailbox(config: OperatorConfig, context: ssl.SSLContext) -> Iterator[IMAPClient]:
    """An IMAPS connection, not authenticated yet."""
    with IMAPClient(config.host, config.imaps_port, ssl_context=context, timeout=TIMEOUT) as client:
        yield client


@contextmanager
def starttls_imaplib(config: OperatorConfig, context: ssl.SSLContext) -> Iterator[imaplib.IMAP4]:
    with imaplib.IMAP4(config.host, config.imap_port or 0, timeout=TIMEOUT) as client:
        client.starttls(context)
        yield client


def letter(sender: str, *recipients: str, text: str = "Bonjour,\n\nle résident est rentré.\n") -> EmailMessage:
    message = EmailMessage()
    message["From"] = sender
    message["To"] = ", ".join(recipients)
    message["Subject"] = "Retour d'hospitalisation"
    message["Message-ID"] = make_msgid(domain="client.test")
    message.set_content(text)
    return message


def wait_for_messages(client: IMAPClient, count: int, folder: str = "INBOX", seconds: float = TIMEOUT) -> list[int]:
    """The UIDs of the folder once it holds that many messages."""
    deadline = time.monotonic() + seconds
    while True:
        client.select_folder(folder)
        uids = list(client.search())
        if len(uids) >= count:
            return uids
        if time.monotonic() > deadline:
            raise AssertionError(f"{len(uids)} messages in {folder} after {seconds} s, {count} awaited")
        time.sleep(0.05)
