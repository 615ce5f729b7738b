"""Delivery reports (DSN, RFC 3464) and read reports (MDN, RFC 8098), with the ANS forms of the MDN."""

import re
from collections.abc import Iterator
from typing import cast, get_args

from liaison.core.mail.headers import Headers, clean, read_addresses, read_headers, read_message_ids, split_headers
from liaison.core.mail.mss import read_subject
from liaison.core.mail.receipt_words import read_receipt_subject
from liaison.core.mail.report_writing import APPLICATION_ERRORS, compose_dsn, compose_error_mail, compose_mdn
from liaison.core.mail.values import (
    DELIVERY_PARTS,
    DISPOSITION_PARTS,
    Leaf,
    Mail,
    Report,
    ReportAction,
    ReportType,
)

__all__ = ["APPLICATION_ERRORS", "compose_dsn", "compose_error_mail", "compose_mdn", "may_answer", "read_reports"]

_ORIGINALS = frozenset({"message/rfc822", "message/global", "text/rfc822-headers", "message/rfc822-headers"})
_ACTIONS = frozenset(get_args(ReportAction))
_BY_STATUS: dict[str, ReportAction] = {"2": "delivered", "4": "delayed", "5": "failed"}
_BLANK_LINE = re.compile(rb"(?:\r?\n[ \t]*){2,}")
_STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_REPLY_CODE = re.compile(r"[245]\d\d\b")
_QUOTED_ID = re.compile(r"^[> ]{0,10}message-id:[ \t]{0,10}(<[^<>\s]{1,998}>)", re.IGNORECASE | re.MULTILINE)
_ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w.-]{1,255}")
_APPLICATION_ERROR = re.compile(r"\b(9\d\d)\s*\^|\berror\s*:\s*(9\d\d)\b", re.IGNORECASE)


def read_reports(mail: Mail) -> tuple[Report, ...]:
    """What a mail of category « report » says, one Report per recipient; nothing when it is no report.

    A report whose machine part is missing is read by its subject, as some mailers send; one that says nothing at all
    gives an empty tuple and stays visible as a mail.
    """
    if mail.category != "report":
        return ()
    found = [report for leaf in mail.leaves for report in _read_part(leaf, mail)]
    return tuple(found) or tuple(_read_words(mail))


def may_answer(mail: Mail) -> bool:
    """Whether an MDN may go without asking a person (RFC 8098 §2.1, RFC 3834 §2).

    Only when asked for, by one address that is the envelope sender's, and never to a report or an automatic mail.
    """
    asked_by = mail.disposition_notification_to
    if not asked_by or mail.category in {"report", "automatic"}:
        return False
    return asked_by.casefold() == mail.return_path.casefold()


def _read_part(leaf: Leaf, mail: Mail) -> Iterator[Report]:
    if leaf.declared_type in DELIVERY_PARTS:
        yield from _read_dsn(leaf, mail)
    elif leaf.declared_type in DISPOSITION_PARTS:
        yield _read_mdn(leaf, mail)


def _read_dsn(leaf: Leaf, mail: Mail) -> Iterator[Report]:
    """One report per recipient: the first block is about the message, the others about a recipient each (§2.1)."""
    blocks = [read_headers(block) for block in _BLANK_LINE.split(leaf.content) if block.strip()]
    message = blocks[0] if blocks else Headers(())
    for block in blocks:
        if recipient := _recipient(block):
            yield from _delivery(block, message, recipient, mail)


def _delivery(block: Headers, message: Headers, recipient: str, mail: Mail) -> Iterator[Report]:
    """What became of it by the action, else by the status or the other server's answer; nothing where none tells."""
    diagnostic = _typed_value(block.text("diagnostic-code"))
    said = block.text("action").partition(" ")[0].lower()
    status = _STATUS.search(block.raw("status")) or _STATUS.search(diagnostic)
    reply = _REPLY_CODE.match(diagnostic)
    action = said if said in _ACTIONS else _BY_STATUS.get((status or reply or " ")[0][0])
    if action:
        yield Report(
            type="dsn",
            original_message_id=_original_id(mail, message.text("original-envelope-id")),
            recipient=recipient,
            action=cast("ReportAction", action),
            error_code=status[1] if status and not status[1].startswith("2") else "",
            text=diagnostic or mail.body,
        )


