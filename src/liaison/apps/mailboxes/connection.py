"""How a mailbox is reached: host, port, TLS with the operator's own authority, and who we say we are."""

import ssl
from dataclasses import dataclass
from typing import Literal

from liaison.apps.mailboxes.credentials import unseal
from liaison.apps.mailboxes.models import Mailbox, Operator

Security = Literal["starttls", "tls"]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A server. ``authority_file`` (PEM) is the only authority trusted for it, never the system's (ECO.1.1.10)."""

    host: str
    port: int
    security: Security
    authority_file: str


@dataclass(frozen=True, slots=True)
class Credentials:
    """A password (a person's mailbox) or a client certificate (a machine's mailbox, SASL EXTERNAL)."""

    address: str
    password: str = ""
    certificate_file: str = ""
    key_file: str = ""


def tls_context(endpoint: Endpoint, credentials: Credentials) -> ssl.SSLContext:
    """TLS 1.2 or better (ECO.1.1.1), the operator's authority alone, host name and expiry checked (ECO.1.1.5)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_verify_locations(cafile=endpoint.authority_file)
    if credentials.certificate_file:
        context.load_cert_chain(credentials.certificate_file, credentials.key_file)
    return context


def imap_endpoint(operator: Operator) -> Endpoint:
    return Endpoint(operator.imap_host, operator.imap_port, _security(operator), operator.authority_file)


def smtp_endpoint(operator: Operator) -> Endpoint:
    return Endpoint(operator.smtp_host, operator.smtp_port, _security(operator), operator.authority_file)


def credentials_of(mailbox: Mailbox) -> Credentials:
    sealed = bytes(mailbox.sealed_password)
    password = unseal(sealed, mailbox.address) if sealed else ""
    return Credentials(mailbox.address, password, mailbox.certificate_file, mailbox.key_file)


def _security(operator: Operator) -> Security:
    return "starttls" if operator.security == Operator.Security.STARTTLS else "tls"
