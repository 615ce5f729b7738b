"""Reports written: DSN (RFC 3464), MDN (RFC 8098), error mail (ANS volet « Transmission au LPS d'un document CDA »)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Literal

from liaison.core.mail.compose import encode_text, format_address, header_block, message_body, multipart, text_part
from liaison.core.mail.headers import clean, split_headers
from liaison.core.mail.values import Address, Mail

Disposition = Literal["displayed", "processed", "deleted"]
DeliveryAction = Literal["delivered", "relayed", "delayed", "failed"]

REPORTING_UA = "Liaison"
APPLICATION_ERRORS = {
    "900": "Version erronée du document à remplacer ou à supprimer",
    "901": "Auteur non autorisé à remplacer ou à supprimer ce document",
    "902": "Identifiant de patient inconnu",
    "903": "Document sans identité INS",
    "904": "INS ou traits d'identité différents de ceux du dossier",
    "905": "INS incomplète",
    "906": "Autre",
}
_SENTENCES: dict[Disposition, str] = {
    "displayed": "Le message a été affiché par son destinataire. Cela ne dit pas qu'il a été compris ni traité.",
    "processed": "Le message a été traité : le document a été intégré au dossier de l'usager.",
    "deleted": "Le message a été écarté par son destinataire.",
}
_FAILURE = "Le message ci-dessous n'a pas pu être intégré au dossier de l'usager pour la raison suivante :"


def compose_mdn(
    original: Mail,
    *,
    original_raw: bytes,
    mailbox: Address,
    message_id: str,
    date: datetime,
    disposition: Disposition,
    automatic: bool,
    error_code: str = "",
) -> bytes:
    """The MDN that ``mailbox`` answers to a mail it received, original included (RFC 8098 §3, RFC 6522).

    ``error_code`` (900 to 906) makes it a refusal: KO subject, ``processed/error`` and an Error field, which is the
    form RFC 8098 allows. To be sent with a null envelope sender. ``ValueError`` on a code the table has not.
    """
    if error_code:
        _check(error_code)
    to = Address(original.disposition_notification_to)
    headers = _headers(mailbox, to, _subject(original, error_code), message_id, date, original.message_id)
    fields = _fields(original, original_raw, mailbox, _disposition(disposition, error_code, automatic=automatic))
    parts = (
        text_part(_words(disposition, error_code)),
        b"Content-Type: message/disposition-notification\r\n\r\n"
        + header_block((*fields, ("Error", encode_text(_error(error_code))))),
        b"Content-Type: message/rfc822\r\n" + message_body(original_raw),
    )
    return headers + multipart("report", parts, seed=message_id, parameters="; report-type=disposition-notification")


def compose_error_mail(
    original: Mail, *, original_raw: bytes, mailbox: Address, message_id: str, date: datetime, error_code: str
) -> bytes:
    """The « courriel standard » of the ANS volet, for an error to be told where no MDN was asked for.

    The original comes back whole as an attached message; its attachments are not repeated beside it, which would only
    offer them for filing once more. ``ValueError`` on a code (900 to 906) the table has not.
    """
    _check(error_code)
    to = original.reply_to[0] if original.reply_to else original.sender
    headers = _headers(mailbox, to, _subject(original, error_code), message_id, date, original.message_id)
    parts = (
        text_part(_words("processed", error_code)),
        b"Content-Type: message/rfc822\r\nContent-Disposition: attachment\r\n" + message_body(original_raw),
    )
    return headers + multipart("mixed", parts, seed=message_id)


def _check(error_code: str) -> None:
    if error_code not in APPLICATION_ERRORS:
        raise ValueError(f"no ANS application error {error_code}")


def _headers(
    sender: Address, to: Address, subject: str, message_id: str, date: datetime, answered_id: str = ""
) -> bytes:
    return header_block(
        (
            ("From", format_address(sender)),
            ("To", format_address(to)),
            ("Subject", encode_text(subject)),
            ("Date", format_datetime(date)),
            ("Message-ID", clean(message_id)),
            ("In-Reply-To", answered_id),
            ("References", answered_id),
            ("Auto-Submitted", "auto-replied"),
            ("MIME-Version", "1.0"),
        )
    )


def _subject(original: Mail, error_code: str) -> str:
    return f"[KO Intégration système !][{error_code}] {original.subject}" if error_code else original.subject


def _words(disposition: Disposition, error_code: str) -> str:
    if error_code:
        return f"{_FAILURE}\n\n{error_code} – {APPLICATION_ERRORS[error_code]}.\n"
    return f"{_SENTENCES[disposition]}\n"


def _disposition(disposition: Disposition, error_code: str, *, automatic: bool) -> str:
    modes = "automatic-action/MDN-sent-automatically" if automatic else "manual-action/MDN-sent-manually"
    return f"{modes}; processed/error" if error_code else f"{modes}; {disposition}"


def _error(error_code: str) -> str:
    return f"{error_code}^{APPLICATION_ERRORS[error_code]}^" if error_code else ""


def _fields(original: Mail, original_raw: bytes, mailbox: Address, disposition: str) -> tuple[tuple[str, str], ...]:
    told = split_headers(original_raw)[0].text("original-recipient")
    return (
        ("Reporting-UA", REPORTING_UA),
        ("Original-Recipient", told),
        ("Final-Recipient", f"rfc822;{clean(mailbox.email)}"),
        ("Original-Message-ID", original.message_id),
        ("Disposition", disposition),
    )


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of one recipient.

    ``status`` is an enhanced code such as 5.1.1 (RFC 3463), ``diagnostic`` the answer of the other server or empty,
    ``original_recipient`` the address the sender wrote to with its type (``rfc822;a@b.fr``) where it was told.
    """

    recipient: str
    action: DeliveryAction
    status: str
    diagnostic: str = ""
    original_recipient: str = ""


