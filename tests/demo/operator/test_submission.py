"""Submission: who may send, as whom, to whom, how much."""

import base64
import smtplib
import ssl
from pathlib import Path

import pytest
from tests.demo.operator.conftest import DOCTOR, HOSPITAL, MACHINE, SECRETARY, Circle
from tests.support.mail_clients import TIMEOUT, client_context, letter, mailbox, submission, wait_for_messages

from liaison.demo.pki import Credential, ensure_authority


def as_machine(client: smtplib.SMTP) -> None:
    client.auth("EXTERNAL", lambda _challenge=None: "")


def code_of(refusal: pytest.ExceptionInfo[smtplib.SMTPResponseException]) -> int:
    return refusal.value.smtp_code


def test_a_person_sends_with_a_password_and_the_other_reads_it(circle: Circle) -> None:
    context = client_context(circle.authority)
    with submission(circle.home, context) as client:
        client.login(DOCTOR, "mot de passe")
        client.send_message(letter(DOCTOR, SECRETARY))
    with mailbox(circle.home, context) as client:
        client.login(SECRETARY, "secret")
        uid = wait_for_messages(client, 1)[-1]
        raw = client.fetch([uid], ["BODY.PEEK[]"])[uid][b"BODY[]"]
    assert raw.startswith(b"Return-Path: <" + DOCTOR.encode() + b">\r\nReceived: from ")


def test_a_machine_sends_with_its_certificate_under_starttls(circle: Circle) -> None:
    context = client_context(circle.authority, circle.authority.client_certificate(MACHINE))
    with submission(circle.home, context) as client:
        as_machine(client)
        assert client.send_message(letter(MACHINE, SECRETARY)) == {}


def test_a_machine_sends_with_its_certificate_under_implicit_tls(circle: Circle) -> None:
    context = client_context(circle.authority, circle.authority.client_certificate(MACHINE))
    port = circle.home.smtps_port or 0
    with smtplib.SMTP_SSL(circle.home.host, port, timeout=TIMEOUT, context=context) as client:
        client.ehlo()
        as_machine(client)
        assert client.send_message(letter(MACHINE, SECRETARY)) == {}


def test_a_certificate_that_names_no_machine_here_opens_nothing(circle: Circle) -> None:
    for address in ("inconnu@btprms.mssante.test", DOCTOR):
        context = client_context(circle.authority, circle.authority.client_certificate(address))
        with submission(circle.home, context) as client, pytest.raises(smtplib.SMTPAuthenticationError) as refusal:
            as_machine(client)
        assert code_of(refusal) == 535


def test_a_certificate_does_not_act_for_another_address(circle: Circle) -> None:
    context = client_context(circle.authority, circle.authority.client_certificate(MACHINE))
    with submission(circle.home, context) as client:
        code, _ = client.docmd("AUTH", "EXTERNAL " + base64.b64encode(DOCTOR.encode()).decode())
    assert code == 535


def test_a_certificate_from_another_authority_is_refused(circle: Circle, tmp_path: Path) -> None:
    rogue: Credential = ensure_authority(tmp_path / "rogue").client_certificate(MACHINE)
    context = client_context(circle.authority, rogue)
    with pytest.raises((ssl.SSLError, OSError, smtplib.SMTPServerDisconnected)), submission(circle.home, context):
        pass


def test_a_machine_has_no_password_and_a_wrong_password_opens_nothing(circle: Circle) -> None:
    for address, password in ((MACHINE, ""), (DOCTOR, "secret"), ("inconnu@btprms.mssante.test", "secret")):
        with submission(circle.home, client_context(circle.authority)) as client:
            with pytest.raises(smtplib.SMTPAuthenticationError) as refusal:
                client.login(address, password)
            assert code_of(refusal) == 535


def test_no_password_is_taken_in_clear_text(circle: Circle) -> None:
    with smtplib.SMTP(circle.home.host, circle.home.smtp_port or 0, timeout=TIMEOUT) as client:
        client.ehlo()
        assert not client.has_extn("auth")
        credentials = base64.b64encode(f"\0{DOCTOR}\0mot de passe".encode()).decode()
        assert client.docmd("AUTH", f"PLAIN {credentials}")[0] == 530
        assert client.mail(DOCTOR)[0] == 530


