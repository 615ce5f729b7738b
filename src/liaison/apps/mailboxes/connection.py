"""How a mailbox is reached: host, port, TLS with the operator's own authority, and who we say we are."""

import ssl
from dataclasses import dataclass
from tempfile import NamedTemporaryFile
from typing import Literal

from liaison.apps.mailboxes.credentials import unseal
from liaison.apps.mailboxes.models import Mailbox, Operator
from liaison.apps.mailboxes.tokens import access_token

Security = Literal["starttls", "tls"]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A server. ``authority_file`` (PEM) is the only authority trusted for it, never the system's (ECO.1.1.10).

    ``revocation_list`` (PEM, may be empty) is the authority's last good CRL: a certificate it names is refused.
    """

    host: str
    port: int
    security: Security
    authority_file: str
    revocation_list: bytes = b""


@dataclass(frozen=True, slots=True)
class Credentials:
    """A password or an OAuth token (a person's mailbox), or a client certificate (a machine's, SASL EXTERNAL)."""

    address: str
    password: str = ""
    certificate_file: str = ""
    key_file: str = ""
    access_token: str = ""


def tls_context(endpoint: Endpoint, credentials: Credentials) -> ssl.SSLContext:
    """TLS 1.2 or better (ECO.1.1.1), the operator's authority alone, host name and expiry checked (ECO.1.1.5)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_verify_locations(cafile=endpoint.authority_file)
    if endpoint.revocation_list:
        _refuse_revoked(context, endpoint.revocation_list)
    if credentials.certificate_file:
        context.load_cert_chain(credentials.certificate_file, credentials.key_file)
    return context


def _refuse_revoked(context: ssl.SSLContext, revocation_list: bytes) -> None:
    """OpenSSL takes a CRL from a file only, through this interface."""
    with NamedTemporaryFile(suffix=".pem") as file:
        file.write(revocation_list)
        file.flush()
        context.load_verify_locations(cafile=file.name)
    context.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF


def imap_endpoint(operator: Operator) -> Endpoint:
    return _endpoint(operator, operator.imap_host, operator.imap_port)


def smtp_endpoint(operator: Operator) -> Endpoint:
    return _endpoint(operator, operator.smtp_host, operator.smtp_port)


def _endpoint(operator: Operator, host: str, port: int) -> Endpoint:
    revocation_list = bytes(operator.revocation_list)
    return Endpoint(host, port, _security(operator), operator.authority_file, revocation_list)


def credentials_of(mailbox: Mailbox) -> Credentials:
    """How the mailbox signs in. Raises TokenRefused when its operator's OAuth server gives no token."""
    sealed = bytes(mailbox.sealed_password)
    password = unseal(sealed, mailbox.address) if sealed else ""
    token = "" if sealed or mailbox.certificate_file else access_token(mailbox)
    return Credentials(mailbox.address, password, mailbox.certificate_file, mailbox.key_file, token)


def _security(operator: Operator) -> Security:
    return "starttls" if operator.security == Operator.Security.STARTTLS else "tls"
