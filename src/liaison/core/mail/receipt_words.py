"""What receipts without a machine part say in their subject, as the mail programs and servers in use write it."""

import re

from liaison.core.mail.values import ReportAction, ReportType

_READ = re.compile(r"\s*(lu|read|message lu|accus[ée] de lecture|return receipt(?: \(displayed\))?)\s*:", re.IGNORECASE)
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


def read_receipt_subject(subject: str) -> tuple[ReportType, ReportAction] | None:
    """The kind of report and its action; None for any other subject."""
    return next(((kind, action) for pattern, kind, action in _SUBJECTS if pattern.match(subject)), None)


def is_receipt_subject(subject: str) -> bool:
    return read_receipt_subject(subject) is not None
