"""Each rule on a package, a message, a receipt and a PDF, broken once; and our own, which break none."""

from dataclasses import replace
from hashlib import shake_128

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.cda.makers import HEADER, LETTER, PATIENT, REPORT
from tests.core.conformance.test_cda_rules import SOUND_HEADER, SOUND_LETTER, SOUND_PATIENT, sound_headers
from tests.core.inspection.files import HOSPITAL_BOX, NOON, PDF_NAME, SUBJECT, a_dsn, a_mail, a_package, an_mdn, the_pdf

from liaison.core.cda.build import build_discharge_letter, build_level1
from liaison.core.cda.values import DocumentHeader
from liaison.core.conformance.check import check
from liaison.core.conformance.message import MESSAGE_RULES
from liaison.core.conformance.package import NOTICES, PACKAGE_RULES
from liaison.core.conformance.report import REPORT_RULES
from liaison.core.mail.mss import compose_subject, pdf_name
from liaison.core.mail.values import Address
from liaison.core.notices import Unreadable
from liaison.core.people import Identifier
from liaison.core.xdm.archive import build_archive, open_archive

SUBSET = "IHE_XDM/SUBSET01"
NOISE = shake_128(b"noise").hexdigest(2_600_000).encode()
"""Over the size that metadata may have, and nothing that a zip could press to a bomb."""
METADATA = f"{SUBSET}/METADATA.XML"
DOCUMENT = f"{SUBSET}/DOC0001.XML"
PACKAGE = a_package(SOUND_LETTER)
OTHER_PATIENT = replace(SOUND_PATIENT, ins="134025145400192", birth_family="AUTRE")
OTHER_LETTER = build_discharge_letter(
    replace(LETTER, header=replace(SOUND_HEADER, id=Identifier("1.2.3", "autre"), patient=OTHER_PATIENT))
)
LEVEL_1 = build_level1(replace(SOUND_HEADER, type=REPORT.type), the_pdf(), "application/pdf")

Change = tuple[str, bytes, bytes]


def members_of(package: bytes) -> list[tuple[str, bytes]]:
    opened = open_archive(package)
    assert not isinstance(opened, Unreadable)
    return [(member.name, member.content) for member in opened[0]]


def package_with(*changes: Change, without: str = "", extra: tuple[tuple[str, bytes], ...] = ()) -> bytes:
    """The sound package once pieces of its members, which must be there, are replaced by others."""
    members = dict(members_of(PACKAGE))
    for name, old, new in changes:
        assert old in members[name], old
        members[name] = members[name].replace(old, new)
    kept = [(name, content) for name, content in members.items() if name != without]
    return build_archive([*kept, *extra], at=NOON)


def renamed(old: str, new: str) -> bytes:
    return build_archive([(name.replace(old, new), content) for name, content in members_of(PACKAGE)], at=NOON)


def slot(name: str) -> bytes:
    """The whole slot of that name, as our metadata write it."""
    metadata = dict(members_of(PACKAGE))[METADATA]
    start = metadata.index(f'<rim:Slot name="{name}">'.encode())
    return metadata[start : metadata.index(b"</rim:Slot>", start) + len(b"</rim:Slot>")]


def metadata(old: bytes, new: bytes = b"") -> bytes:
    return package_with((METADATA, old, new))


def rules_of(data: bytes) -> set[str]:
    return {finding.rule for finding in check("f", data)}


def errors_of(data: bytes) -> list[str]:
    return [f"{each.rule} {each.place}" for each in check("f", data) if each.severity == "error"]


PATIENT_CX = f"{SOUND_PATIENT.ins}^^^&amp;{SOUND_PATIENT.ins_oid}&amp;ISO^NH".encode()
TYPE = b'nodeRepresentation="11490-0"'
TITLE = HEADER.title.encode()
DOCUMENT_ID = str(HEADER.id).encode()


def second_patient() -> bytes:
    """The same package, whose set of documents is said to be of someone else."""
    whole = dict(members_of(PACKAGE))[METADATA]
    head, found, tail = whole.partition(PATIENT_CX)
    return metadata(head + found, head + b"1^^^&amp;1.2.3&amp;ISO^PI") if tail else b""


