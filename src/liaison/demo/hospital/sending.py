"""One sending of a hospital: the mail as MSSanté asks for it (Référentiel #2, ECO.2), ready for SMTP."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import NAMESPACE_URL, uuid5

from liaison.core.cda.values import CdaDocument
from liaison.core.mail.compose import compose
from liaison.core.mail.mss import compose_subject, mss_headers, pdf_name
from liaison.core.mail.values import Address, Attachment, OutgoingMail
from liaison.core.media import PDF, ZIP
from liaison.core.people import INS_ROOTS, Patient
from liaison.core.xdm.build import build_package
from liaison.core.xdm.values import RequestedAction
from liaison.demo.hospital.documents import SignedDocument, sign_discharge_letter, sign_hospital_report
from liaison.demo.identity_cases import IdentityCase
from liaison.demo.pki import Authority
from liaison.demo.post import MailAccount, submit
from liaison.demo.world import World
from liaison.demo.world.values import Hospital, Resident

Kind = Literal["LDL", "CRH"]
PACKAGE_NAME = "IHE_XDM.ZIP"
PRODUCT = "DPI-DEMO-1.0"


@dataclass(frozen=True, slots=True)
class Sending:
    """A message and what it carries. ``message_id`` has its angle brackets; ``document_ids`` are those of the CDA."""

    message_id: str
    sender: str
    recipient: str
    subject: str
    raw: bytes
    document_ids: tuple[str, ...] = ()


def compose_sending(
    world: World,
    resident: Resident,
    *,
    kind: Kind,
    case: IdentityCase = "certain",
    now: datetime,
    authority: Authority,
    number: int = 0,
    recipient: str = "",
) -> Sending:
    """A letter (LDL) or a report (CRH) of a resident's stay, sent at ``now`` (with its zone).

    ``number`` tells the stays of one resident apart. ``recipient`` is the first organisational mailbox of the
    resident's site, or of Jean d'Orbais where the site has none yet. The patient named is as ``case`` says.
    """
    sign = sign_discharge_letter if kind == "LDL" else sign_hospital_report
    document = sign(world, resident, case=case, number=number, now=now, authority=authority)
    return package_sending(document, recipient or home_mailbox(world, resident), now)


def package_sending(document: SignedDocument, recipient: str, now: datetime) -> Sending:
    """The document as IHE_XDM.ZIP, and its PDF beside."""
    attachments = (Attachment(PACKAGE_NAME, ZIP, package(document, document.cda, now)), readable(document))
    return mail_sending(document, recipient, now, attachments)


def package(
    document: SignedDocument,
    content: bytes,
    now: datetime,
    *,
    action: RequestedAction = "create",
    others: tuple[tuple[CdaDocument, bytes], ...] = (),
) -> bytes:
    """The archive whose first document is ``content``, under the metadata of ``document``; ``others`` come after it."""
    return build_package(
        [(document.read, content), *others],
        source_id=document.hospital.oid,
        submission_time=now,
        submission_id=f"2.25.{uuid5(NAMESPACE_URL, f'{document.header.id}/{action}').int}",
        author=document.header.author,
        product=PRODUCT,
        title=document.header.title,
        action=action,
    )


def readable(document: SignedDocument) -> Attachment:
    """The PDF, under the name of ECO.2.1.6."""
    header = document.header
    patient = header.patient
    name = pdf_name(header.effective_time, header.type.label, patient.birth_family, patient.birth_given)
    return Attachment(name, PDF, document.pdf)


def mail_sending(
    document: SignedDocument, recipient: str, now: datetime, attachments: tuple[Attachment, ...], *, times: str = ""
) -> Sending:
    """The mail around some attachments, with the subject, the headers and the receipt MSSanté asks for.

    ``times`` tells apart two mails about one document.
    """
    header, hospital = document.header, document.hospital
    patient = header.patient
    message_id = f"<{uuid5(NAMESPACE_URL, f'{header.id}{times}')}@{hospital.address.partition('@')[2]}>"
    subject = compose_subject((header.type.label,), patient.birth_family, patient.birth_given, patient.birth_date)
    mail = OutgoingMail(
        message_id=message_id,
        sender=sender_of(hospital),
        to=(Address(recipient),),
        subject=subject,
        body=_body(document),
        date=now,
        attachments=attachments,
        disposition_notification_to=hospital.address,
        headers=mss_headers((header.type.code,), _states_a_whole_ins(patient), PRODUCT),
    )
    return Sending(message_id, hospital.address, recipient, subject, compose(mail), (str(header.id),))


def sender_of(hospital: Hospital) -> Address:
    return Address(hospital.address, f"{hospital.name} – {hospital.service}")


def home_mailbox(world: World, resident: Resident) -> str:
    """Where the hospitals write for a resident."""
    organisational = [mailbox for mailbox in world.mailboxes if mailbox.kind == "ORG"]
    own = (mailbox for mailbox in organisational if mailbox.site == resident.site)
    return next(own, organisational[0]).address


def _states_a_whole_ins(patient: Patient) -> bool:
    traits = (patient.birth_family, patient.given_names, patient.birth_date, patient.sex, patient.birth_place)
    return bool(patient.ins) and patient.ins_oid in INS_ROOTS and all(traits)


def _body(document: SignedDocument) -> str:
    header, hospital = document.header, document.hospital
    patient = header.patient
    woman = patient.sex == "F"
    name = f"{'Mme' if woman else 'M.'} {patient.used_family or patient.birth_family} {patient.birth_given}"
    return (
        f"Bonjour,\n\nVeuillez trouver ci-joint le document « {header.title} » concernant {name}, "
        f"hospitalisé{'e' if woman else ''} dans notre établissement.\n\n"
        "Le document est joint au format PDF et, pour votre logiciel, dans l'archive IHE_XDM.\n\n"
        f"Le secrétariat\n{hospital.service}\n{hospital.name}\n"
    )


def send(sending: Sending, account: MailAccount) -> None:
    """Hand it to the hospital's operator by SMTP with STARTTLS, delivery reports asked for (ECO.2.3.1)."""
    submit(sending.raw, account, [sending.recipient], envelope_id=sending.message_id.strip("<>"))
