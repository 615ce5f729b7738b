"""Reports as servers, gateways and mail programs really send them: no part where it should be, no word too many."""

import pytest

from liaison.core.inspection.inspect import inspect
from liaison.core.mail.message import read_mail
from liaison.core.mail.reports import read_reports

MACHINE_PARTS = {
    "delivery-status": "Reporting-MTA: dns; mx.fr\n\nFinal-Recipient: rfc822; dr.martin@mssante.fr\n",
    "disposition-notification": "Final-Recipient: rfc822; dr.martin@mssante.fr\n",
}
HEADER = "From: dr.martin@mssante.fr\nTo: service@chu.fr\nIn-Reply-To: <lettre@chu.fr>\nMIME-Version: 1.0\n"


def crlf(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode()


def a_report(kind: str, fields: str, *, envelope: str = "report", subject: str = "Rapport", also: str = "") -> bytes:
    return crlf(
        f"{HEADER}Subject: {subject}\nContent-Type: multipart/{envelope}; boundary=r\n\n--r\n\nUn avis.\n"
        f"--r\nContent-Type: message/{kind}\n\n{MACHINE_PARTS[kind]}{fields}\n{also}--r--\n"
    )


@pytest.mark.parametrize(
    ("kind", "fields", "action"),
    [
        ("delivery-status", "Action: failed\nStatus: 5.1.1\n", "failed"),
        ("disposition-notification", "Disposition: manual-action/MDN-sent-manually; displayed\n", "displayed"),
    ],
)
def test_a_report_put_in_another_envelope_by_a_gateway_is_one(kind: str, fields: str, action: str) -> None:
    footer = "--r\nContent-Type: application/pdf; name=mentions.pdf\n\n%PDF-1.4\n"
    found = inspect("f", a_report(kind, fields, envelope="mixed", also=footer))
    assert (found["kind"], found["report"]["action"], found["documents"]) == ("report", action, [])


@pytest.mark.parametrize(
    ("fields", "action", "code"),
    [
        ("Diagnostic-Code: smtp; 550 5.1.1 unknown\n", "failed", "5.1.1"),
        ("Diagnostic-Code: smtp; 550 unknown\n", "failed", ""),
        ("Diagnostic-Code: smtp; 451 try later\n", "delayed", ""),
        ("Action: bounced\nStatus: 5.0.0\n", "failed", "5.0.0"),
        ("Status: 2.0.0\n", "delivered", ""),
    ],
)
def test_a_dsn_without_a_known_action_is_read_by_what_the_other_server_said(
    fields: str, action: str, code: str
) -> None:
    (report,) = read_reports(read_mail(a_report("delivery-status", fields)))
    assert (report.action, report.error_code) == (action, code)


@pytest.mark.parametrize("fields", ["", "Action: bounced\n", "Diagnostic-Code: x-unix; oops\n"])
def test_a_dsn_that_does_not_say_what_happened_never_says_delivered(fields: str) -> None:
    found = inspect("f", a_report("delivery-status", fields))
    assert (found["kind"], found["report"]) == ("report", None)
    assert "report_silent" in [each["code"] for each in found["warnings"]]


@pytest.mark.parametrize(
    ("subject", "body", "action"),
    [
        ("Lu : lettre", "Votre message\n\n  À : Dr Martin\n  Objet : lettre\n\na été lu le mardi 3 mars.", "displayed"),
        ("Non lu : lettre", "Votre message\n\n  Objet : lettre\n\na été supprimé sans être lu.", "deleted"),
        ("Read: letter", "Your message\n\n  To: Dr Martin\n\nwas read on Tuesday.", "displayed"),
        ("Accusé de lecture - lettre", "Ceci est un accusé de lecture de votre message.", "displayed"),
        ("Return Receipt (displayed) - lettre", "This is a Return Receipt for the mail you sent.", "displayed"),
    ],
)
def test_a_receipt_in_free_text_is_known_by_its_subject_and_its_sentence(subject: str, body: str, action: str) -> None:
    found = inspect("f", crlf(f"{HEADER}Subject: {subject}\nContent-Type: text/plain; charset=utf-8\n\n{body}\n"))
    assert (found["kind"], found["documents"]) == ("report", [])
    said = found["report"]
    assert (said["type"], said["action"], said["original_message_id"]) == ("mdn", action, "<lettre@chu.fr>")


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        ("Lu : je change le traitement", "Bonjour, votre message a été lu, je passe jeudi."),
        ("Votre lettre", "Votre message a été lu."),
        ("Lu : lettre", "Votre message est clair : je valide."),
        ("Lu : lettre", "Votre message a été lu, j'arrête le Kardégic."),
    ],
)
def test_the_words_of_a_person_are_no_receipt(subject: str, body: str) -> None:
    assert read_mail(crlf(f"{HEADER}Subject: {subject}\n\n{body}\n")).category == "plain"
