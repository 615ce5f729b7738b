"""One message, from its bytes to its documents, with the contradictions that forbid filing it alone."""

import base64
import quopri
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.xdm.letters import RUTH, SOMEBODY_ELSE, make_cda

from liaison.core.cda.values import CdaDocument
from liaison.core.contradictions import CONTRADICTIONS
from liaison.core.mail.compose import compose
from liaison.core.mail.message import read_mail
from liaison.core.mail.mss import compose_subject
from liaison.core.mail.reports import compose_mdn
from liaison.core.mail.values import Address, Attachment, OutgoingMail
from liaison.core.notices import Notice, Unreadable
from liaison.core.pdf.values import PdfText
from liaison.core.people import Identifier, Patient, Professional
from liaison.core.reading import Reading, read_message
from liaison.core.xdm.archive import build_archive, open_archive
from liaison.core.xdm.package import build_package

NOON = datetime(2026, 7, 14, 12, 0, tzinfo=UTC)
PDF = b"%PDF-1.4\nlettre lisible\n%%EOF\n"
EMBEDDED = b"%PDF-1.4\n"
RUTH_SUBJECT = compose_subject(["Lettre de liaison"], "NESSI", "Ruth", "1936-07-14")
METADATA = "IHE_XDM/SUBSET01/METADATA.XML"
DOCUMENT = "IHE_XDM/SUBSET01/DOC0001.XML"


def fake_read_pdf(data: bytes) -> PdfText | Unreadable:
    return PdfText((data.decode("latin-1"),))


def package(*documents: tuple[CdaDocument, bytes]) -> bytes:
    return build_package(
        documents,
        source_id="1.2.250.1.999.9",
        submission_time=NOON,
        submission_id="1.2.250.1.999.3.1",
        author=Professional(id="899700000001"),
    )


def mail(*attachments: tuple[str, bytes], subject: str = RUTH_SUBJECT, asks: str = "") -> bytes:
    return compose(
        OutgoingMail(
            message_id="<1@chu.mssante.fr>",
            sender=Address("service@chu.mssante.fr"),
            to=(Address("secretariat@ehpad.mssante.fr"),),
            subject=subject,
            body="Bonjour",
            date=NOON,
            attachments=tuple(Attachment(name, "application/octet-stream", content) for name, content in attachments),
            disposition_notification_to=asks,
        )
    )


def read(*attachments: tuple[str, bytes], subject: str = RUTH_SUBJECT) -> Reading:
    return read_message(mail(*attachments, subject=subject), read_pdf=fake_read_pdf)


def codes(notices: Iterable[Notice]) -> list[str]:
    return [notice.code for notice in notices]


def contradictions(reading: Reading) -> list[list[str]]:
    return [[code for code in codes(document.notices) if code in CONTRADICTIONS] for document in reading.documents]


def changed(data: bytes, name: str, old: bytes, new: bytes) -> bytes:
    opened = open_archive(data)
    assert not isinstance(opened, Unreadable)
    members = [(each.name, each.content.replace(old, new) if each.name == name else each.content) for each in opened[0]]
    return build_archive(members, at=NOON)


def test_a_letter_in_its_package_with_its_pdf_is_one_document() -> None:
    reading = read(("IHE_XDM.ZIP", package(make_cda())), ("20260714_Lettre_NESSI_Ruth.pdf", PDF))
    (document,) = reading.documents
    assert (document.leaf_path, document.pdf_leaf_path) == (f"2!{DOCUMENT}", "3")
    assert document.cda is not None
    assert document.entry is not None
    assert document.claim == document.cda.patient
    assert document.claim.ins == RUTH.ins
    assert contradictions(reading) == [[]]
    assert (reading.notices, reading.requested_action) == ((), "create")
    assert reading.metadata_patient_ids == (Identifier(RUTH.ins_oid, RUTH.ins),)


