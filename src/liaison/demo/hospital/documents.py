"""The documents a hospital signs: the CDA, and the PDF/A-1 that everybody can read."""

from dataclasses import dataclass
from datetime import datetime

from liaison.core.cda.build import build_discharge_letter, build_level1
from liaison.core.cda.read import read_cda
from liaison.core.cda.values import CdaDocument, DischargeLetter, DocumentHeader
from liaison.core.media import PDF
from liaison.core.pdf.document import letter_of_document
from liaison.core.pdf.letter import Letter, LetterSection, write_letter
from liaison.core.pdf.sign import sign_pdf
from liaison.demo.identity_cases import IdentityCase
from liaison.demo.letters import HospitalReport, discharge_letter_for, hospital_report_for
from liaison.demo.pki import Authority
from liaison.demo.stays import Stay, stay_of
from liaison.demo.world import World
from liaison.demo.world.values import Hospital, HospitalDoctor, Resident


@dataclass(frozen=True, slots=True)
class SignedDocument:
    """One document as it leaves the hospital's software: header, CDA as bytes and as read, PDF signed (PAdES)."""

    header: DocumentHeader
    hospital: Hospital
    cda: bytes
    read: CdaDocument
    pdf: bytes


def sign_discharge_letter(
    world: World, resident: Resident, *, case: IdentityCase, number: int, now: datetime, authority: Authority
) -> SignedDocument:
    """A letter LDL-SES, level 3, and its faithful PDF (ECO.2.1.5)."""
    stay = stay_of(world, resident, number=number, now=now)
    letter = discharge_letter_for(world, resident, case=case, number=number, now=now)
    return sign_letter(letter, stay, now, authority)


def sign_letter(letter: DischargeLetter, stay: Stay, now: datetime, authority: Authority) -> SignedDocument:
    """A letter as it stands, signed by the doctor of the stay."""
    cda = build_discharge_letter(letter)
    read = _read_back(cda)
    pdf = signed_pdf(write_letter(letter_of_document(read)), stay.doctor, now, authority)
    return SignedDocument(letter.header, stay.hospital, cda, read, pdf)


def sign_hospital_report(
    world: World, resident: Resident, *, case: IdentityCase, number: int, now: datetime, authority: Authority
) -> SignedDocument:
    """A CRH, level 1: the CDA holds the very PDF that is sent beside it."""
    stay = stay_of(world, resident, number=number, now=now)
    report = hospital_report_for(world, resident, case=case, number=number, now=now)
    page = _page(report, stay.hospital, stay.doctor)
    pdf = signed_pdf(write_letter(page), stay.doctor, now, authority)
    cda = build_level1(report.header, pdf, PDF)
    return SignedDocument(report.header, stay.hospital, cda, _read_back(cda), pdf)


def _read_back(cda: bytes) -> CdaDocument:
    read = read_cda(cda)
    if isinstance(read, CdaDocument):
        return read
    raise RuntimeError(f"a document of our own cannot be read: {read.notice.code}")


def signed_pdf(pdf: bytes, doctor: HospitalDoctor, now: datetime, authority: Authority) -> bytes:
    credential = authority.signing_certificate(doctor.name, doctor.rpps)
    return sign_pdf(
        pdf,
        certificate=credential.certificate.read_bytes(),
        key=credential.key.read_bytes(),
        chain=(authority.certificate.read_bytes(),),
        signer_name=doctor.name,
        reason="Validation du document",
        signed_at=now,
    )


def _page(report: HospitalReport, hospital: Hospital, doctor: HospitalDoctor) -> Letter:
    header, patient = report.header, report.header.patient
    about = (
        ("Nom de naissance", patient.birth_family),
        ("Nom utilisé", patient.used_family),
        ("Prénoms", patient.given_names),
        ("Date de naissance", _french(patient.birth_date)),
        ("Matricule INS", patient.ins),
        ("Séjour", f"du {_french(header.stay_start)} au {_french(header.stay_end)}"),
    )
    return Letter(
        title=header.title,
        sender=(hospital.name, hospital.service, doctor.name),
        recipients=tuple(f"Dr {each.given} {each.family}" for each in header.recipients),
        date=header.effective_time,
        patient=tuple((label, value) for label, value in about if value),
        sections=tuple(LetterSection(title, ("\n".join(lines),)) for title, lines in report.parts if lines),
        signature=("Document signé électroniquement par", doctor.name),
        place=hospital.city,
    )


def _french(iso: str) -> str:
    return "/".join(reversed(iso[:10].split("-")))
