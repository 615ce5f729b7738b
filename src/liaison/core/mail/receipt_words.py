"""What receipts without a machine part say in their subject, as the mail programs and servers in use write it."""

import re

from liaison.core.mail.values import ReportAction, ReportType

_READ = re.compile(
    r"\s*((message )?lu\s*:|read\s*:|(accus[ée]|confirmation) de lecture\b|read receipt\b|return receipt\b"
    r"|accus[ée] de r[ée]ception \(affich[ée]\))",
    re.IGNORECASE,
)
_DELETED = re.compile(r"\s*(non lu|not read|supprim[ée])\s*:", re.IGNORECASE)
_DELIVERED = re.compile(r"\s*(remis|delivered|relay[ée]|relayed)\s*:", re.IGNORECASE)
_UNDELIVERED = re.compile(
    r"\s*(non remis|undeliver(able|ed)|[ée]chec de la remise|mail delivery (failed|failure)|returned mail"
    r"|delivery status notification \(failure\)|failure notice|message non distribu[ée])\b",
    re.IGNORECASE,
)
_DELAYED = re.compile(
    r"\s*(delivery status notification \(delay\)|delayed mail|message retard[ée]|warning: could not send)",
    re.IGNORECASE,
)
_SUBJECTS: tuple[tuple[re.Pattern[str], ReportType, ReportAction], ...] = (
    (_READ, "mdn", "displayed"),
    (_DELETED, "mdn", "deleted"),
    (_DELIVERED, "dsn", "delivered"),
    (_UNDELIVERED, "dsn", "failed"),
    (_DELAYED, "dsn", "delayed"),
)


# How the programs that write a receipt begin it, and the sentence they say in it, which ends or gives the date.
_RECEIPT_TEXT = re.compile(
    r"\s*(votre message|your message|ceci est un accus[ée] de (lecture|r[ée]ception)"
    r"|le message (que vous avez )?envoy[ée]|this is an? (return|read|receipt)|accus[ée] de (lecture|r[ée]ception))\b",
    re.IGNORECASE,
)
_RECEIPT_VERB = re.compile(
    r"\b(a [ée]t[ée] (lu|affich[ée]|ouvert|supprim[ée]|remis)|(was|has been) (read|displayed|deleted|delivered))"
    r"(?=\s+(le|sans|on|at|without)\b|[\s.]*\Z)|\baccus[ée] de (lecture|r[ée]ception)\b|\b(return|read) receipt\b",
    re.IGNORECASE,
)
_START_OF_TEXT = 2000


def read_receipt_subject(subject: str) -> tuple[ReportType, ReportAction] | None:
    """The kind of report and its action; None for any other subject."""
    return next(((kind, action) for pattern, kind, action in _SUBJECTS if pattern.match(subject)), None)


def is_receipt_subject(subject: str) -> bool:
    return read_receipt_subject(subject) is not None


def is_receipt_text(body: str) -> bool:
    """Whether a program wrote it: a person who answers « Lu : » writes neither its first words nor its sentence."""
    start = body[:_START_OF_TEXT]
    return bool(_RECEIPT_TEXT.match(start) and _RECEIPT_VERB.search(start))