@dataclass(frozen=True, slots=True)
class ReportingServer:
    """The server that speaks: its name (``Reporting-MTA``), and the address its reports come from."""

    name: str
    postmaster: Address


@dataclass(frozen=True, slots=True)
class SubmittedMail:
    """The mail reported on: its envelope sender, its bytes, when the server took it, the ENVID it was given.

    ``returned_whole`` sends the bytes back, which RFC 3461 §6.2 allows on failure only; else its headers come back.
    """

    sender: str
    raw: bytes
    arrived: datetime
    envelope_id: str = ""
    returned_whole: bool = False


_DELIVERY_SUBJECTS: dict[DeliveryAction, str] = {
    "delivered": "Message remis à son destinataire",
    "relayed": "Message transmis à un autre opérateur",
    "delayed": "Message retardé",
    "failed": "Message non remis",
}
_DELIVERY_SENTENCES: dict[DeliveryAction, str] = {
    "delivered": "Votre message a été déposé dans la boîte aux lettres de ce destinataire.",
    "relayed": "Votre message a été transmis à un opérateur qui n'émet pas d'avis de remise.",
    "delayed": "Votre message n'a pas encore pu être remis à ce destinataire. L'opérateur continue ses essais.",
    "failed": "Votre message n'a pas pu être remis à ce destinataire. L'opérateur a cessé ses essais.",
}
_GRAVEST_FIRST: tuple[DeliveryAction, ...] = ("failed", "delayed", "relayed", "delivered")


def compose_dsn(
    deliveries: Sequence[Delivery],
    *,
    server: ReportingServer,
    submitted: SubmittedMail,
    message_id: str,
    date: datetime,
) -> bytes:
    """The DSN for the envelope sender, about one recipient or more; to be sent with a null envelope sender.

    ``ValueError`` without any recipient.
    """
    if not deliveries:
        raise ValueError("a delivery report speaks of at least one recipient")
    gravest = min((each.action for each in deliveries), key=_GRAVEST_FIRST.index)
    headers = _headers(server.postmaster, Address(submitted.sender), _DELIVERY_SUBJECTS[gravest], message_id, date)
    blocks = (_message_block(server, submitted), *map(_recipient_block, deliveries))
    parts = (
        text_part("\n\n".join(map(_delivery_words, deliveries)) + "\n"),
        b"Content-Type: message/delivery-status\r\n\r\n" + b"\r\n".join(blocks),
        _returned(submitted),
    )
    return headers + multipart("report", parts, seed=message_id, parameters="; report-type=delivery-status")


def _delivery_words(delivery: Delivery) -> str:
    reason = " ".join(filter(None, (delivery.status, _ascii(delivery.diagnostic))))
    return f"{_DELIVERY_SENTENCES[delivery.action]}\n\n{delivery.recipient}\n{reason}"


def _message_block(server: ReportingServer, submitted: SubmittedMail) -> bytes:
    """The fields about the message (RFC 3464 §2.2)."""
    return _block(
        ("Original-Envelope-Id", submitted.envelope_id),
        ("Reporting-MTA", f"dns; {server.name}"),
        ("Arrival-Date", format_datetime(submitted.arrived)),
    )


def _recipient_block(delivery: Delivery) -> bytes:
    """The fields about one recipient (RFC 3464 §2.3)."""
    return _block(
        ("Original-Recipient", delivery.original_recipient),
        ("Final-Recipient", f"rfc822; {delivery.recipient}"),
        ("Action", delivery.action),
        ("Status", delivery.status),
        ("Diagnostic-Code", f"smtp; {delivery.diagnostic}" if delivery.diagnostic else ""),
    )


def _block(*fields: tuple[str, str]) -> bytes:
    return header_block((name, _ascii(value)) for name, value in fields)


def _ascii(text: str) -> str:
    return re.sub(r"[^\x20-\x7e]+", " ", text).strip()


def _returned(submitted: SubmittedMail) -> bytes:
    if submitted.returned_whole:
        return b"Content-Type: message/rfc822\r\n" + message_body(submitted.raw)
    end = re.search(rb"\r?\n\r?\n", submitted.raw)
    fields = submitted.raw[: end.start()] if end else submitted.raw
    return b"Content-Type: text/rfc822-headers\r\n" + message_body(fields + b"\r\n")
