"""Submission: who may send, what, to whom."""

from tests.demo.operator.conftest import DOCTOR, SECRETARY, Circle
from tests.support.mail_clients import client_context, letter, mailbox, submission, wait_for_messages


def test_a_person_sends_with_a_password_and_the_other_reads_it(circle: Circle) -> None:
    context = client_context(circle.authority)
    with submission(circle.home, context) as client:
        client.login(DOCTOR, "mot de passe")
        client.send_message(letter(DOCTOR, SECRETARY))
    with mailbox(circle.home, context) as client:
        client.login(SECRETARY, "secret")
        (uid,) = wait_for_messages(client, 1)
        raw = client.fetch([uid], ["BODY.PEEK[]"])[uid][b"BODY[]"]
    assert raw.startswith(b"Return-Path: <" + DOCTOR.encode() + b">\r\nReceived: from ")
