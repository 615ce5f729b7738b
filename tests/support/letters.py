"""Messages as a hospital would send them, for a resident of the tests, written with our own writers."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from typing import Any

from liaison.apps.residents.models import Resident
from liaison.core.cda.build import build_discharge_letter
from liaison.core.cda.read import read_cda
from liaison.core.cda.values import (
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
from liaison.core.mail.mss import compose_subject, mss_headers
from liaison.core.mail.values import Address, Attachment, OutgoingMail
from liaison.core.people import Identifier, Organisation, Patient, Professional
from liaison.core.xdm.build import build_package
from liaison.core.xdm.values import RequestedAction

NOW = datetime(2026, 11, 20, 10, 30, tzinfo=UTC)
HOSPITAL = Organisation("1510000029", "CHU de Reims")
SIGNER = Professional("810000000017", "AUGUIN", "Hélène", HOSPITAL)
SENDER = Address("geriatrie@hopital.mssante.fr", "CHU de Reims – Gériatrie")
_numbers = count(1)


def patient_of(resident: Resident) -> Patient:
    return Patient(
        ins=resident.ins,
        ins_oid=resident.ins_oid,
        birth_family=resident.birth_family,
        birth_given=resident.birth_given,
        given_names=resident.given_names,
        birth_date=resident.birth_date,
        sex=resident.sex,
        birth_place=resident.birth_place,
    )


def drug(name: str, *, dose: str = "1 cp", frequency: str = "le matin", reason: str = "") -> MedicationLine:
    return MedicationLine(section=SECTION_DISCHARGE, name=name, dose=dose, frequency=frequency, reason=reason)


def letter_value(
    patient: Patient,
    *,
    at_discharge: tuple[MedicationLine, ...] = (),
    stopped: tuple[MedicationLine, ...] = (),
    version: int = 1,
    number: int = 0,
    signer: Professional = SIGNER,
    reason: str = "Décompensation cardiaque",
) -> DischargeLetter:
    """A letter LDL-SES about this patient."""
    number = number or next(_numbers)
    header = DocumentHeader(
        id=Identifier(f"1.2.250.1.999.1.{number}.{version}"),
        set_id=Identifier(f"1.2.250.1.999.2.{number}"),
        version=version,
        type=Code("11490-0", "2.16.840.1.113883.6.1", "Lettre de liaison à la sortie"),
        title="Lettre de liaison à la sortie de l'établissement",
        effective_time="2026-11-20T10:30:00+01:00",
        patient=patient,
        author=signer,
        signed_by=signer,
        signed_at="2026-11-20T10:30:00+01:00",
        custodian=signer.organisation,
        stay_start="2026-11-12",
        stay_end="2026-11-20",
    )
    return DischargeLetter(
        header=header,
        reason=reason,
        synthesis="Évolution favorable sous diurétiques.",
        admission_mode=Code("183452005", "2.16.840.1.113883.6.96", "Urgence"),
        discharge_mode=Code("500", "1.2.250.1.213.1.6.1.8", "EHPAD"),
        at_discharge=at_discharge,
        stopped=tuple(replace(line, section=SECTION_STOPPED) for line in stopped),
        allergies=(Allergy("Pénicilline", "Urticaire"),),
        expected_results=("Hémocultures du 19/11",),
        follow_up=(FollowUpItem("Consultation de cardiologie", "2026-12-15"),),
    )


def discharge_letter(patient: Patient, **content: Any) -> bytes:
    """The bytes of such a letter."""
    return build_discharge_letter(letter_value(patient, **content))


def package(content: bytes, *, action: RequestedAction = "create") -> bytes:
    """The XDM archive of one CDA."""
    document = read_cda(content)
    assert isinstance(document, CdaDocument)
    return build_package(
        [(document, content)],
        source_id="1.2.250.1.999.3",
        submission_time=NOW,
        submission_id=f"1.2.250.1.999.4.{next(_numbers)}",
        author=document.authors[0],
        action=action,
    )


def sending(
    patient: Patient,
    content: bytes,
    *,
    to: str = "bal@maison.mssante.fr",
    sender: Address = SENDER,
    attachments: tuple[Attachment, ...] | None = None,
    action: RequestedAction = "create",
) -> bytes:
    """The message MSSanté asks for, around one letter."""
    return compose(
        OutgoingMail(
            message_id=f"<essai-{next(_numbers)}@hopital.mssante.fr>",
            sender=sender,
            to=(Address(to),),
            subject=compose_subject(
                ("Lettre de liaison à la sortie",), patient.birth_family, patient.birth_given, patient.birth_date
            ),
            body="Veuillez trouver ci-joint la lettre de liaison.",
            date=NOW,
            attachments=attachments
            if attachments is not None
            else (Attachment("IHE_XDM.zip", "application/zip", package(content, action=action)),),
            disposition_notification_to=sender.email,
            headers=mss_headers(("11490-0",), qualified_ins=True, product="ESSAI"),
        )
    )
