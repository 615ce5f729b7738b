"""Whole files as a hospital sends them, by our own writers: a CDA, its PDF, its package, its message."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache

from tests.core.cda.makers import AUTHOR, HEADER, LETTER, PATIENT, REPORT, readable

from liaison.core.cda.build import build_discharge_letter, build_level1
from liaison.core.cda.read import read_cda
from liaison.core.mail.compose import compose
from liaison.core.mail.message import read_mail
from liaison.core.mail.mss import compose_subject, mss_headers, pdf_name
from liaison.core.mail.reports import compose_mdn
from liaison.core.mail.values import Address, Attachment, OutgoingMail
from liaison.core.pdf.document import letter_of_document
from liaison.core.pdf.letter import write_letter
from liaison.core.xdm.build import build_package
from liaison.core.xdm.values import RequestedAction

NOON = datetime(2026, 3, 4, 17, 30, tzinfo=UTC)
HOSPITAL_BOX = Address("medecine@chu-vesle.mssante.fr", "CH de la Vesle - Médecine")
HOME_BOX = Address("secretariat@ehpad.mssante.fr")
SUBJECT = compose_subject([HEADER.type.label], PATIENT.birth_family, PATIENT.birth_given, PATIENT.birth_date)
PDF_NAME = pdf_name("2026-03-04", HEADER.type.label, PATIENT.birth_family, PATIENT.birth_given)


@cache
def the_cda() -> bytes:
    return build_discharge_letter(LETTER)


@cache
def the_pdf() -> bytes:
    return write_letter(letter_of_document(readable(read_cda(the_cda()))))


@cache
def the_report() -> bytes:
    """A level 1 document around the PDF."""
    return build_level1(REPORT, the_pdf(), "application/pdf")


def a_package(*contents: bytes, action: RequestedAction = "create") -> bytes:
    documents = [(readable(read_cda(content)), content) for content in contents or (the_cda(),)]
    return build_package(
        documents,
        source_id="1.2.250.1.999.9",
        submission_time=NOON,
        submission_id="1.2.250.1.999.3.1",
        author=AUTHOR,
        action=action,
    )


def a_mail(
    *attachments: tuple[str, bytes],
    subject: str = SUBJECT,
    body: str = "Bonjour,\nvoici la lettre de liaison.",
    codes: Sequence[str] = (HEADER.type.code,),
    sender: Address = HOSPITAL_BOX,
) -> bytes:
    return compose(
        OutgoingMail(
            message_id="<lettre.1@chu-vesle.mssante.fr>",
            sender=sender,
            to=(HOME_BOX,),
            subject=subject,
            body=body,
            date=NOON,
            attachments=tuple(Attachment(name, kind_of(name), content) for name, content in attachments),
            disposition_notification_to=sender.email,
            headers=mss_headers(codes, True if codes else None, "Liaison 1.0"),
            in_reply_to="<appel@ehpad.mssante.fr>",
            references=("<appel@ehpad.mssante.fr>",),
        )
    )


def kind_of(name: str) -> str:
    return {"zip": "application/zip", "pdf": "application/pdf"}.get(name.rpartition(".")[2].lower(), "text/xml")


@cache
def the_mail() -> bytes:
    """The message of the leaflet: the package, and the same letter for a person to read."""
    return a_mail(("IHE_XDM.zip", a_package()), (PDF_NAME, the_pdf()))


def an_mdn(error_code: str = "") -> bytes:
    return compose_mdn(
        read_mail(the_mail()),
        original_raw=the_mail(),
        mailbox=HOME_BOX,
        message_id="<mdn.1@ehpad.mssante.fr>",
        date=NOON,
        disposition="processed" if error_code else "displayed",
        automatic=bool(error_code),
        error_code=error_code,
    )


def a_dsn(*recipients: tuple[str, str, str]) -> bytes:
    """A delivery report on the message: an address, an action and a status for each recipient."""
    blocks = "\r\n".join(
        f"Final-Recipient: rfc822; {email}\r\nAction: {action}\r\nStatus: {status}\r\n"
        for email, action, status in recipients
    )
    return (
        "From: MAILER-DAEMON@mssante.fr\r\nTo: medecine@chu-vesle.mssante.fr\r\nMessage-ID: <dsn.1@mssante.fr>\r\n"
        "Date: Wed, 04 Mar 2026 18:00:00 +0000\r\nSubject: Rapport\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="r"\r\n\r\n'
        "--r\r\nContent-Type: text/plain\r\n\r\nVoici le rapport.\r\n"
        f"--r\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.mssante.fr\r\n\r\n{blocks}\r\n"
        "--r\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <lettre.1@chu-vesle.mssante.fr>\r\n\r\n--r--\r\n"
    ).encode()