def test_the_pdf_embedded_in_its_letter_is_not_a_second_document() -> None:
    reading = read(("a.ZIP", package(make_cda(1), make_cda(2))), ("copie.pdf", EMBEDDED), ("encore.pdf", EMBEDDED))
    assert [document.pdf_leaf_path for document in reading.documents] == ["3", "3"]


def test_a_pdf_beside_several_letters_stays_a_document() -> None:
    reading = read(("a.ZIP", package(make_cda(1), make_cda(2))), ("autre.pdf", PDF))
    assert [document.leaf_path for document in reading.documents] == [
        "2!IHE_XDM/SUBSET01/DOC0001.XML",
        "2!IHE_XDM/SUBSET01/DOC0002.XML",
        "3",
    ]


def test_a_lone_pdf_is_a_document_with_its_text() -> None:
    (document,) = read(("Compte rendu.pdf", PDF)).documents
    assert (document.cda, document.claim, document.title) == (None, None, "Compte rendu")
    assert (document.leaf_path, document.pdf_leaf_path) == ("2", "2")
    assert document.pdf is not None
    assert "lettre lisible" in document.pdf.text


def test_a_letter_attached_bare_is_read() -> None:
    (document,) = read(("lettre.xml", make_cda()[1])).documents
    assert document.cda is not None
    assert (document.entry, document.leaf_path) == (None, "2")


def test_a_letter_in_a_transferred_message_is_read() -> None:
    inner = mail(("IHE_XDM.ZIP", package(make_cda())))
    outer = compose(replace_attachment(mail(), inner))
    (document,) = read_message(outer, read_pdf=fake_read_pdf).documents
    assert document.leaf_path == f"2>2!{DOCUMENT}"
    assert document.entry is not None


def replace_attachment(raw: bytes, message: bytes) -> OutgoingMail:
    found = read_mail(raw)
    return OutgoingMail(
        message_id="<2@ehpad.mssante.fr>",
        sender=found.sender,
        to=found.to,
        subject=f"TR: {found.subject}",
        body="Pour information",
        date=NOON,
        attachments=(Attachment("message.eml", "message/rfc822", message),),
    )


def test_metadata_that_name_someone_else_are_a_contradiction() -> None:
    data = changed(package(make_cda()), METADATA, RUTH.ins.encode(), SOMEBODY_ELSE.ins.encode())
    assert contradictions(read(("a.ZIP", data))) == [["patient_metadata_differs"]]


def test_a_letter_altered_after_its_metadata_is_a_contradiction() -> None:
    data = changed(package(make_cda()), DOCUMENT, b"19360714", b"19360715")
    assert contradictions(read(("a.ZIP", data))) == [["hash_differs", "patient_subject_differs"]]


def test_metadata_of_another_document_are_a_contradiction() -> None:
    data = changed(package(make_cda()), METADATA, b"1.2.250.1.999.2.1", b"1.2.250.1.999.2.9")
    assert contradictions(read(("a.ZIP", data))) == [["document_id_differs"]]


@pytest.mark.parametrize(
    "subject",
    [
        compose_subject(["Lettre"], "AUTRE", "Ruth", "1936-07-14"),
        compose_subject(["Lettre"], "NESSI", "Ruth", "1936-07-15"),
        "RE: " + compose_subject(["Lettre"], "MARTIN", "Paul", ""),
    ],
)
def test_a_subject_that_names_someone_else_is_a_contradiction(subject: str) -> None:
    assert contradictions(read(("a.ZIP", package(make_cda())), subject=subject)) == [["patient_subject_differs"]]


@pytest.mark.parametrize(
    "subject", ["", "Lettre", "XDM/1.0/DDM+", "XDM/1.0/DDM+Lettre nessi ruth", RUTH_SUBJECT.upper()]
)
def test_a_subject_that_says_nothing_contradicts_nothing(subject: str) -> None:
    assert contradictions(read(("a.ZIP", package(make_cda())), subject=subject)) == [[]]


def test_letters_of_two_persons_in_one_message_are_all_flagged() -> None:
    first, second = package(make_cda(1)), package(make_cda(2, SOMEBODY_ELSE))
    found = contradictions(read(("a.ZIP", first), ("b.ZIP", second), subject="Bonjour"))
    assert [("several_patients" in codes) for codes in found] == [True, True]


