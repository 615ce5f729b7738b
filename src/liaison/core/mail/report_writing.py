"""MDNs written in the form of the ANS volet « Transmission au LPS d'un document CDA » and of RFC 8098."""

from datetime import datetime
from email.utils import format_datetime
from typing import Literal

from liaison.core.mail.compose import encode_text, format_address, header_block, message_body, multipart, text_part
from liaison.core.mail.headers import clean, split_headers
from liaison.core.mail.values import Address, Mail

Disposition = Literal["displayed", "processed", "deleted"]

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
    if error_code and error_code not in APPLICATION_ERRORS:
        raise ValueError(f"no ANS application error {error_code}")
    headers = header_block(
        (
            ("From", format_address(mailbox)),
            ("To", format_address(Address(original.disposition_notification_to))),
            ("Subject", encode_text(_subject(original, error_code))),
            ("Date", format_datetime(date)),
            ("Message-ID", clean(message_id)),
            ("In-Reply-To", original.message_id),
            ("References", original.message_id),
            ("Auto-Submitted", "auto-replied"),
            ("MIME-Version", "1.0"),
        )
    )
    fields = _fields(original, original_raw, mailbox, _disposition(disposition, error_code, automatic=automatic))
    parts = (
        text_part(_words(disposition, error_code)),
        b"Content-Type: message/disposition-notification\r\n\r\n"
        + header_block((*fields, ("Error", encode_text(_error(error_code))))),
        b"Content-Type: message/rfc822\r\n" + message_body(original_raw),
    )
    return headers + multipart("report", parts, seed=message_id, parameters="; report-type=disposition-notification")


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