def test_external_is_offered_only_to_who_shows_a_certificate(circle: Circle) -> None:
    with submission(circle.home, client_context(circle.authority)) as client:
        assert sorted(client.esmtp_features["auth"].split()) == ["LOGIN", "PLAIN"]
    context = client_context(circle.authority, circle.authority.client_certificate(MACHINE))
    with submission(circle.home, context) as client:
        assert "EXTERNAL" in client.esmtp_features["auth"]


def test_nobody_sends_without_authentication(circle: Circle) -> None:
    with submission(circle.home, client_context(circle.authority)) as client:
        assert client.mail(DOCTOR)[0] == 530
        assert client.rcpt(SECRETARY)[0] == 503


def test_nobody_sends_from_the_address_of_another(circle: Circle) -> None:
    with submission(circle.home, client_context(circle.authority)) as client:
        client.login(DOCTOR, "mot de passe")
        with pytest.raises(smtplib.SMTPSenderRefused) as refusal:
            client.send_message(letter(SECRETARY, DOCTOR))
        assert code_of(refusal) == 550
        for author in (SECRETARY, f"{DOCTOR}, {SECRETARY}"):
            with pytest.raises(smtplib.SMTPDataError) as refused:
                client.send_message(letter(author, SECRETARY), from_addr=DOCTOR)
            assert code_of(refused) == 550


def test_two_from_headers_are_refused_even_when_one_is_true(circle: Circle) -> None:
    raw = f"From: {DOCTOR}\r\nFrom: {SECRETARY}\r\nSubject: x\r\n\r\nbonjour\r\n"
    with submission(circle.home, client_context(circle.authority)) as client:
        client.login(DOCTOR, "mot de passe")
        with pytest.raises(smtplib.SMTPDataError):
            client.sendmail(DOCTOR, [SECRETARY], raw)


def test_a_read_receipt_may_leave_with_a_null_return_path(circle: Circle) -> None:
    with submission(circle.home, client_context(circle.authority)) as client:
        client.login(DOCTOR, "mot de passe")
        assert client.sendmail("", [SECRETARY], letter(DOCTOR, SECRETARY).as_bytes()) == {}


def test_the_operator_never_relays_outside_the_circle_of_trust(circle: Circle) -> None:
    with submission(circle.home, client_context(circle.authority)) as client:
        client.login(DOCTOR, "mot de passe")
        client.mail(DOCTOR)
        for address in ("quelqu.un@gmail.com", "x@btprms.mssante.test.evil.org", "seul", f"{HOSPITAL}@evil.org"):
            assert client.rcpt(address)[0] in (550, 553)
        assert client.rcpt(HOSPITAL)[0] == 250


def test_an_unknown_local_mailbox_is_refused_at_once(circle: Circle) -> None:
    with submission(circle.home, client_context(circle.authority)) as client:
        client.login(DOCTOR, "mot de passe")
        client.mail(DOCTOR)
        code, text = client.rcpt("personne@btprms.mssante.test")
    assert (code, text[:5]) == (550, b"5.1.1")


def test_the_size_limit_is_announced_and_enforced(circle: Circle) -> None:
    limit = circle.home.size_limit
    with submission(circle.home, client_context(circle.authority)) as client:
        assert client.esmtp_features["size"] == str(limit)
        client.login(DOCTOR, "mot de passe")
        assert client.mail(DOCTOR, [f"SIZE={limit + 1}"])[0] == 552
        client.mail(DOCTOR)
        client.rcpt(SECRETARY)
        content = f"From: {DOCTOR}\r\n\r\n".encode() + (b"a" * 900 + b"\r\n") * (limit // 900)
        assert client.data(content)[0] == 552
        assert client.sendmail(DOCTOR, [SECRETARY], letter(DOCTOR, SECRETARY).as_bytes()) == {}


def test_a_message_going_round_in_circles_is_stopped(circle: Circle) -> None:
    loop = "Received: from here by there\r\n" * 31 + letter(DOCTOR, SECRETARY).as_string()
    with submission(circle.home, client_context(circle.authority)) as client:
        client.login(DOCTOR, "mot de passe")
        with pytest.raises(smtplib.SMTPDataError) as refusal:
            client.sendmail(DOCTOR, [SECRETARY], loop)
    assert code_of(refusal) == 554


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_an_old_tls_is_refused(circle: Circle) -> None:
    context = client_context(circle.authority)
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises((ssl.SSLError, OSError)), submission(circle.home, context):
        pass
