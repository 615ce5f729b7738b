"""The frozen values of a mail, read or to be sent."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from liaison.core.mail.mss import MssHeaders, read_mss_headers
from liaison.core.notices import Notice

Category = Literal["clinical", "report", "automatic", "plain"]
Correspondent = Literal["patient", "professional", "unknown"]

PATIENT_DOMAIN = "patient.mssante.fr"


@dataclass(frozen=True, slots=True)
class Address:
    """One mailbox of a From, To, Cc or Reply-To header (RFC 5322 §3.4)."""

    email: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One end of the MIME tree, or one member of an archive in it.

    ``path`` places it: ``2`` or ``2.1`` for MIME parts, ``3!IHE_XDM/SUBSET01/METADATA.XML`` for a member of the zip at
    3, ``2>1`` for part 1 of a message/rfc822 at 2. ``declared_type`` is what the sender said, ``media_type`` what the
    bytes are. ``content`` is decoded; ``name`` is a label for people, never a path.
    """

    path: str
    name: str
    declared_type: str
    media_type: str
    content: bytes
    disposition: str = ""
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True)
class Mail:
    """One message as read. Every leaf is there, whatever its type, disposition, size or name.

    ``return_path`` is ``<>`` when null, empty when no server wrote it. ``message_id``, ``in_reply_to`` and
    ``references`` keep their angle brackets; ``disposition_notification_to`` is the bare address that asks for an MDN.
    """

    message_id: str
    in_reply_to: str
    references: tuple[str, ...]
    sender: Address
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    reply_to: tuple[Address, ...]
    return_path: str
    subject: str
    date: datetime | None
    category: Category
    body: str
    leaves: tuple[Leaf, ...]
    disposition_notification_to: str = ""
    mss_headers: tuple[tuple[str, str], ...] = ()
    notices: tuple[Notice, ...] = ()

    @property
    def requests_mdn(self) -> bool:
        return bool(self.disposition_notification_to)

    @property
    def correspondent(self) -> Correspondent:
        """Who writes, by the address alone: an usager from Mon espace santé, or a professional (ECO.3.1.1)."""
        domain = self.sender.email.rpartition("@")[2].lower()
        if not domain:
            return "unknown"
        return "patient" if domain == PATIENT_DOMAIN else "professional"

    @property
    def mss(self) -> MssHeaders:
        """What the X-MSS-* headers say."""
        return read_mss_headers(self.mss_headers)

    @property
    def closes_exchange(self) -> bool:
        """Whether the sender ends an exchange with an usager: X-MSS-MES, or a subject that is just ``[FIN]``."""
        return self.mss.closed or self.subject.strip().upper() == "[FIN]"


@dataclass(frozen=True, slots=True)
class Attachment:
    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class OutgoingMail:
    """A message to compose. ``message_id`` is given by the caller, with its angle brackets, and never changes."""

    message_id: str
    sender: Address
    to: tuple[Address, ...]
    subject: str
    body: str
    date: datetime
    attachments: tuple[Attachment, ...] = ()
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    reply_to: Address | None = None
    disposition_notification_to: str = ""
    headers: tuple[tuple[str, str], ...] = ()


DELIVERY_PARTS = frozenset({"message/delivery-status", "message/global-delivery-status"})
DISPOSITION_PARTS = frozenset({"message/disposition-notification", "message/global-disposition-notification"})
REPORT_PARTS = DELIVERY_PARTS | DISPOSITION_PARTS
"""The machine's part of a DSN and of an MDN, by its declared type."""

ReportType = Literal["dsn", "mdn"]
ReportAction = Literal[
    "delivered", "failed", "delayed", "relayed", "expanded", "displayed", "processed", "deleted", "dispatched", "denied"
]


@dataclass(frozen=True, slots=True)
class Report:
    """What a DSN (RFC 3464) or an MDN (RFC 8098) says of one recipient.

    ``error_code`` is the ANS application error (900 to 906) of an MDN, the enhanced status (``5.1.1``) of a DSN that is
    no success. ``original_message_id`` has its angle brackets. ``text`` is the diagnostic of the other server, else the
    words of the report.
    """

    type: ReportType
    original_message_id: str
    recipient: str
    action: ReportAction
    error_code: str = ""
    text: str = ""
