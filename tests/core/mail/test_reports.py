"""DSN and MDN in the forms the field sends, and those we send."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liaison.core.mail.compose import compose
from liaison.core.mail.message import read_mail
from liaison.core.mail.report_writing import Delivery, ReportingServer, SubmittedMail
from liaison.core.mail.reports import (
    APPLICATION_ERRORS,
    compose_dsn,
    compose_error_mail,
    compose_mdn,
    may_answer,
    read_reports,
)
from liaison.core.mail.values import Address, Attachment, OutgoingMail, Report

NOON = datetime(2026, 7, 14, 12, 0, tzinfo=UTC)
SUBJECT = "XDM/1.0/DDM+Lettre de liaison à la sortie NESSI Ruth 14/07/1936"
ORIGINAL_ID = "<lettre.1@chu.mssante.fr>"


def crlf(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode()


def original(**headers: str) -> bytes:
    sent = OutgoingMail(
        message_id=ORIGINAL_ID,
        sender=Address("service@chu.mssante.fr"),
        to=(Address("secretariat@ehpad.mssante.fr"),),
        subject=SUBJECT,
        body="Bonjour",
        date=NOON,
        attachments=(Attachment("a.pdf", "application/pdf", b"%PDF-1.4\n"),),
        disposition_notification_to="service@chu.mssante.fr",
        headers=tuple((name.replace("_", "-"), value) for name, value in headers.items()),
    )
    return b"Return-Path: <service@chu.mssante.fr>\r\n" + compose(sent)


def report(kind: str, *parts: str, subject: str = "Rapport") -> bytes:
    body = "".join(f"--r\n{part}\n" for part in parts)
    return crlf(
        f"From: dr.martin@mssante.fr\nSubject: {subject}\n"
        f'Content-Type: multipart/report; report-type={kind}; boundary="r"\n\n{body}--r--\n'
    )


def reports_of(raw: bytes) -> tuple[Report, ...]:
    return read_reports(read_mail(raw))


RETURNED_HEADERS = f"Content-Type: text/rfc822-headers\n\nMessage-ID: {ORIGINAL_ID}\nSubject: x\n"


def dsn(*recipients: str) -> bytes:
    status = "Reporting-MTA: dns; mx.mssante.fr\nOriginal-Envelope-Id: abc\n\n" + "\n".join(recipients)
    return report(
        "delivery-status",
        "Content-Type: text/plain\n\nUn avis.\n",
        f"Content-Type: message/delivery-status\n\n{status}",
        RETURNED_HEADERS,
    )


def test_a_dsn_gives_one_report_per_recipient() -> None:
    found = reports_of(
        dsn(
            "Final-Recipient: rfc822; dr.martin@mssante.fr\nAction: delivered\nStatus: 2.0.0\n",
            "Original-Recipient: rfc822;dr.durand@mssante.fr\nFinal-Recipient: rfc822; autre@ailleurs.fr\n"
            "Action: failed\nStatus: 5.1.1 (no such user)\nDiagnostic-Code: smtp; 550 5.1.1 inconnu\n  ici\n",
            "Final-Recipient: rfc822;dr.petit@mssante.fr\nAction: Relayed (to relay)\nStatus: 2.1.9\n",
        )
    )
    assert found == (
        Report("dsn", ORIGINAL_ID, "dr.martin@mssante.fr", "delivered", "", "Un avis."),
        Report("dsn", ORIGINAL_ID, "dr.durand@mssante.fr", "failed", "5.1.1", "550 5.1.1 inconnu ici"),
        Report("dsn", ORIGINAL_ID, "dr.petit@mssante.fr", "relayed", "", "Un avis."),
    )


def test_a_dsn_without_action_is_read_by_its_status() -> None:
    (found,) = reports_of(dsn("Final-Recipient: rfc822; a@b.fr\nStatus: 4.4.1\n"))
    assert (found.action, found.error_code) == ("delayed", "4.4.1")


def test_a_dsn_without_the_original_is_found_by_its_envelope_id() -> None:
    raw = report(
        "delivery-status",
        "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx\nOriginal-Envelope-Id: <e@x.fr>\n\n"
        "Final-Recipient: rfc822; a@b.fr\nAction: delivered\nStatus: 2.0.0\n",
    )
    assert reports_of(raw)[0].original_message_id == "<e@x.fr>"


def mdn(fields: str, *, subject: str = SUBJECT) -> bytes:
    return report(
        "disposition-notification",
        "Content-Type: text/plain; charset=utf-8\n\nAvis de lecture.\n",
        f"Content-Type: message/disposition-notification\n\n{fields}",
        f"Content-Type: message/rfc822\n\nMessage-ID: {ORIGINAL_ID}\nSubject: {SUBJECT}\n\nBonjour\n",
        subject=subject,
    )


@pytest.mark.parametrize(
    ("fields", "action", "error_code"),
    [
        ("Disposition: manual-action/MDN-sent-manually; displayed\n", "displayed", ""),
        ("Disposition: automatic-action/MDN-sent-automatically; processed\n", "processed", ""),
        ("Disposition: manual-action/MDN-sent-manually; deleted\n", "deleted", ""),
        ("Disposition: manual-action/MDN-sent-manually; read\n", "displayed", ""),
        ("Disposition: automatic-action/MDN-sent-automatically;dispatched\n", "dispatched", ""),
        (
            "Disposition: automatic-action/MDN-sent-automatically;\n"
            " processed/Error: 902^Identifiant de patient inconnu^\n",
            "processed",
            "902",
        ),
        (
            "Disposition: automatic-action/MDN-sent-automatically; processed/error\n"
            "Error: 904^Les traits ne correspondent pas^\n",
            "processed",
            "904",
        ),
        ("Disposition: automatic-action/MDN-sent-automatically; processed/error\n", "processed", "906"),
        ("Disposition: automatic-action/MDN-sent-automatically; processed/error,failed\n", "processed", "906"),
    ],
)
def test_an_mdn_is_read_in_every_form(fields: str, action: str, error_code: str) -> None:
    raw = mdn(f"Final-Recipient: rfc822;dr.martin@mssante.fr\nOriginal-Message-ID: <vu@x.fr>\n{fields}")
    (found,) = reports_of(raw)
    assert (found.type, found.action, found.error_code) == ("mdn", action, error_code)
    assert (found.original_message_id, found.recipient) == ("<vu@x.fr>", "dr.martin@mssante.fr")


def test_the_code_of_a_ko_subject_is_read() -> None:
    raw = mdn(
        "Disposition: automatic-action/MDN-sent-automatically; processed/error\n",
        subject=f"[KO =?utf-8?Q?Int=C3=A9gration_syst=C3=A8me_!=5D=5B903?=] {SUBJECT}",
    )
    assert reports_of(raw)[0].error_code == "903"


def test_a_missing_original_message_id_is_taken_from_the_returned_message() -> None:
    (found,) = reports_of(mdn("Disposition: manual-action/MDN-sent-manually; displayed\n"))
    assert (found.original_message_id, found.recipient) == (ORIGINAL_ID, "dr.martin@mssante.fr")


@pytest.mark.parametrize(
    ("marker", "code"),
    [
        ("[KO Intégration système !][902]", "902"),
        ("[Erreur d'intégration !][902]", "902"),
        ("[KO Intégration] 905", "905"),
        ("[KO Intégration système !]", "906"),
    ],
)
def test_the_plain_mail_of_a_failed_integration_is_a_report(marker: str, code: str) -> None:
    raw = crlf(
        f"From: a@b.fr\nSubject: {marker} {SUBJECT}\nContent-Type: multipart/mixed; boundary=m\n\n--m\n\nInconnu\n"
        f"--m\nContent-Type: message/rfc822\n\n"
    )
    (found,) = reports_of(raw + original() + b"\r\n--m--\r\n")
    assert (found.error_code, found.original_message_id, found.recipient) == (code, ORIGINAL_ID, "a@b.fr")


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("Lu : lettre", ("mdn", "displayed")),
        ("Non lu : lettre", ("mdn", "deleted")),
        ("Remis : lettre", ("dsn", "delivered")),
        ("Non remis : lettre", ("dsn", "failed")),
    ],
)
def test_a_receipt_in_words_alone_is_read_by_its_subject(subject: str, expected: tuple[str, str]) -> None:
    (found,) = reports_of(report("x", "\nVotre message.\n", RETURNED_HEADERS, subject=subject))
    assert (found.type, found.action) == expected
    assert found.original_message_id == ORIGINAL_ID


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ("Return-Path: <>\nSubject: Mail delivery failed: returning message to sender\n", ("dsn", "failed")),
        ("Return-Path: <>\nSubject: Delivery Status Notification (Delay)\n", ("dsn", "delayed")),
        ("Auto-Submitted: auto-replied\nSubject: Lu : lettre\n", ("mdn", "displayed")),
    ],
)
def test_a_robot_that_writes_free_text_is_still_a_report(headers: str, expected: tuple[str, str]) -> None:
    body = f"Hello,\n  dr.martin@mssante.fr\n    550 5.1.1 unknown\n\n> Message-ID: {ORIGINAL_ID}\n"
    mail = read_mail(crlf(f"From: dr.martin@mssante.fr\n{headers}\n{body}"))
    assert mail.category == "report"
    (found,) = read_reports(mail)
    assert (found.type, found.action) == expected
    assert (found.recipient, found.original_message_id) == ("dr.martin@mssante.fr", ORIGINAL_ID)


def test_a_person_who_writes_lu_is_no_report() -> None:
    assert read_mail(crlf("From: a@b.fr\nSubject: Lu : je change le traitement\n\nBonjour\n")).category == "plain"


def test_a_report_that_says_nothing_gives_nothing() -> None:
    assert reports_of(report("x", "\nBonjour\n")) == ()


def test_a_plain_mail_is_no_report() -> None:
    assert reports_of(original()) == ()


def answer(error_code: str = "", **changes: object) -> bytes:
    raw = original(Original_Recipient="rfc822;secretariat@ehpad.mssante.fr")
    values: dict[str, object] = {
        "original_raw": raw,
        "mailbox": Address("secretariat@ehpad.mssante.fr", "EHPAD Les Tilleuls"),
        "message_id": "<mdn.1@ehpad.mssante.fr>",
        "date": NOON,
        "disposition": "processed",
        "automatic": True,
        "error_code": error_code,
    }
    return compose_mdn(read_mail(raw), **(values | changes))  # type: ignore[arg-type]  # the values above are its own


@pytest.mark.parametrize("error_code", ["", "902", "906"])
@pytest.mark.parametrize("disposition", ["displayed", "processed", "deleted"])
def test_the_mdn_we_send_reads_back(disposition: str, error_code: str) -> None:
    raw = answer(error_code, disposition=disposition)
    mail = read_mail(raw)
    (found,) = read_reports(mail)
    assert (found.original_message_id, found.recipient) == (ORIGINAL_ID, "secretariat@ehpad.mssante.fr")
    assert (found.action, found.error_code) == ("processed" if error_code else disposition, error_code)
    assert mail.subject == (f"[KO Intégration système !][{error_code}] {SUBJECT}" if error_code else SUBJECT)
    assert mail.leaves[2].content == original(Original_Recipient="rfc822;secretariat@ehpad.mssante.fr")
    assert not may_answer(mail)


def test_a_refusal_says_why_in_french() -> None:
    assert "902 – Identifiant de patient inconnu." in read_mail(answer("902")).body
    with pytest.raises(ValueError, match="no ANS application error 999"):
        answer("999")


@pytest.mark.parametrize("error_code", sorted(APPLICATION_ERRORS))
def test_the_error_mail_we_send_where_no_mdn_was_asked_reads_back(error_code: str) -> None:
    raw = compose_error_mail(
        read_mail(original()),
        original_raw=original(),
        mailbox=Address("secretariat@ehpad.mssante.fr"),
        message_id="<ko.1@ehpad.mssante.fr>",
        date=NOON,
        error_code=error_code,
    )
    mail = read_mail(raw)
    assert (mail.category, mail.to) == ("report", (Address("service@chu.mssante.fr"),))
    assert mail.subject == f"[KO Intégration système !][{error_code}] {SUBJECT}"
    assert APPLICATION_ERRORS[error_code] in mail.body
    assert mail.leaves[1].content == original()
    (found,) = read_reports(mail)
    assert (found.type, found.action, found.error_code) == ("mdn", "processed", error_code)
    assert (found.original_message_id, found.recipient) == (ORIGINAL_ID, "secretariat@ehpad.mssante.fr")


def test_an_error_mail_of_an_unknown_code_is_refused() -> None:
    with pytest.raises(ValueError, match="no ANS application error 42"):
        compose_error_mail(
            read_mail(original()),
            original_raw=original(),
            mailbox=Address("a@b.fr"),
            message_id="<1@b.fr>",
            date=NOON,
            error_code="42",
        )


def sent_dsn(*deliveries: Delivery, whole: bool = False) -> bytes:
    return compose_dsn(
        deliveries,
        server=ReportingServer("mx.operateur.fr", Address("postmaster@operateur.fr", "Opérateur")),
        submitted=SubmittedMail("service@chu.mssante.fr", original(), NOON, returned_whole=whole),
        message_id="<dsn.1@operateur.fr>",
        date=NOON,
    )


ADDRESSES = st.from_regex(r"[a-z0-9.+-]{1,20}@[a-z0-9]{1,10}\.fr", fullmatch=True)
DELIVERIES = st.builds(
    Delivery,
    recipient=ADDRESSES,
    action=st.sampled_from(["delivered", "relayed", "delayed", "failed"]),
    status=st.sampled_from(["2.0.0", "4.4.1", "5.1.1"]),
    diagnostic=st.text(max_size=40),
)


@settings(max_examples=60, deadline=None)
@given(deliveries=st.lists(DELIVERIES, min_size=1, max_size=4), whole=st.booleans())
def test_the_dsn_we_send_reads_back_to_the_same_outcomes(
    deliveries: list[Delivery], whole: bool
) -> None:  # drawn by hypothesis
    raw = sent_dsn(*deliveries, whole=whole)
    mail = read_mail(raw)
    assert mail.category == "report"
    assert not may_answer(mail)
    assert [(each.type, each.recipient, each.action) for each in read_reports(mail)] == [
        ("dsn", delivery.recipient, delivery.action) for delivery in deliveries
    ]
    assert {each.original_message_id for each in read_reports(mail)} == {ORIGINAL_ID}
    assert (mail.leaves[-1].content == original()) is whole


def test_a_dsn_returns_headers_alone_unless_asked_for_all() -> None:
    mail = read_mail(sent_dsn(Delivery("a@b.fr", "delivered", "2.0.0")))
    assert [leaf.declared_type for leaf in mail.leaves][1:] == ["message/delivery-status", "text/rfc822-headers"]
    assert b"%PDF" not in sent_dsn(Delivery("a@b.fr", "delivered", "2.0.0"))
    assert mail.subject == "Message remis à son destinataire"


def test_the_gravest_outcome_is_the_subject_of_a_dsn() -> None:
    raw = sent_dsn(Delivery("a@b.fr", "delivered", "2.0.0"), Delivery("c@d.fr", "failed", "5.1.1", "550 inconnu"))
    assert read_mail(raw).subject == "Message non remis"
    with pytest.raises(ValueError, match="at least one recipient"):
        sent_dsn()


def test_the_mode_of_an_mdn_says_who_acted() -> None:
    assert b"manual-action/MDN-sent-manually; displayed" in answer(disposition="displayed", automatic=False)
    assert b"automatic-action/MDN-sent-automatically; processed/error\r\nError: 902^" in answer("902")


def test_an_mdn_is_answered_only_to_who_asked_and_sent() -> None:
    asked = read_mail(original())
    assert may_answer(asked)
    assert not may_answer(replace(asked, disposition_notification_to=""))
    assert not may_answer(replace(asked, return_path="<>"))
    assert not may_answer(replace(asked, return_path=""))
    assert not may_answer(replace(asked, return_path="autre@chu.mssante.fr"))
    assert not may_answer(replace(asked, category="automatic"))
    assert not may_answer(replace(asked, disposition_notification_to="service@chu.mssante.fr, espion@ailleurs.fr"))