def test_a_report_never_yields_documents() -> None:
    original = b"Return-Path: <service@chu.mssante.fr>\r\n" + mail(
        ("IHE_XDM.ZIP", package(make_cda())), ("a.pdf", PDF), asks="service@chu.mssante.fr"
    )
    answer = compose_mdn(
        read_mail(original),
        original_raw=original,
        mailbox=Address("secretariat@ehpad.mssante.fr"),
        message_id="<mdn@ehpad.mssante.fr>",
        date=NOON,
        disposition="processed",
        automatic=True,
    )
    reading = read_message(answer, read_pdf=fake_read_pdf)
    assert (reading.mail.category, reading.documents) == ("report", ())
    assert [report.original_message_id for report in reading.reports] == ["<1@chu.mssante.fr>"]


def test_a_report_that_repeats_the_archive_beside_the_original_yields_no_document() -> None:
    encoded = base64.encodebytes(package(make_cda()))
    raw = (
        b"Content-Type: multipart/report; boundary=r\r\n\r\n--r\r\n\r\nKO\r\n--r\r\nContent-Type: application/zip\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\n" + encoded + b"\r\n--r--\r\n"
    )
    reading = read_message(raw, read_pdf=fake_read_pdf)
    assert (len(reading.mail.leaves), reading.documents) == (2, ())


def test_an_unreadable_letter_stays_a_document_with_its_reason() -> None:
    reading = read(("lettre.xml", make_cda()[1][:-200]), ("lettre.pdf", PDF))
    (document,) = reading.documents
    assert (document.cda, document.claim, document.pdf_leaf_path) == (None, None, "3")
    assert document.notices


def test_a_pdf_that_cannot_be_read_says_why() -> None:
    broken = Unreadable(Notice("pdf_broken", "Le PDF est abîmé."))
    (document,) = read_message(mail(("a.pdf", PDF)), read_pdf=lambda _: broken).documents
    assert (document.pdf, codes(document.notices)) == (None, ["pdf_broken"])


def test_the_action_asked_by_the_package_is_told() -> None:
    data = build_package(
        [make_cda()],
        source_id="1.2.3",
        submission_time=NOON,
        submission_id="1.2.4",
        author=Professional(id="8"),
        action="cancel",
    )
    assert read(("a.ZIP", data)).requested_action == "cancel"


def test_another_birth_name_in_use_is_no_contradiction() -> None:
    subject = compose_subject(["Lettre"], "DE LA TOUR NESSI", "Ruth", "1936-07-14")
    assert contradictions(read(("a.ZIP", package(make_cda())), subject=subject)) == [[]]


def hprim(*changes: tuple[int, str]) -> str:
    lines = ["42", "NESSI", "Ruth", "", "", "51100 REIMS", "14/07/1936", "", "", "14/07/2026", "Dr Boileau", "EHPAD"]
    for line, value in changes:
        lines[line - 1] = value
    return "\n".join([*lines, "", "Kaliémie à 4,1.", "****FIN****", ""])


def read_body(body: str, *attachments: tuple[str, bytes]) -> Reading:
    raw = mail(*attachments, subject="Courrier")
    return read_message(raw.replace(b"Bonjour", quoted_printable(body)), read_pdf=fake_read_pdf)


def quoted_printable(body: str) -> bytes:
    return quopri.encodestring(body.encode()).replace(b"\n", b"\r\n")


def test_a_hprim_body_is_a_document_whose_claim_is_to_be_checked() -> None:
    reading = read_body(hprim())
    (document,) = reading.documents
    assert reading.mail.category == "clinical"
    assert (document.leaf_path, document.text, document.is_text_letter) == ("1", "Kaliémie à 4,1.", True)
    assert document.claim == Patient(used_family="NESSI", used_given="Ruth", birth_date="1936-07-14")
    assert codes(document.notices) == ["hprim_header"]