PACKAGE_WOUNDS: list[tuple[str, bytes]] = [
    ("XDM-TREE", renamed("SUBSET01", "SUBSET01/DEEPER")),
    ("XDM-INDEX", package_with(without="INDEX.HTM")),
    ("XDM-README", package_with(without="README.TXT")),
    ("XDM-NAMES", package_with(extra=((f"{SUBSET}/lettre de liaison.xml", b"<x/>"),))),
    ("XDM-HASH-MISSING", metadata(slot("hash"))),
    ("XDM-HASH-FORM", metadata(slot("hash"), slot("hash").replace(b"<rim:Value>", b"<rim:Value>sha256:"))),
    ("XDM-SIZE-MISSING", metadata(slot("size"))),
    ("XDM-UNIQUEID", metadata(b'value="' + DOCUMENT_ID + b'"', b'value=""')),
    ("XDM-PATIENTID", metadata(PATIENT_CX)),
    ("XDM-TYPECODE", metadata(TYPE, b'nodeRepresentation=""')),
    ("XDM-CREATIONTIME", metadata(slot("creationTime"))),
    ("XDM-MIMETYPE", metadata(b'mimeType="text/xml"')),
    ("XDM-CONFIDENTIALITY", metadata(b'nodeRepresentation="N"', b'nodeRepresentation=""')),
    ("XDM-TITLE", metadata(TITLE)),
    ("XDM-PATIENT-DIFFERS", metadata(SOUND_PATIENT.ins.encode(), b"134025145400192")),
    ("XDM-ID-DIFFERS", metadata(DOCUMENT_ID, b"1.2.3.4")),
    ("XDM-TYPE-DIFFERS", metadata(TYPE, b'nodeRepresentation="34112-3"')),
    ("XDM-TITLE-DIFFERS", metadata(TITLE, b"Autre titre")),
    ("XDM-MIMETYPE-CDA", metadata(b'mimeType="text/xml"', b'mimeType="application/pdf"')),
    ("ECO.2.1.2", metadata(PATIENT_CX, b"IPP-0042^^^&amp;1.2.250.1.999.1.1&amp;ISO^PI")),
    ("ECO.2.1.1", second_patient()),
    ("XDM-HASH", package_with((DOCUMENT, b"Chute", b"chute"))),
    ("XDM-SIZE", package_with((DOCUMENT, b"Chute", b"Une chute"))),
    ("XDM-URI", package_with(without=DOCUMENT)),
    ("XDM-URI", metadata(b">DOC0001.XML<", b">AUTRE.XML<")),
    ("XDM-UNLISTED", package_with(extra=((f"{SUBSET}/DOC0002.XML", OTHER_LETTER),))),
    ("XDM-METADATA", package_with(without=METADATA)),
    ("XDM-METADATA-XML", metadata(b'xmlns:rim="', b'xmlns:autre="')),
    ("XDM-METADATA-SAFE", metadata(b"<lcm:Submit", b"<!DOCTYPE x><lcm:Submit")),
    ("XDM-METADATA-SIZE", metadata(b"<lcm:Submit", b"<!--" + NOISE + b"--><lcm:Submit")),
    ("XDM-METADATA-EMPTY", metadata(b"rim:ExtrinsicObject", b"rim:Other")),
    ("XDM-MEMBER", package_with(extra=(("../evil.txt", b"x"),))),
]


def test_our_package_has_no_finding() -> None:
    assert check("IHE_XDM.ZIP", PACKAGE) == ()


@pytest.mark.parametrize(("rule", "data"), PACKAGE_WOUNDS, ids=[rule for rule, _ in PACKAGE_WOUNDS])
def test_a_rule_of_the_package_is_broken_by_its_wound(rule: str, data: bytes) -> None:
    assert rule in rules_of(data)


def test_a_document_listed_twice_is_told() -> None:
    whole = dict(members_of(PACKAGE))[METADATA]
    start = whole.index(b"<rim:ExtrinsicObject")
    listed = whole[start : whole.index(b"</rim:ExtrinsicObject>") + len(b"</rim:ExtrinsicObject>")]
    assert "XDM-URI-TWICE" in rules_of(metadata(listed, listed + listed.replace(b"Document01", b"Document02")))


def test_two_members_of_one_name_are_told() -> None:
    members = members_of(PACKAGE)
    with pytest.warns(UserWarning, match="Duplicate name"):
        data = build_archive([*members, members[0]], at=NOON)
    assert "XDM-NAMES-TWICE" in rules_of(data)


def test_no_rule_of_the_package_goes_unbroken() -> None:
    wounded = {rule for rule, _ in PACKAGE_WOUNDS} | {"XDM-URI-TWICE", "XDM-NAMES-TWICE"}
    assert {rule.name for rule in PACKAGE_RULES} | {rule for rule, _ in NOTICES.values()} <= wounded


