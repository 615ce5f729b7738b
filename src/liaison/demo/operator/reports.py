"""Delivery status notifications of the operator: what RFC 3461 asked for, written by the core (RFC 3464)."""

import re
from dataclasses import dataclass
from datetime import datetime
from email.utils import make_msgid

from liaison.core.mail.report_writing import Delivery, DeliveryAction, ReportingServer, SubmittedMail
from liaison.core.mail.report_writing import compose_dsn as compose_report
from liaison.core.mail.values import Address
from liaison.demo.operator.queue import Envelope, Recipient

Action = DeliveryAction


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
    return compose_report(
        (Delivery(recipient.address, outcome.action, outcome.status, outcome.diagnostic, _original(recipient)),),
        server=ReportingServer(reporter.name, Address(f"postmaster@{reporter.domain}", "Service de messagerie")),
        submitted=SubmittedMail(
            sender=envelope.sender,
            raw=original,
            arrived=arrived,
            envelope_id=decode_xtext(envelope.envid),
            returned_whole=envelope.ret == "FULL" and outcome.action == "failed",
        ),
        message_id=make_msgid(domain=reporter.domain),
        date=now,
    )


def _original(recipient: Recipient) -> str:
    kind, _, address = recipient.orcpt.partition(";")
    return f"{kind}; {decode_xtext(address)}" if recipient.orcpt else ""


def decode_xtext(text: str) -> str:
    """The text behind RFC 3461 §4 xtext; the control characters it may hide become blanks."""
    decoded = re.sub(r"\+([0-9A-F]{2})", lambda found: chr(int(found[1], 16)), text)
    return re.sub(r"[^\x20-\x7e]+", " ", decoded).strip()
