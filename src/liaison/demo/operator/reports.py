"""Delivery status notifications: multipart/report with message/delivery-status (RFC 3464, RFC 6522, RFC 3461 §6)."""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid
from typing import Literal

from liaison.demo.operator.queue import Envelope, Recipient

Action = Literal["delivered", "relayed", "delayed", "failed"]

TITLES: dict[Action, str] = {
    "delivered": "Message remis à son destinataire",
    "relayed": "Message transmis à un autre opérateur",
    "delayed": "Message retardé",
    "failed": "Message non remis",
}
SENTENCES: dict[Action, str] = {
    "delivered": "Votre message a été déposé dans la boîte aux lettres de ce destinataire.",
    "relayed": "Votre message a été transmis à un opérateur qui n'émet pas d'avis de remise.",
    "delayed": "Votre message n'a pas encore pu être remis à ce destinataire. L'opérateur continue ses essais.",
    "failed": "Votre message n'a pas pu être remis à ce destinataire. L'opérateur a cessé ses essais.",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one recipient: ``status`` is an enhanced code such as 5.1.1 (RFC 3463), ``diagnostic`` the answer
    of the other server, or empty.
    """

    action: Action
    status: str
    diagnostic: str = ""


@dataclass(frozen=True, slots=True)
class Reporter:
    """The operator that speaks: its name (``Reporting-MTA``) and the domain of its postmaster."""

    name: str
    domain: str


def compose_dsn(
    reporter: Reporter,
    envelope: Envelope,
    recipient: Recipient,
    outcome: Outcome,
    original: bytes,
    *,
    arrived: datetime,
    now: datetime,
) -> bytes:
    """The report for one recipient, for the envelope's sender, as bytes with CRLF.

    The whole original comes back only on failure, when RET=FULL asked for it; its headers otherwise (RFC 3461 §6.2).
    """
    boundary = f"dsn-{secrets.token_hex(12)}"
    reason = f"{outcome.status} {_one_line(outcome.diagnostic)}"
    sentence = f"{SENTENCES[outcome.action]}\r\n\r\n{recipient.address}\r\n{reason}\r\n"
    whole = envelope.ret == "FULL" and outcome.action == "failed"
    parts = (
        _part("text/plain; charset=utf-8", sentence.encode()),
        _part("message/delivery-status", _status(reporter, envelope, recipient, outcome, arrived).encode("ascii")),
        _part("message/rfc822", original) if whole else _part("text/rfc822-headers", _headers(original)),
    )
    body = b"".join(f"--{boundary}\r\n".encode() + part for part in parts) + f"--{boundary}--\r\n".encode()
    return _cover(reporter, envelope.sender, outcome, boundary, now) + body


def _cover(reporter: Reporter, sender: str, outcome: Outcome, boundary: str, now: datetime) -> bytes:
    message = EmailMessage(policy=SMTP)
    message["From"] = f"Service de messagerie <postmaster@{reporter.domain}>"
    message["To"] = sender
    message["Subject"] = TITLES[outcome.action]
    message["Date"] = format_datetime(now)
    message["Message-ID"] = make_msgid(domain=reporter.domain)
    message["Auto-Submitted"] = "auto-replied"
    content_type = f'multipart/report; report-type=delivery-status;\r\n boundary="{boundary}"'
    mime = f"MIME-Version: 1.0\r\nContent-Type: {content_type}\r\n\r\n"
    return message.as_bytes().removesuffix(b"\r\n") + mime.encode()


def _part(content_type: str, content: bytes) -> bytes:
    encoding = "7bit" if content.isascii() else "8bit"
    head = f"Content-Type: {content_type}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    return head.encode() + content + b"\r\n"


def _status(reporter: Reporter, envelope: Envelope, recipient: Recipient, outcome: Outcome, arrived: datetime) -> str:
    """Two blocks of fields, of the message then of the recipient (RFC 3464 §2.1)."""
    message = [("Reporting-MTA", f"dns; {reporter.name}"), ("Arrival-Date", format_datetime(arrived))]
    if envelope.envid:
        message.insert(0, ("Original-Envelope-Id", decode_xtext(envelope.envid)))
    about = [
        ("Final-Recipient", f"rfc822; {recipient.address}"),
        ("Action", outcome.action),
        ("Status", outcome.status),
    ]
    if recipient.orcpt:
        kind, _, address = recipient.orcpt.partition(";")
        about.insert(0, ("Original-Recipient", f"{kind}; {decode_xtext(address)}"))
    if outcome.diagnostic:
        about.append(("Diagnostic-Code", f"smtp; {outcome.diagnostic}"))
    return _block(message) + "\r\n" + _block(about)


def _headers(original: bytes) -> bytes:
    return re.split(rb"\r?\n\r?\n", original, maxsplit=1)[0] + b"\r\n"


def _block(fields: list[tuple[str, str]]) -> str:
    return "".join(f"{name}: {_one_line(value)}\r\n" for name, value in fields)


def _one_line(text: str) -> str:
    return re.sub(r"[^\x20-\x7e]+", " ", text).strip()


def decode_xtext(text: str) -> str:
    """The text behind RFC 3461 §4 xtext; the control characters it may hide become blanks."""
    decoded = re.sub(r"\+([0-9A-F]{2})", lambda found: chr(int(found[1], 16)), text)
    return _one_line(decoded)
