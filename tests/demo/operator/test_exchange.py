"""Two operators of one circle: mail crosses under mutual TLS, and reports come back as they were asked for."""

import email
import smtplib
import ssl
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import default

import pytest
from imapclient import IMAPClient
from tests.demo.operator.conftest import DOCTOR, HOSPITAL, HOSPITAL_DOMAIN, MACHINE, SECRETARY, Circle
from tests.support.mail_clients import TIMEOUT, client_context, letter, mailbox, submission, wait_for_messages

from liaison.demo.operator.config import OperatorConfig
from liaison.demo.pki import Credential


@pytest.fixture
def doctor(circle: Circle) -> Iterator[IMAPClient]:
    with mailbox(circle.home, client_context(circle.authority)) as client:
        client.login(DOCTOR, "mot de passe")
        yield client


@pytest.fixture
def hospital(circle: Circle) -> Iterator[IMAPClient]:
    with mailbox(circle.hospital, client_context(circle.authority)) as client:
        client.login(HOSPITAL, "secret")
        yield client


def send(
    circle: Circle, recipient: str, mail_options: list[str], recipient_options: list[str], content: bytes = b""
) -> bytes:
    """Send from the doctor with those ESMTP parameters; the bytes sent."""
    content = content or letter(DOCTOR, recipient).as_bytes(policy=default.clone(linesep="\r\n"))
    with submission(circle.home, client_context(circle.authority)) as client:
        client.login(DOCTOR, "mot de passe")
        assert client.mail(DOCTOR, mail_options)[0] == 250
        assert client.rcpt(recipient, recipient_options)[0] == 250
        assert client.data(content)[0] == 250
    return content


def last(client: IMAPClient, count: int) -> bytes:
    uid = wait_for_messages(client, count)[-1]
    return bytes(client.fetch([uid], ["BODY.PEEK[]"])[uid][b"BODY[]"])


def number(client: IMAPClient) -> int:
    return int(client.select_folder("INBOX")[b"EXISTS"])


def report_of(raw: bytes) -> tuple[EmailMessage, dict[str, str]]:
    """A delivery report and the fields of its two blocks."""
    message = email.message_from_bytes(raw, policy=default)
    assert message.get_content_type() == "multipart/report"
    status = message.get_payload(1)
    assert status.get_content_type() == "message/delivery-status"
    return message, {name: str(value) for block in status.get_payload() for name, value in block.items()}


@pytest.fixture
def transport(circle: Circle) -> Iterator[smtplib.SMTP]:
    """A connection to the home's transport port as the hospital's operator opens it."""
    credential = circle.authority.server_certificate(circle.hospital.host_names)
    with to_transport(circle.home, client_context(circle.authority, credential)) as client:
        yield client


def to_transport(config: OperatorConfig, context: ssl.SSLContext) -> smtplib.SMTP:
    client = smtplib.SMTP(config.host, config.transport_port or 0, timeout=TIMEOUT)
    client.starttls(context=context)
    client.ehlo()
    return client


def test_mail_crosses_with_its_bytes_and_a_trace_of_each_hop(circle: Circle, hospital: IMAPClient) -> None:
    before = number(hospital)
    content = send(circle, HOSPITAL, [], [])
    raw = last(hospital, before + 1)
    trace, _, rest = raw.partition(b"From: ")
    assert b"From: " + rest == content
    assert trace.startswith(f"Return-Path: <{DOCTOR}>\r\n".encode())
    assert trace.count(b"Received: from ") == 2


def test_no_report_is_sent_for_a_success_nobody_asked_about(circle: Circle, doctor: IMAPClient) -> None:
    before = number(doctor)
    send(circle, SECRETARY, [], [])
    send(circle, SECRETARY, [], ["NOTIFY=NEVER"])
    send(circle, SECRETARY, [], ["NOTIFY=SUCCESS"])
    last(doctor, before + 1)
    assert len(wait_for_messages(doctor, before + 1)) == before + 1


@pytest.mark.parametrize("recipient", [SECRETARY, HOSPITAL])
def test_a_delivery_report_says_what_was_asked_by_whom(circle: Circle, doctor: IMAPClient, recipient: str) -> None:
    before = number(doctor)
    content = send(
        circle,
        recipient,
        ["RET=HDRS", "ENVID=Envoi+2B42"],
        ["NOTIFY=SUCCESS,FAILURE,DELAY", f"ORCPT=rfc822;Premier+40{HOSPITAL_DOMAIN}"],
    )
    raw = last(doctor, before + 1)
    message, fields = report_of(raw)
    assert raw.startswith(b"Return-Path: <>\r\n")
    assert message["Auto-Submitted"] == "auto-replied"
    assert fields["Action"] == "delivered"
    assert fields["Status"] == "2.0.0"
    assert fields["Original-Envelope-Id"] == "Envoi+42"
    assert fields["Original-Recipient"] == f"rfc822; Premier@{HOSPITAL_DOMAIN}"
    assert fields["Final-Recipient"] == f"rfc822; {recipient}"
    headers = message.get_payload(2)
    assert headers.get_content_type() == "text/rfc822-headers"
    assert content.split(b"\r\n\r\n")[0] in raw
    assert b"le r\xc3\xa9sident est rentr\xc3\xa9" not in raw


