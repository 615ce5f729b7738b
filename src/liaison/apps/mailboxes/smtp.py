"""The SMTP socket: the only place that gives a message to a mail server."""

import base64
import smtplib
import ssl
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass

from liaison.apps.mailboxes.connection import Credentials, Endpoint, tls_context

AUTHENTICATED, CHALLENGE = 235, 334
OK, PASSING = range(200, 300), range(400, 500)


class SendingRefused(Exception):  # noqa: N818 (a state of the world, named as such)
    """The server said no for good (5xx), or refused our identity. Nothing was sent."""


class SendingPostponed(Exception):  # noqa: N818
    """The server cannot take it now (4xx) or cannot be reached. Nothing was sent."""


class SendingInDoubt(Exception):  # noqa: N818
    """The connection broke after the message was given and before the answer: it may or may not have been taken."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who sends to whom, and the reports asked for (RFC 3461). ``envelope_id`` comes back in the DSN."""

    sender: str
    recipient: str
    envelope_id: str = ""
    notify: bool = True


def send(endpoint: Endpoint, credentials: Credentials, envelope: Envelope, raw: bytes, *, timeout: float) -> str:
    """Give one message to the server for one recipient, and return its answer to DATA.

    Raises SendingRefused, SendingPostponed or SendingInDoubt: three different things to do next.
    """
    try:
        client = _connect(endpoint, credentials, timeout)
    except smtplib.SMTPAuthenticationError as error:
        trouble = SendingPostponed if error.smtp_code in PASSING else SendingRefused
        raise trouble(_answer(error.smtp_code, error.smtp_error)) from error
    except (smtplib.SMTPException, ssl.SSLError, OSError) as error:
        raise SendingPostponed(f"Le serveur d'envoi n'est pas joignable ({type(error).__name__}).") from error
    try:
        _announce(client, envelope, len(raw))
        return _give(client, raw)
    finally:
        with suppress(smtplib.SMTPException, OSError):
            client.quit()


def _connect(endpoint: Endpoint, credentials: Credentials, timeout: float) -> smtplib.SMTP:
    context = tls_context(endpoint, credentials)
    client: smtplib.SMTP
    if endpoint.security == "tls":
        client = smtplib.SMTP_SSL(endpoint.host, endpoint.port, context=context, timeout=timeout)
    else:
        client = smtplib.SMTP(endpoint.host, endpoint.port, timeout=timeout)
    with ExitStack() as undo:
        undo.callback(client.close)
        if endpoint.security == "starttls":
            client.starttls(context=context)
        client.ehlo()
        _sign_in(client, credentials)
        undo.pop_all()
    return client


def _sign_in(client: smtplib.SMTP, credentials: Credentials) -> None:
    if credentials.certificate_file:
        if "EXTERNAL" in client.esmtp_features.get("auth", "").split():  # else the certificate shown is enough
            _authenticate(client, "EXTERNAL", credentials.address)
    elif credentials.access_token:
        _authenticate(client, "XOAUTH2", xoauth2(credentials))
    else:
        client.login(credentials.address, credentials.password)


def xoauth2(credentials: Credentials) -> str:
    """The initial response of SASL XOAUTH2: user and bearer token, each ended by a control-A."""
    return f"user={credentials.address}\x01auth=Bearer {credentials.access_token}\x01\x01"


def _authenticate(client: smtplib.SMTP, mechanism: str, initial: str) -> None:
    code, answer = client.docmd("AUTH", f"{mechanism} {base64.b64encode(initial.encode()).decode()}")
    if code == CHALLENGE:  # XOAUTH2 says why it refuses in a challenge, and waits for an empty line to end it
        code, answer = client.docmd("")
    if code != AUTHENTICATED:
        raise smtplib.SMTPAuthenticationError(code, answer)


def _announce(client: smtplib.SMTP, envelope: Envelope, size: int) -> None:
    try:
        _expect(*client.mail(envelope.sender, _mail_options(client, envelope, size)))
        _expect(*client.rcpt(envelope.recipient, _recipient_options(client, envelope)))
    except (smtplib.SMTPException, OSError) as error:
        raise SendingPostponed(f"La connexion d'envoi a été coupée ({type(error).__name__}).") from error


def _mail_options(client: smtplib.SMTP, envelope: Envelope, size: int) -> Sequence[str]:
    options = [f"SIZE={size}"] if client.has_extn("size") else []
    if client.has_extn("dsn") and envelope.notify:
        options += ["RET=HDRS", f"ENVID={envelope.envelope_id}"] if envelope.envelope_id else ["RET=HDRS"]
    return options


def _recipient_options(client: smtplib.SMTP, envelope: Envelope) -> Sequence[str]:
    if not client.has_extn("dsn"):
        return []
    notify = "SUCCESS,FAILURE,DELAY" if envelope.notify else "NEVER"
    return [f"NOTIFY={notify}", f"ORCPT=rfc822;{envelope.recipient}"]


def _give(client: smtplib.SMTP, raw: bytes) -> str:
    try:
        code, answer = client.data(raw)
    except smtplib.SMTPDataError as error:
        _expect(error.smtp_code, _bytes(error.smtp_error))
        raise
    except (smtplib.SMTPException, OSError) as error:
        raise SendingInDoubt("La connexion a été coupée avant la réponse du serveur.") from error
    _expect(code, answer)
    return _answer(code, answer)


def _expect(code: int, answer: bytes) -> None:
    if code in OK:
        return
    if code in PASSING:
        raise SendingPostponed(_answer(code, answer))
    raise SendingRefused(_answer(code, answer))


def _answer(code: int, answer: bytes | str) -> str:
    return f"{code} {_bytes(answer).decode(errors='replace')}"[:500]


def _bytes(answer: bytes | str) -> bytes:
    return answer if isinstance(answer, bytes) else answer.encode()
