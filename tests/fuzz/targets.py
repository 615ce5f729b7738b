"""Every reader that takes bytes from outside, what must hold of its answer whatever the bytes, and seeds to start from.

The same targets serve the short runs of the tests (hypothesis) and the long ones of ``bin/bench fuzz`` (atheris).
"""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

from tests.core.cda.makers import AUTHOR, HEADER, LETTER
from tests.support.winmail import (
    CODE_PAGE,
    CONTENT,
    DATA,
    LONG_NAME,
    OBJECT,
    TITLE,
    UNICODE,
    a_file,
    attribute,
    properties,
    stream,
    winmail,
)

from liaison.core.cda.build import build_discharge_letter, build_level1
from liaison.core.cda.read import read_cda
from liaison.core.cda.values import CdaDocument
from liaison.core.mail.compose import compose
from liaison.core.mail.hprim import read_hprim
from liaison.core.mail.html import html_to_text
from liaison.core.mail.message import read_mail
from liaison.core.mail.mss import compose_subject, read_subject
from liaison.core.mail.quoting import split_reply
from liaison.core.mail.report_writing import Delivery, ReportingServer, SubmittedMail
from liaison.core.mail.reports import compose_dsn, compose_error_mail, compose_mdn, read_reports
from liaison.core.mail.tnef import open_tnef
from liaison.core.mail.values import Address, Attachment, OutgoingMail
from liaison.core.media import PDF, ZIP
from liaison.core.medication.reply import read_reply
from liaison.core.notices import Unreadable
from liaison.core.pdf.letter import letter_of_document, write_letter
from liaison.core.pdf.text import count_pages, read_pdf
from liaison.core.pdf.values import PdfText
from liaison.core.reading import leaves_accounted, read_message
from liaison.core.xdm.archive import MAX_TOTAL_BYTES, build_archive, open_archive
from liaison.core.xdm.metadata import Submission, read_metadata
from liaison.core.xdm.package import build_package, read_package

NOON = datetime(2026, 7, 14, 12, 0, tzinfo=UTC)
SMALL_PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
HPRIM = (
    "42\nNESSI\nRuth\n3 rue des Tilleuls\n\n51100 REIMS\n14/07/1936\n2360751223344 82\n506\n03/03/2026\n"
    "boileau Dr Boileau\nSEC EHPAD\n\nKaliémie 4,1\n****LAB****\nTEX|x\n****FIN****\n****FINFICHIER****\n"
)
REPLIES = (
    "1 ok / 3 2,5 mg / 4 stop / je passe jeudi",
    "D'accord pour tout sauf la ligne 2 : arrêter.\n\nLe 3 juillet 2026, EHPAD <a@b.fr> a écrit :\n> 1. Furosémide",
    "Bonjour,\n- Apixaban : continuer\n- Furosémide : diminuer à 20 mg le matin si TA < 110\nCordialement",
)


@dataclass(frozen=True)
class Target:
    """``check`` reads the bytes and asserts; any exception of it is a bug."""

    check: Callable[[bytes], None]
    seeds: Callable[[], list[bytes]]


def check_mail(data: bytes) -> None:
    mail = read_mail(data)
    assert mail.leaves
    assert leaves_accounted(mail)
    assert "\r" not in mail.subject + mail.body


def check_winmail(data: bytes) -> None:
    found = open_tnef(data)
    if not isinstance(found, Unreadable):
        assert sum(len(member.content) for member in found) <= len(data)


def check_reports(data: bytes) -> None:
    for raw in (data, b"Content-Type: multipart/report; boundary=r\r\n\r\n" + data):
        for report in read_reports(read_mail(raw)):
            assert report.type in {"dsn", "mdn"}


def check_whole(data: bytes) -> None:
    reading = read_message(data, read_pdf=lambda _: PdfText(()))
    places = {leaf.path for leaf in reading.mail.leaves}
    assert all(document.leaf_path in places for document in reading.documents)
    assert not (reading.mail.category == "report" and reading.documents)


def check_archive(data: bytes) -> None:
    opened = open_archive(data)
    if not isinstance(opened, Unreadable):
        names = [member.name for member in opened[0]]
        assert len(set(names)) == len(names)
        assert sum(len(member.content) for member in opened[0]) <= MAX_TOTAL_BYTES
    read_package(data)


def check_metadata(data: bytes) -> None:
    found = read_metadata(data)
    assert isinstance(found, Submission | Unreadable)


def check_cda(data: bytes) -> None:
    found = read_cda(data)
    assert isinstance(found, CdaDocument | Unreadable)
    if isinstance(found, CdaDocument):
        assert all("<script" not in section.html.lower() for section in found.sections)


def check_pdf(data: bytes) -> None:
    found = read_pdf(data)
    assert isinstance(found, PdfText | Unreadable)
    count_pages(data)


def check_reply(data: bytes) -> None:
    new, _ = split_reply(data.decode("utf-8", "replace"))
    reading = read_reply(new, lines=4)
    assert all(1 <= line.number <= 4 for line in reading.lines)


