"""What goes wrong in real life: sendings that no software can file, each of which must still reach the inbox."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Literal
from uuid import NAMESPACE_URL, uuid5

from liaison.core.mail.compose import compose
from liaison.core.mail.values import Address, Attachment, OutgoingMail
from liaison.core.media import ZIP
from liaison.demo.config import FOREIGN_DOMAIN
from liaison.demo.hospital.documents import SignedDocument, sign_hospital_report
from liaison.demo.hospital.sending import (
    PACKAGE_NAME,
    Sending,
    home_mailbox,
    mail_sending,
    package,
    readable,
    sender_of,
)
from liaison.demo.pki import Authority
from liaison.demo.world import World
from liaison.demo.world.values import Resident

Flaw = Literal["unreadable_zip", "not_xml", "no_attachment", "empty", "pdf_alone", "unknown_domain"]
FOREIGN_SENDER = Address(f"resultats@{FOREIGN_DOMAIN}", "Laboratoire du Nord")
_NOT_XML = b"Erreur 500 : le serveur de documents ne repond pas.\r\n"


def compose_flawed(
    world: World, resident: Resident, *, flaw: Flaw, now: datetime, authority: Authority, number: int = 0
) -> Sending:
    """A sending with one flaw. ``unknown_domain`` must go by ``post.deliver_from_outside``: no account sends it."""
    document = sign_hospital_report(world, resident, case="certain", number=number, now=now, authority=authority)
    return _MAKERS[flaw](document, home_mailbox(world, resident), now)


def _unreadable_zip(document: SignedDocument, recipient: str, now: datetime) -> Sending:
    """The archive broke off on its way: its directory, at the end, is gone."""
    whole = package(document, document.cda, now)
    return mail_sending(document, recipient, now, (Attachment(PACKAGE_NAME, ZIP, whole[: len(whole) * 2 // 3]),))


def _not_xml(document: SignedDocument, recipient: str, now: datetime) -> Sending:
    """The archive is sound, the document in it is an error page."""
    archive = package(document, _NOT_XML, now)
    return mail_sending(document, recipient, now, (Attachment(PACKAGE_NAME, ZIP, archive), readable(document)))


def _no_attachment(document: SignedDocument, recipient: str, now: datetime) -> Sending:
    body = (
        "Bonjour,\n\nLe patient est sorti ce matin de notre service. Le compte rendu n'est pas encore validé, "
        "nous vous l'adresserons dès que possible.\n\nBien cordialement,\nLe secrétariat\n"
    )
    return _plain(document, recipient, now, subject="Sortie de ce jour", body=body)


def _empty(document: SignedDocument, recipient: str, now: datetime) -> Sending:
    return _plain(document, recipient, now, subject="", body="")


def _pdf_alone(document: SignedDocument, recipient: str, now: datetime) -> Sending:
    """As many hospitals still send: no archive, no header of MSSanté, a scan-like name."""
    attached = replace(readable(document), name="CR hospitalisation.pdf")
    subject, body = "Compte rendu d'hospitalisation", "Ci-joint le compte rendu.\n\nCordialement\n"
    return _plain(document, recipient, now, subject=subject, body=body, attachments=(attached,))


def _unknown_domain(document: SignedDocument, recipient: str, now: datetime) -> Sending:
    attached = replace(readable(document), name="resultat.pdf")
    body = "Bonjour,\n\nVeuillez trouver le résultat demandé.\n\nLaboratoire du Nord\n"
    mail = _outgoing(document, FOREIGN_SENDER, recipient, now, subject="Résultat", body=body, attachments=(attached,))
    return Sending(mail.message_id, FOREIGN_SENDER.email, recipient, mail.subject, compose(mail))


def _plain(
    document: SignedDocument,
    recipient: str,
    now: datetime,
    *,
    subject: str,
    body: str,
    attachments: tuple[Attachment, ...] = (),
) -> Sending:
    sender = sender_of(document.hospital)
    mail = _outgoing(document, sender, recipient, now, subject=subject, body=body, attachments=attachments)
    return Sending(mail.message_id, sender.email, recipient, subject, compose(mail))


def _outgoing(
    document: SignedDocument,
    sender: Address,
    recipient: str,
    now: datetime,
    *,
    subject: str,
    body: str,
    attachments: tuple[Attachment, ...],
) -> OutgoingMail:
    seed = f"{document.header.id}/{subject}/{len(body)}"
    return OutgoingMail(
        message_id=f"<{uuid5(NAMESPACE_URL, seed)}@{sender.email.partition('@')[2]}>",
        sender=sender,
        to=(Address(recipient),),
        subject=subject,
        body=body,
        date=now,
        attachments=attachments,
    )


_MAKERS: dict[Flaw, Callable[[SignedDocument, str, datetime], Sending]] = {
    "unreadable_zip": _unreadable_zip,
    "not_xml": _not_xml,
    "no_attachment": _no_attachment,
    "empty": _empty,
    "pdf_alone": _pdf_alone,
    "unknown_domain": _unknown_domain,
}
FLAWS: tuple[Flaw, ...] = tuple(_MAKERS)
