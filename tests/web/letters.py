"""Messages as a hospital and a GP would send them, written by our own writers."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

from liaison.apps.exchanges.models import Recipient
from liaison.apps.residents.models import Resident
from liaison.core.cda.build import build_discharge_letter
from liaison.core.cda.read import read_cda
from liaison.core.cda.values import (
    DISCHARGE_LETTER,
    SECTION_DISCHARGE,
    SECTION_STOPPED,
    Allergy,
    CdaDocument,
    Code,
    DischargeLetter,
    DocumentHeader,
    FollowUpItem,
    MedicationLine,
)
from liaison.core.mail.compose import compose
from liaison.core.mail.mss import compose_subject
from liaison.core.mail.values import Address, Attachment, OutgoingMail
from liaison.core.pdf.document import letter_of_document
from liaison.core.pdf.letter import write_letter
from liaison.core.people import Identifier, Organisation, Patient, Professional
from liaison.core.xdm.build import build_package

NOW = datetime(2026, 3, 12, 15, 0, tzinfo=UTC)
HOSPITAL = Address("service@hopital.mssante.fr", "CHU de Reims – Gériatrie")
_AUTHOR = Professional("810000000001", "ROUX", "Paul", Organisation("1510000029", "CHU de Reims"), "Gériatrie")
_TREATMENTS = (
    MedicationLine(SECTION_DISCHARGE, "AMLODIPINE 5 mg, comprimé", dose="1 comprimé", frequency="le soir"),
    MedicationLine(SECTION_DISCHARGE, "APIXABAN 2,5 mg, comprimé", dose="1 comprimé", frequency="matin et soir"),
)
_STOPPED = (MedicationLine(SECTION_STOPPED, "IBUPROFENE 200 mg, comprimé", reason="insuffisance rénale"),)


def patient_of_resident(resident: Resident) -> Patient:
    return Patient(
        ins=resident.ins,
        ins_oid=resident.ins_oid,
        ids=(Identifier(resident.ins_oid, resident.ins),),
        birth_family=resident.birth_family,
        birth_given=resident.birth_given,
        given_names=resident.given_names,
        birth_date=resident.birth_date,
        sex=resident.sex,
        birth_place=resident.birth_place,
    )


def discharge_letter(patient: Patient) -> bytes:
    """A CDA level 3 about ``patient``, new at each call."""
    header = DocumentHeader(
        id=Identifier("1.2.250.1.999.1", uuid4().hex),
        set_id=Identifier("1.2.250.1.999.2", uuid4().hex),
        version=1,
        type=Code(DISCHARGE_LETTER, "2.16.840.1.113883.6.1", "Lettre de liaison à la sortie d'un établissement"),
        title="Lettre de liaison à la sortie",
        effective_time="2026-03-12T14:00:00+01:00",
        patient=patient,
        author=_AUTHOR,
        signed_by=_AUTHOR,
        signed_at="2026-03-12T14:05:00+01:00",
        custodian=_AUTHOR.organisation,
        stay_start="2026-03-02T10:00:00+01:00",
        stay_end="2026-03-12T14:00:00+01:00",
    )
    letter = DischargeLetter(
        header=header,
        reason="Chute au domicile",
        synthesis="Fracture traitée, marche reprise.",
        admission_mode=Code("8", "2.16.840.1.113883.12.7", "Domicile"),
        discharge_mode=Code("8", "2.16.840.1.113883.12.112", "Domicile"),
        at_discharge=_TREATMENTS,
        stopped=_STOPPED,
        allergies=(Allergy("Pénicilline", "urticaire"),),
        expected_results=("Ionogramme",),
        follow_up=(FollowUpItem("Consultation de cardiologie", "2026-04-02"),),
    )
    return build_discharge_letter(letter)


def hospital_message(patient: Patient, *, recipient: str, with_pdf: bool = True) -> bytes:
    """The whole message: IHE_XDM.zip with the letter, and its readable PDF beside."""
    cda = discharge_letter(patient)
    read = read_cda(cda)
    assert isinstance(read, CdaDocument)
    package = build_package(
        [(read, cda)],
        source_id="1.2.250.1.999",
        submission_time=NOW,
        submission_id=f"1.2.250.1.999.{uuid4().int % 10**12}",
        author=_AUTHOR,
    )
    attachments = [Attachment("IHE_XDM.zip", "application/zip", package)]
    if with_pdf:
        attachments.append(Attachment("lettre.pdf", "application/pdf", write_letter(letter_of_document(read))))
    subject = compose_subject(["Lettre de liaison"], patient.birth_family, patient.birth_given, patient.birth_date)
    return message(subject=subject, body="Bonjour,\nci-joint la lettre.", recipient=recipient, attachments=attachments)


def message(
    *,
    subject: str = "Bonjour",
    body: str = "Un message.",
    recipient: str = "bal@maison.mssante.fr",
    sender: Address = HOSPITAL,
    attachments: list[Attachment] | None = None,
) -> bytes:
    mail = OutgoingMail(
        message_id=f"<{uuid4()}@hopital.mssante.fr>",
        sender=sender,
        to=(Address(recipient),),
        subject=subject,
        body=body,
        date=NOW,
        attachments=tuple(attachments or ()),
    )
    return compose(mail)


def answer_to(recipient: Recipient, words: str) -> bytes:
    """What the doctor answers to a message of ours."""
    mail = OutgoingMail(
        message_id=f"<{uuid4()}@ville.mssante.fr>",
        sender=Address(recipient.address, "Dr Morel"),
        to=(Address(recipient.transmission.mailbox.address),),
        subject="RE: Lettre de liaison",
        body=words,
        date=NOW,
        in_reply_to=recipient.message_id,
    )
    return compose(mail)


def without_ins(patient: Patient) -> Patient:
    return replace(patient, ins="", ins_oid="", ids=(Identifier("1.2.250.1.999.3", "IPP1"),))