def test_the_documents_of_a_package_are_checked_where_they_stand() -> None:
    data = package_with((DOCUMENT, b"<title>Lettre de liaison", b"<title/><sub>Lettre de liaison"))
    assert f"XDM-HASH {DOCUMENT}" in errors_of(data)
    wounded = package_with((DOCUMENT, b'<realmCode code="FR"/>', b""))
    assert f"SM-REALM {DOCUMENT} : realmCode" in errors_of(wounded)


def message(
    *attachments: tuple[str, bytes],
    subject: str = SUBJECT,
    codes: tuple[str, ...] = ("11490-0",),
    sender: Address = HOSPITAL_BOX,
) -> bytes:
    files = attachments or (("IHE_XDM.zip", PACKAGE), (PDF_NAME, the_pdf()))
    return a_mail(*files, subject=subject, codes=codes, sender=sender)


def edited(old: bytes, new: bytes) -> bytes:
    raw = message()
    assert old in raw, old
    return raw.replace(old, new)


PDF = (PDF_NAME, the_pdf())
ARCHIVE = ("IHE_XDM.zip", PACKAGE)
BARE_SUBJECT = SUBJECT.removeprefix("XDM/1.0/DDM+")
LONE = a_mail(subject="Bonjour", codes=("11490-0",))
MESSAGE_WOUNDS: list[tuple[str, bytes]] = [
    ("ECO.2.1.1-USAGER", message(ARCHIVE, ("autre.zip", a_package(OTHER_LETTER)), PDF, PDF)),
    ("ECO.2.1.1-XDM", message(("lettre.xml", SOUND_LETTER), PDF)),
    ("ECO.2.1.1-NAME", message(("lettre.zip", PACKAGE), PDF)),
    ("ECO.2.1.1-PDF", message(ARCHIVE)),
    ("ECO.2.1.3", message(subject=BARE_SUBJECT)),
    ("ECO.2.1.3-LABEL", message(subject=compose_subject(["Autre"], PATIENT.birth_family, PATIENT.birth_given, ""))),
    ("ECO.2.1.3-NAME", message(subject=compose_subject([HEADER.type.label], "MARTIN", "JEAN", ""))),
    ("ECO.2.1.5", message(("IHE_XDM.zip", a_package(LEVEL_1)), (PDF_NAME, b"%PDF-1.4 autre"), codes=("34112-3",))),
    ("ECO.2.1.6", message(ARCHIVE, ("lettre.pdf", the_pdf()))),
    ("ECO.2.2.1", edited(b"Message-ID: <lettre.1@chu-vesle.mssante.fr>\r\n", b"")),
    ("ECO.2.2.2", edited(b"Subject: ", b"Subject: RE: ").replace(b"In-Reply-To: <appel@ehpad.mssante.fr>\r\n", b"")),
    ("ECO.2.2.2-REFERENCES", edited(b"References: <appel@ehpad.mssante.fr>\r\n", b"")),
    ("ECO.2.2.3", edited(b'charset="utf-8"', b'charset="iso-8859-1"')),
    ("ECO.2.2.4", edited(b"text/plain", b"text/html")),
    ("ECO.2.2.7", message(sender=Address(HOSPITAL_BOX.email))),
    ("ECO.2.3.2", edited(b"Disposition-Notification-To", b"X-Other")),
    ("ECO.2.4.1", edited(b"X-MSS-CODECDA: 11490-0\r\n", b"")),
    ("ECO.2.4.1-CODES", message(codes=("34112-3",))),
    ("ECO.2.4.1-NOTHING", LONE),
    ("ECO.2.4.2", edited(b"X-MSS-INS: O\r\n", b"")),
    ("ECO.2.4.2-NOTHING", LONE),
    ("ECO.2.4.3", edited(b"X-MSS-NIL: Liaison 1.0\r\n", b"")),
]


def test_our_message_has_no_finding() -> None:
    assert check("f", message()) == ()


@pytest.mark.parametrize(("rule", "data"), MESSAGE_WOUNDS, ids=[rule for rule, _ in MESSAGE_WOUNDS])
def test_a_rule_of_the_message_is_broken_by_its_wound(rule: str, data: bytes) -> None:
    assert rule in rules_of(data)


def test_an_ins_that_no_document_has_may_not_be_boasted_of() -> None:
    unknown = replace(SOUND_HEADER, patient=replace(SOUND_PATIENT, ins="", ins_oid=""))
    package = a_package(build_discharge_letter(replace(LETTER, header=unknown)))
    assert "ECO.2.4.2-INS" in rules_of(message(("IHE_XDM.zip", package), PDF))


def test_no_rule_of_the_message_goes_unbroken() -> None:
    assert {rule.name for rule in MESSAGE_RULES} <= {rule for rule, _ in MESSAGE_WOUNDS} | {"ECO.2.4.2-INS"}


