"""The message to one recipient: the documents as they came, the readable PDF, the words, and what MSSanté asks for."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from liaison.apps.blobs import store
from liaison.apps.exchanges.models import Transmission
from liaison.apps.exchanges.sheet import sheet_attachments
from liaison.apps.exchanges.text import body
from liaison.apps.intake.models import Document, Leaf
from liaison.apps.residents.models import Resident
from liaison.core.mail.compose import compose
from liaison.core.mail.mss import compose_subject, mss_headers, pdf_name
from liaison.core.mail.values import Address, Attachment, OutgoingMail

XDM_NAME = "IHE_XDM.zip"


@dataclass(frozen=True, slots=True)
class Letter:
    """One message, and the number it can never change."""

    message_id: str
    address: str
    raw: bytes


def reference_of(transmission: Transmission) -> str:
    """The short reference shown in the subject and the body: finds the exchange when a program drops the threading."""
    return transmission.uuid.hex[:8].upper()


def letter_to(
    transmission: Transmission, *, message_id: str, address: str, at: datetime, answer_url: str = ""
) -> Letter:
    """The bytes of the message to one address; ``answer_url`` is the page where its holder answers by one click."""
    mailbox, document, resident = transmission.mailbox, transmission.document, transmission.resident
    lines = list(transmission.reconciliation.lines.all()) if transmission.reconciliation else []
    reference = reference_of(transmission)
    sender = Address(mailbox.address, mailbox.label)
    mail = OutgoingMail(
        message_id=message_id,
        sender=sender,
        to=(Address(address),),
        subject=f"{_subject(document, resident)} [réf {reference}]",
        body=body(transmission, lines, reference, answer_url),
        date=at,
        attachments=all_attachments(transmission),
        disposition_notification_to=mailbox.address,
        headers=mss_headers(
            codes=(document.type_code,) if document.type_code else (),
            qualified_ins=_qualified(document, resident),
            product=settings.PRODUCT_REFERENCE,
        ),
    )
    return Letter(message_id, address, compose(mail))


def all_attachments(transmission: Transmission) -> tuple[Attachment, ...]:
    """What the hospital sent, unchanged, and the home's own sheet beside it: one usager per message (ECO.2.1.1)."""
    received = attachments_of(transmission.document, transmission.resident)
    packaged = any(each.name == XDM_NAME for each in received)
    return (*received, *sheet_attachments(transmission, beside_package=packaged))


def attachments_of(document: Document, resident: Resident) -> tuple[Attachment, ...]:
    """The hospital's archive unchanged when there was one, and the PDF that everybody can read."""
    attached = []
    package = package_leaf(document)
    if package is not None:
        attached.append(Attachment(XDM_NAME, "application/zip", store.get(package.blob)))
    if document.pdf_blob:
        name = pdf_name(
            _act_date(document), document.type_label or document.title, resident.birth_family, resident.birth_given
        )
        attached.append(Attachment(name, "application/pdf", store.get(document.pdf_blob)))
    return tuple(attached)


def package_leaf(document: Document) -> Leaf | None:
    """The XDM archive the document came in: the leaf of the MIME tree before the first « ! » of its path."""
    outer, inside, _member = document.source_leaf.path.partition("!")
    if not inside:
        return None
    return document.message.leaves.filter(path=outer).first()


def _subject(document: Document, resident: Resident) -> str:
    label = document.type_label or document.title
    return compose_subject((label,), resident.birth_family, resident.birth_given, resident.birth_date)


def _qualified(document: Document, resident: Resident) -> bool | None:
    if not document.type_code:
        return None
    return resident.ins_status == Resident.InsStatus.QUALIFIED


def _act_date(document: Document) -> str:
    return document.effective_time[:10]
