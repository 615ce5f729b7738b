"""Operators of the circle that behave otherwise: one that knows nothing of reports, one that never answers."""

import socket
import time
from dataclasses import replace

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from tests.demo.operator.conftest import DOCTOR, HOSPITAL, HOSPITAL_DOMAIN, SECRETARY
from tests.support.mail_clients import client_context, letter, mailbox, submission, wait_for_messages
from tests.support.operator import free_port, running_operator, start_operator, stop_operator

from liaison.demo.operator.config import OperatorConfig, Route
from liaison.demo.operator.tls import operator_facing
from liaison.demo.pki import ensure_authority


class Keeper:
    """An operator without DSN, keeping what it is handed."""

    def __init__(self) -> None:
        self.kept: list[tuple[str | None, list[str], bytes]] = []

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.kept.append((envelope.mail_from, envelope.rcpt_tos, envelope.original_content or b""))
        return "250 OK"


def test_an_operator_without_reports_gets_the_mail_and_the_sender_learns_it_was_relayed(home: OperatorConfig) -> None:
    authority, port, keeper = ensure_authority(home.pki), free_port(), Keeper()
    context = operator_facing(authority, authority.server_certificate(["127.0.0.1"]))
    other = Controller(keeper, hostname="127.0.0.1", port=port, tls_context=context, require_starttls=True)
    other.start()
    try:
        routed = replace(home, routes=(Route(HOSPITAL_DOMAIN, "127.0.0.1", port),))
        with running_operator(routed), mailbox(home, client_context(authority)) as reader:
            with submission(home, client_context(authority)) as client:
                client.login(DOCTOR, "mot de passe")
                client.mail(DOCTOR, ["RET=HDRS", "ENVID=un"])
                client.rcpt(HOSPITAL, ["NOTIFY=SUCCESS", f"ORCPT=rfc822;{HOSPITAL}"])
                client.data(letter(DOCTOR, HOSPITAL).as_bytes())
            reader.login(DOCTOR, "mot de passe")
            uid = wait_for_messages(reader, 1)[0]
            report = reader.fetch([uid], ["BODY.PEEK[]"])[uid][b"BODY[]"]
    finally:
        other.stop()
    assert [(sender, recipients) for sender, recipients, _ in keeper.kept] == [(DOCTOR, [HOSPITAL])]
    assert b"Action: relayed\r\n" in report
    assert b"Original-Envelope-Id: un\r\n" in report


def test_an_operator_that_never_answers_holds_up_neither_other_mail_nor_the_stop(home: OperatorConfig) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        routed = replace(home, routes=(Route(HOSPITAL_DOMAIN, "127.0.0.1", silent.getsockname()[1]),))
        process = start_operator(routed)
        try:
            context = client_context(ensure_authority(home.pki))
            with submission(home, context) as client:
                client.login(DOCTOR, "mot de passe")
                client.send_message(letter(DOCTOR, HOSPITAL))
                client.send_message(letter(DOCTOR, SECRETARY))
            with mailbox(home, context) as reader:
                reader.login(SECRETARY, "secret")
                wait_for_messages(reader, 1, seconds=5)
        finally:
            asked = time.monotonic()
            code = stop_operator(process)
    assert (code, time.monotonic() - asked < 5) == (0, True)