def check_texts(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    read_hprim(data)
    read_subject(text)
    html_to_text(text)


@cache
def a_letter() -> tuple[CdaDocument, bytes]:
    data = build_discharge_letter(LETTER)
    read = read_cda(data)
    assert isinstance(read, CdaDocument)
    return read, data


@cache
def a_package() -> bytes:
    return build_package(
        [a_letter()],
        source_id="1.2.250.1.999.9",
        submission_time=NOON,
        submission_id="1.2.250.1.999.3.1",
        author=AUTHOR,
    )


def a_mail(*attachments: Attachment, body: str = "Bonjour,\n\nVoici.\n") -> bytes:
    return compose(
        OutgoingMail(
            message_id="<1@chu.mssante.fr>",
            sender=Address("service@chu.mssante.fr", "Gériatrie"),
            to=(Address("secretariat@ehpad.mssante.fr"),),
            subject=compose_subject(["Lettre de liaison"], "NESSI", "Ruth", "1936-07-14"),
            body=body,
            date=NOON,
            attachments=attachments,
            disposition_notification_to="service@chu.mssante.fr",
            headers=(("X-MSS-CODECDA", "11490-0"),),
        )
    )


def mail_seeds() -> list[bytes]:
    bare = a_mail()
    packed = a_mail(Attachment("IHE_XDM.ZIP", ZIP, a_package()), Attachment("résumé.pdf", PDF, SMALL_PDF))
    small = a_mail(Attachment("a.zip", ZIP, build_archive([("a/b.txt", b"x")], at=NOON)))
    html = b"From: a@b.fr\r\nContent-Type: text/html; charset=x\r\n\r\n<p>Bonjour<blockquote>x"
    old = b"Subject: x\r\nContent-Transfer-Encoding: x-uuencode\r\n\r\nbegin 6 a\n#86)C\n`\nend\n"
    return [bare, packed, small, a_mail(Attachment("t.eml", "message/rfc822", small)), a_mail(body=HPRIM), html, old]


def winmail_seeds() -> list[bytes]:
    held = properties((LONG_NAME, UNICODE, "Résumé.pdf".encode("utf-16-le")), (CONTENT, OBJECT, bytes(16) + SMALL_PDF))
    named = stream(attribute(CODE_PAGE, b"\xe4\x04\0\0"), a_file(attribute(TITLE, b"R\xe9sum\xe9.pdf\0"), held))
    return [winmail(("a.pdf", SMALL_PDF), ("b.txt", b"Bonjour")), named, stream(a_file(attribute(DATA, named)))]


def report_seeds() -> list[bytes]:
    original = a_mail()
    read, mailbox = read_mail(original), Address("secretariat@ehpad.mssante.fr")
    server = ReportingServer("mx.operateur.fr", Address("postmaster@operateur.fr"))
    return [
        compose_dsn(
            (Delivery("a@b.fr", "failed", "5.1.1", "550 inconnu"), Delivery("c@d.fr", "delivered", "2.0.0")),
            server=server,
            submitted=SubmittedMail("service@chu.mssante.fr", original, NOON),
            message_id="<d@o.fr>",
            date=NOON,
        ),
        compose_mdn(
            read,
            original_raw=original,
            mailbox=mailbox,
            message_id="<m@e.fr>",
            date=NOON,
            disposition="processed",
            automatic=True,
            error_code="902",
        ),
        compose_error_mail(
            read, original_raw=original, mailbox=mailbox, message_id="<k@e.fr>", date=NOON, error_code="904"
        ),
        b"Return-Path: <>\r\nSubject: Mail delivery failed\r\n\r\na@b.fr 5.1.1\r\n> Message-ID: <1@a>\r\n",
    ]


def archive_seeds() -> list[bytes]:
    inner = build_archive([("un.txt", b"premier" * 50)], at=NOON)
    return [a_package(), inner, build_archive([("../a", b"x"), ("b.zip", inner), ("é", b"")], at=NOON)]


def metadata_seeds() -> list[bytes]:
    opened = open_archive(a_package())
    assert not isinstance(opened, Unreadable)
    written = next(member.content for member in opened[0] if member.name.endswith("METADATA.XML"))
    return [written, written.replace(b"rim:", b""), written.replace(b"lcm:", b"x:"), b"<:"]


def cda_seeds() -> list[bytes]:
    letter = a_letter()[1]
    return [letter, build_level1(HEADER, SMALL_PDF, PDF), letter.decode().encode("utf-16"), letter[: len(letter) // 2]]


def pdf_seeds() -> list[bytes]:
    return [write_letter(letter_of_document(a_letter()[0])), SMALL_PDF]


def text_seeds() -> list[bytes]:
    subject = compose_subject(["Lettre"], "NESSI", "Ruth", "1936-07-14")
    page = b"<html><body><p>a<table><tr><td>b<blockquote>c</body>"
    return [HPRIM.encode(), HPRIM.encode("cp1252"), subject.encode(), page, base64.b64encode(page)]


TARGETS: dict[str, Target] = {
    "mail": Target(check_mail, mail_seeds),
    "winmail": Target(check_winmail, winmail_seeds),
    "reports": Target(check_reports, report_seeds),
    "archive": Target(check_archive, archive_seeds),
    "metadata": Target(check_metadata, metadata_seeds),
    "cda": Target(check_cda, cda_seeds),
    "pdf": Target(check_pdf, pdf_seeds),
    "reply": Target(check_reply, lambda: [words.encode() for words in REPLIES]),
    "texts": Target(check_texts, text_seeds),
    "whole": Target(check_whole, lambda: [*mail_seeds(), *report_seeds()]),
}