def test_a_hprim_letter_attached_as_a_file_of_no_type_is_a_document() -> None:
    reading = read_message(mail(("cr.hpr", hprim().encode("cp1252")), subject="Courrier"), read_pdf=fake_read_pdf)
    (document,) = reading.documents
    assert (document.is_text_letter, document.claim and document.claim.used_family) == (True, "NESSI")


def test_a_pdf_sent_under_a_hprim_body_is_about_the_person_named_there() -> None:
    pdf, letter = read_body(hprim(), ("cr.pdf", PDF)).documents
    assert pdf.claim == letter.claim
    assert "hprim_header" in codes(pdf.notices)
    assert (pdf.is_text_letter, letter.is_text_letter) == (False, True)


def test_a_hprim_body_of_the_person_of_its_letter_contradicts_nothing() -> None:
    assert contradictions(read_body(hprim((2, "NESSI"), (3, "R.")), ("a.ZIP", package(make_cda())))) == [[], []]


@pytest.mark.parametrize("change", [(2, "AUTRE"), (7, "15/07/1936")])
def test_a_hprim_body_about_someone_else_is_a_contradiction(change: tuple[int, str]) -> None:
    found = contradictions(read_body(hprim(change), ("a.ZIP", package(make_cda()))))
    assert found == [["several_patients"], ["several_patients"]]


def test_a_hprim_text_about_several_persons_claims_nobody() -> None:
    (document,) = read_body(hprim() + hprim((2, "AUTRE"))).documents
    assert document.claim is None
    assert "several_patients" in codes(document.notices)


def test_the_reading_holds_no_health_data_in_its_notices() -> None:
    secret = replace(RUTH, birth_family="CANARI")
    data = changed(package(make_cda(1, secret)), METADATA, RUTH.ins.encode(), SOMEBODY_ELSE.ins.encode())
    reading = read(("a CANARI.ZIP", data), ("CANARI.pdf", PDF))
    said = [*reading.notices, *(notice for document in reading.documents for notice in document.notices)]
    said += [notice for leaf in reading.mail.leaves for notice in leaf.notices]
    assert said
    assert not any("CANARI" in notice.message or RUTH.ins in notice.message for notice in said)


@settings(max_examples=60, deadline=None)
@given(position=st.integers(0, 10_000), junk=st.binary(min_size=1, max_size=12))
def test_a_message_damaged_anywhere_is_still_read(position: int, junk: bytes) -> None:
    raw = bytearray(mail(("IHE_XDM.ZIP", package(make_cda())), ("a.pdf", PDF)))
    start = position % len(raw)
    raw[start : start + len(junk)] = junk
    reading = read_message(bytes(raw), read_pdf=fake_read_pdf)
    assert len({leaf.path for leaf in reading.mail.leaves}) == len(reading.mail.leaves) > 0


NOT_XML = b"Erreur 500 : le serveur de documents ne repond pas.\r\n"


def test_an_error_page_sent_in_place_of_a_cda_is_a_document_that_cannot_be_read() -> None:
    cda, _ = make_cda()
    reading = read(("IHE_XDM.ZIP", package((cda, NOT_XML))), ("lettre.pdf", PDF))
    (document,) = reading.documents
    assert "cda_not_xml" in codes(document.notices)
    assert document.claim is None
    assert document.title
    assert document.pdf is not None


def test_a_file_named_xml_that_is_none_is_a_document_that_cannot_be_read() -> None:
    (document,) = read(("CR.XML", NOT_XML)).documents
    assert codes(document.notices) == ["cda_not_xml"]
    assert read(("notes.txt", NOT_XML)).documents == ()


def test_a_readable_cda_keeps_its_pdf_beside_one_that_is_not() -> None:
    _, content = make_cda()
    letter, broken = read(("CDA.XML", content), ("CR.XML", NOT_XML), ("lettre.pdf", PDF)).documents
    assert letter.cda is not None
    assert letter.pdf_leaf_path is not None
    assert broken.pdf_leaf_path is None