def test_several_documents_of_one_person_are_counted_in_the_subject() -> None:
    package = a_package(SOUND_LETTER, LEVEL_1)
    names = (PATIENT.birth_family, PATIENT.birth_given, PATIENT.birth_date)
    counted = compose_subject(["Lettre", "CR"], *names)
    files = (("IHE_XDM.zip", package), PDF, PDF)
    codes = ("11490-0", "34112-3")
    assert errors_of(message(*files, subject=counted, codes=codes)) == []
    assert "ECO.2.1.3-LABEL" not in rules_of(message(*files, subject=counted, codes=codes))
    miscounted = compose_subject(["Lettre", "CR", "Bio"], *names)
    assert "ECO.2.1.3-LABEL" in rules_of(message(*files, subject=miscounted, codes=codes))


def test_a_plain_message_of_a_professional_has_only_the_rules_of_every_message() -> None:
    plain = a_mail(subject="Rendez-vous", codes=())
    assert check("f", plain) == ()


def test_a_wound_inside_the_archive_of_a_message_is_told_with_its_way_in() -> None:
    wounded = message(("IHE_XDM.zip", package_with((DOCUMENT, b'<realmCode code="FR"/>', b""))), PDF)
    assert f"SM-REALM 2 : {DOCUMENT} : realmCode" in errors_of(wounded)


@settings(max_examples=15, deadline=None)
@given(sound_headers())
def test_a_message_of_ours_has_no_error(header: DocumentHeader) -> None:
    letter = build_discharge_letter(replace(LETTER, header=header))
    patient = header.patient
    subject = compose_subject([header.type.label], patient.birth_family, patient.birth_given, patient.birth_date)
    name = pdf_name(header.effective_time, header.type.label, patient.birth_family, patient.birth_given)
    assert errors_of(message(("IHE_XDM.zip", a_package(letter)), (name, the_pdf()), subject=subject)) == []


REPORT_WOUNDS: list[tuple[str, bytes]] = [
    ("RFC8098-3.1", an_mdn().replace(b"Disposition: ", b"X-Disposition: ")),
    ("RFC8098-3.2.4", an_mdn().replace(b"Final-Recipient: ", b"X-Recipient: ")),
    ("RFC8098-3.2.5", an_mdn().replace(b"Original-Message-ID: ", b"X-Original: ")),
    ("RFC8098-3.2.6", an_mdn().replace(b"; displayed", b"; lu")),
    ("LPS-ERROR-FIELD", an_mdn("902").replace(b"processed/error", b"processed/Error: 902^Inconnu^")),
    ("LPS-ERROR-CODE", an_mdn("902").replace(b"902", b"950")),
    ("RFC6522", b'From: a@b.fr\r\nContent-Type: multipart/report; boundary="r"\r\n\r\n--r\r\n\r\nRien\r\n--r--\r\n'),
]


@pytest.mark.parametrize("receipt", [an_mdn(), an_mdn("902"), a_dsn(("a@b.fr", "failed", "5.1.1"))])
def test_our_receipts_have_no_finding(receipt: bytes) -> None:
    assert check("f", receipt) == ()


@pytest.mark.parametrize(("rule", "data"), REPORT_WOUNDS, ids=[rule for rule, _ in REPORT_WOUNDS])
def test_a_rule_of_the_receipt_is_broken_by_its_wound(rule: str, data: bytes) -> None:
    assert rule in rules_of(data)


def test_no_rule_of_the_receipt_goes_unbroken() -> None:
    assert {rule.name for rule in REPORT_RULES} <= {rule for rule, _ in REPORT_WOUNDS}


def test_our_pdf_has_no_finding() -> None:
    assert check("lettre.pdf", the_pdf()) == ()


@pytest.mark.parametrize("data", [b"", b"Bonjour", b"PK\x03\x04 cut", b"<?xml version='1.0'?><ClinicalDocument"])
def test_what_cannot_be_read_is_an_error_that_says_why(data: bytes) -> None:
    (finding,) = check("f", data)
    assert (finding.rule, finding.severity) == ("LECTURE", "error")
    assert finding.message.endswith(".")


@settings(max_examples=40, deadline=None)
@given(st.sampled_from([PACKAGE, message(), an_mdn("902")]), st.integers(0, 100_000), st.binary(max_size=30))
def test_a_damaged_file_is_checked_without_a_fall(data: bytes, place: int, piece: bytes) -> None:
    start = place % len(data)
    assert all(each.rule for each in check("f", data[:start] + piece + data[start + 20 :]))