def _read_mdn(leaf: Leaf, mail: Mail) -> Report:
    fields = read_headers(leaf.content.strip(b"\r\n"))
    named = next(iter(read_message_ids(fields.raw("original-message-id"))), "")
    return Report(
        type="mdn",
        original_message_id=named or _original_id(mail),
        recipient=_recipient(fields) or mail.sender.email,
        action=_disposition(fields.text("disposition")),
        error_code=_error_code(fields, mail),
        text=mail.body,
    )


def _disposition(value: str) -> ReportAction:
    """The type after the semicolon; an unknown one is taken as the weakest, « dispatched »."""
    kind = re.split(r"[/,\s]", value.rpartition(";")[2].strip().lower(), maxsplit=1)[0]
    if kind == "read":
        return "displayed"
    return cast("ReportAction", kind) if kind in _ACTIONS else "dispatched"


def _error_code(fields: Headers, mail: Mail) -> str:
    """The ANS code: in the Disposition (older builds), in an Error field (newer), or in the subject (all)."""
    disposition = fields.text("disposition")
    said = _APPLICATION_ERROR.search(f"{disposition}\nerror: {fields.text('error')}")
    if said:
        return str(said[1] or said[2])
    failed = "error" in disposition.lower() or bool(fields.raw("error"))
    return read_subject(mail.subject).error_code or ("906" if failed else "")


def _recipient(fields: Headers) -> str:
    """The address we wrote to when it is told, else the one that answered."""
    said = (_typed_value(fields.text(name)) for name in ("original-recipient", "final-recipient"))
    return next((address.email for value in said for address in read_addresses(value)), "")


def _typed_value(value: str) -> str:
    """The value after its type: ``rfc822; a@b.fr``, ``smtp; 550 5.1.1``."""
    kind, semicolon, rest = value.partition(";")
    return clean(rest) if semicolon and re.fullmatch(r"[\w-]+", kind.strip()) else clean(value)


def _original_id(mail: Mail, envelope_id: str = "") -> str:
    """The Message-ID of the mail reported on: in its returned headers, else by threading, else our envelope id."""
    returned = (_returned_id(leaf) for leaf in mail.leaves if leaf.declared_type in _ORIGINALS)
    threaded = (mail.in_reply_to, *reversed(mail.references[-1:]))
    return next(filter(None, (*returned, *threaded, *read_message_ids(envelope_id))), "")


def _returned_id(leaf: Leaf) -> str:
    headers = split_headers(leaf.content)[0]
    return next(iter(read_message_ids(headers.raw("message-id"))), "")


def _read_words(mail: Mail) -> Iterator[Report]:
    """A report without its machine part: the « courriel standard » of the ANS volet, or a mailer's sentence."""
    subject = read_subject(mail.subject)
    if subject.error_code:
        yield _worded(mail, "mdn", "processed", subject.error_code)
    elif said := read_receipt_subject(mail.subject):
        kind, action = said
        status = _STATUS.search(mail.body) if kind == "dsn" and action != "delivered" else None
        yield _worded(mail, kind, action, status[1] if status else "")


def _worded(mail: Mail, kind: ReportType, action: ReportAction, error_code: str = "") -> Report:
    """A server's sentence names the address it could not reach; a person's program answers for its own."""
    recipient = mail.sender.email if kind == "mdn" else next(_addresses(mail.body), "")
    quoted = _QUOTED_ID.search(mail.body)
    return Report(kind, _original_id(mail) or (quoted[1] if quoted else ""), recipient, action, error_code, mail.body)


def _addresses(text: str) -> Iterator[str]:
    return (found[0].rstrip(".") for found in _ADDRESS.finditer(text))