def test_an_unknown_mailbox_at_the_other_operator_comes_back_whole(circle: Circle, doctor: IMAPClient) -> None:
    before = number(doctor)
    content = send(circle, f"personne@{HOSPITAL_DOMAIN}", ["RET=FULL"], [])
    raw = last(doctor, before + 1)
    message, fields = report_of(raw)
    assert fields["Action"] == "failed"
    assert fields["Status"] == "5.1.1"
    assert message.get_payload(2).get_content_type() == "message/rfc822"
    assert content in raw


def test_a_failure_report_brings_only_the_headers_back_unless_asked(circle: Circle, doctor: IMAPClient) -> None:
    before = number(doctor)
    send(circle, f"personne@{HOSPITAL_DOMAIN}", [], [])
    raw = last(doctor, before + 1)
    message, fields = report_of(raw)
    assert fields["Action"] == "failed"
    assert message.get_payload(2).get_content_type() == "text/rfc822-headers"
    assert b"Subject: Retour d'hospitalisation" in raw
    assert b"le r\xc3\xa9sident est rentr\xc3\xa9" not in raw


def test_never_means_no_report_even_for_a_failure(circle: Circle, doctor: IMAPClient) -> None:
    before = number(doctor)
    send(circle, f"personne@{HOSPITAL_DOMAIN}", [], ["NOTIFY=NEVER"])
    send(circle, f"personne@{HOSPITAL_DOMAIN}", ["ENVID=second"], [])
    assert report_of(last(doctor, before + 1))[1]["Original-Envelope-Id"] == "second"
    assert number(doctor) == before + 1


def test_a_trusted_domain_with_no_operator_ends_in_a_failure_report(circle: Circle, doctor: IMAPClient) -> None:
    before = number(doctor)
    send(circle, "quelqu.un@perdu.mssante.test", [], [])
    _, fields = report_of(last(doctor, before + 1))
    assert (fields["Action"], fields["Status"]) == ("failed", "5.4.4")


def test_control_characters_hidden_in_xtext_make_no_header(circle: Circle, doctor: IMAPClient) -> None:
    before = number(doctor)
    send(
        circle, SECRETARY, ["ENVID=a+0D+0AX-Forged:+20yes"], ["NOTIFY=SUCCESS", "ORCPT=rfc822;a+0D+0AAction:+20failed"]
    )
    _, fields = report_of(last(doctor, before + 1))
    assert fields["Original-Envelope-Id"] == "a X-Forged: yes"
    assert fields["Action"] == "delivered"
    assert "X-Forged" not in fields


def test_dsn_is_announced_and_malformed_parameters_are_refused(circle: Circle) -> None:
    with submission(circle.home, client_context(circle.authority)) as client:
        assert client.has_extn("dsn")
        client.login(DOCTOR, "mot de passe")
        for option in ("RET=ALL", "ENVID=", "ENVID=a=b", "NOTIFY=NEVER", "ENVID=" + "a" * 101):
            assert client.mail(DOCTOR, [option])[0] == 501
        client.mail(DOCTOR)
        for option in ("NOTIFY=NEVER,SUCCESS", "NOTIFY=", "ORCPT=x", "ORCPT=rfc822;a+4", "RET=FULL", "INCONNU=1"):
            assert client.rcpt(SECRETARY, [option])[0] in (501, 555)


def test_the_transport_port_wants_the_certificate_of_an_operator(circle: Circle) -> None:
    with pytest.raises((ssl.SSLError, OSError, smtplib.SMTPException)):
        to_transport(circle.home, client_context(circle.authority))
    machine: Credential = circle.authority.client_certificate(MACHINE)
    with to_transport(circle.home, client_context(circle.authority, machine)) as client:
        assert client.mail(HOSPITAL)[0] == 550


def test_the_transport_port_takes_no_mail_before_tls(circle: Circle) -> None:
    with smtplib.SMTP(circle.home.host, circle.home.transport_port or 0, timeout=TIMEOUT) as client:
        client.ehlo()
        assert client.mail(HOSPITAL)[0] == 530


def test_an_operator_speaks_only_for_its_own_domains(transport: smtplib.SMTP) -> None:
    assert not transport.has_extn("auth")
    assert transport.mail(DOCTOR)[0] == 550
    assert transport.mail("quelqu.un@gmail.com")[0] == 550
    assert transport.mail(HOSPITAL)[0] == 250


def test_an_operator_takes_mail_for_its_own_mailboxes_only(transport: smtplib.SMTP) -> None:
    transport.mail("")
    assert transport.rcpt(HOSPITAL)[0] == 550
    assert transport.rcpt("quelqu.un@gmail.com")[0] == 550
    assert transport.rcpt("personne@btprms.mssante.test")[0] == 550
    assert transport.rcpt(DOCTOR)[0] == 250
