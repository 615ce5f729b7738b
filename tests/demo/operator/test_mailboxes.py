"""Mailboxes over IMAP, as Thunderbird, mutt or a robot open them."""

import imaplib
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError, LoginError
from tests.demo.operator.conftest import DOCTOR, MACHINE, SECRETARY, Circle
from tests.support.mail_clients import (
    TIMEOUT,
    client_context,
    letter,
    mailbox,
    starttls_imaplib,
    submission,
    wait_for_messages,
)

from liaison.demo.pki import ensure_authority

EIGHT_MEBIBYTES = 8 * 1024 * 1024


@pytest.fixture
def doctor(circle: Circle) -> Iterator[IMAPClient]:
    with mailbox(circle.home, client_context(circle.authority)) as client:
        client.login(DOCTOR, "mot de passe")
        yield client


def send(circle: Circle, content: bytes, recipient: str = DOCTOR) -> None:
    with submission(circle.home, client_context(circle.authority)) as client:
        client.login(SECRETARY, "secret")
        client.sendmail(SECRETARY, [recipient], content)


def test_the_folders_every_client_expects_are_there_with_their_use(doctor: IMAPClient) -> None:
    uses = {name: set(flags) for flags, _, name in doctor.list_folders()}
    assert {"INBOX", "Sent", "Drafts", "Trash"} <= uses.keys()
    assert [name for name, flags in uses.items() if b"\\Sent" in flags] == ["Sent"]
    assert b"\\Drafts" in uses["Drafts"]
    assert b"\\Trash" in uses["Trash"]


def test_a_client_appends_flags_searches_copies_moves_and_expunges(doctor: IMAPClient) -> None:
    doctor.create_folder("Essais")
    reply = doctor.append("Essais", letter(DOCTOR, SECRETARY).as_bytes(), flags=[b"\\Draft"])
    assert b"APPENDUID" in reply
    doctor.select_folder("Essais")
    (uid,) = doctor.search(["DRAFT", "SUBJECT", "hospitalisation"])
    doctor.add_flags([uid], [b"\\Flagged", b"$Integre"])
    assert {b"\\Flagged", b"$Integre", b"\\Draft"} <= set(doctor.get_flags([uid])[uid])
    assert doctor.search(["KEYWORD", "$Integre"]) == [uid]
    doctor.copy([uid], "Drafts")
    doctor.move([uid], "Trash")
    assert doctor.search() == []
    doctor.select_folder("Trash")
    (gone,) = doctor.search()
    assert b"$Integre" in doctor.get_flags([gone])[gone]
    doctor.delete_messages([gone])
    doctor.uid_expunge([gone])
    assert doctor.search() == []
    assert doctor.folder_status("Drafts", ["MESSAGES"])[b"MESSAGES"] == 1
    doctor.delete_folder("Essais")
    assert not doctor.folder_exists("Essais")


def test_peek_leaves_unseen_and_a_plain_fetch_marks_seen(doctor: IMAPClient) -> None:
    doctor.append("Sent", b"Subject: x\r\n\r\nbonjour\r\n")
    doctor.select_folder("Sent")
    uid = doctor.search()[-1]
    doctor.fetch([uid], ["BODY.PEEK[]"])
    assert b"\\Seen" not in doctor.get_flags([uid])[uid]
    doctor.fetch([uid], ["BODY[]"])
    assert b"\\Seen" in doctor.get_flags([uid])[uid]


def test_the_structure_and_the_parts_of_a_message_can_be_fetched(doctor: IMAPClient) -> None:
    message = letter(DOCTOR, SECRETARY)
    message.add_attachment(b"PK\x03\x04", maintype="application", subtype="zip", filename="IHE_XDM.ZIP")
    raw = message.as_bytes(policy=message.policy.clone(linesep="\r\n"))
    doctor.append("Sent", raw)
    doctor.select_folder("Sent")
    uid = doctor.search()[-1]
    parts = doctor.fetch([uid], ["BODYSTRUCTURE", "ENVELOPE", "RFC822.SIZE", "BODY.PEEK[2]"])[uid]
    assert parts[b"BODYSTRUCTURE"].is_multipart
    assert parts[b"ENVELOPE"].subject == b"Retour d'hospitalisation"
    assert parts[b"RFC822.SIZE"] == len(raw)
    assert parts[b"BODY[2]"].strip() == b"UEsDBA=="


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.one_of(st.binary(min_size=1, max_size=400), st.text("ab:\r\n \t.-", min_size=1).map(str.encode)))
def test_any_bytes_come_back_as_they_were(doctor: IMAPClient, content: bytes) -> None:
    doctor.multiappend("Drafts", [content])  # append() would mend the line ends on its way
    doctor.select_folder("Drafts")
    uid = doctor.search()[-1]
    assert doctor.fetch([uid], ["BODY.PEEK[]"])[uid][b"BODY[]"] == content


def test_a_message_of_8_mib_is_delivered_byte_for_byte(circle: Circle, doctor: IMAPClient) -> None:
    line = bytes(range(33, 127)).replace(b".", b"") + b"\r\n"
    content = (
        b"From: " + SECRETARY.encode() + b"\r\nSubject: gros\r\n\r\n.\r\n..\r\n" + line * (EIGHT_MEBIBYTES // len(line))
    )
    before = len(wait_for_messages(doctor, 0))
    send(circle, content)
    uid = wait_for_messages(doctor, before + 1)[-1]
    raw = doctor.fetch([uid], ["BODY.PEEK[]"])[uid][b"BODY[]"]
    headers, _, _ = raw.partition(b"From: ")
    assert raw == headers + content
    assert headers.startswith(b"Return-Path: <" + SECRETARY.encode() + b">\r\nReceived: ")


def test_a_big_append_goes_through_starttls(circle: Circle) -> None:
    content = b"Subject: gros\r\n\r\n" + b"x" * 70 * 1024 * 64 + b"\r\n"
    with starttls_imaplib(circle.home, client_context(circle.authority)) as client:
        client.login(DOCTOR, "mot de passe")
        client.append("Trash", None, None, content)
        client.select("Trash")
        number = client.search(None, "ALL")[1][0].split()[-1]
        answer = client.fetch(number, "(BODY.PEEK[])")[1]
        client.store(number, "+FLAGS", "\\Deleted")
        client.expunge()
    assert answer[0][1] == content


def test_idle_tells_of_a_delivery_at_once(circle: Circle, doctor: IMAPClient) -> None:
    before = doctor.select_folder("INBOX")[b"EXISTS"]
    doctor.idle()
    sender = threading.Timer(0.3, send, (circle, letter(SECRETARY, DOCTOR).as_bytes()))
    sender.start()
    started = time.monotonic()
    pushed = doctor.idle_check(timeout=TIMEOUT)
    waited = time.monotonic() - started
    doctor.idle_done()
    sender.join()
    assert (before + 1, b"EXISTS") in pushed
    assert waited < 5


def test_a_delivery_between_select_and_idle_is_told_too(circle: Circle, doctor: IMAPClient) -> None:
    before = doctor.select_folder("INBOX")[b"EXISTS"]
    send(circle, letter(SECRETARY, DOCTOR).as_bytes())
    with mailbox(circle.home, client_context(circle.authority)) as other:
        other.login(DOCTOR, "mot de passe")
        wait_for_messages(other, before + 1)
    doctor.idle()
    pushed = doctor.idle_check(timeout=5)
    doctor.idle_done()
    assert (before + 1, b"EXISTS") in pushed


def test_a_session_sees_what_another_changes(circle: Circle, doctor: IMAPClient) -> None:
    doctor.append("Sent", b"Subject: x\r\n\r\nbonjour\r\n")
    doctor.select_folder("Sent")
    uid = doctor.search()[-1]
    with mailbox(circle.home, client_context(circle.authority)) as other:
        other.login(DOCTOR, "mot de passe")
        other.select_folder("Sent")
        other.add_flags([uid], [b"\\Flagged"])
        doctor.noop()
        assert b"\\Flagged" in doctor.get_flags([uid])[uid]
        other.delete_messages([uid])
        other.expunge()
    doctor.noop()
    assert uid not in doctor.search()


def test_no_password_is_taken_in_clear_text(circle: Circle) -> None:
    with imaplib.IMAP4(circle.home.host, circle.home.imap_port or 0, timeout=TIMEOUT) as client:
        assert "LOGINDISABLED" in client.capabilities
        assert not [name for name in client.capabilities if name.startswith("AUTH=")]
        with pytest.raises(imaplib.IMAP4.error):
            client.login(DOCTOR, "mot de passe")


def test_commands_slipped_in_the_clear_behind_starttls_are_not_obeyed(circle: Circle) -> None:
    with socket.create_connection((circle.home.host, circle.home.imap_port or 0), TIMEOUT) as raw:
        raw.recv(1024)
        raw.sendall(b"a STARTTLS\r\nb CREATE Pirate\r\n")
        answer = raw.recv(1024)
    assert b"Ready to handshake" not in answer
    assert b"BYE" in answer


def test_a_password_opens_under_starttls(circle: Circle) -> None:
    with starttls_imaplib(circle.home, client_context(circle.authority)) as client:
        assert client.login(DOCTOR, "mot de passe")[0] == "OK"


def test_a_wrong_password_and_a_machine_with_a_password_are_refused(circle: Circle) -> None:
    for address, password in ((DOCTOR, "secret"), (MACHINE, "secret"), ("inconnu@btprms.mssante.test", "secret")):
        with mailbox(circle.home, client_context(circle.authority)) as client, pytest.raises(LoginError):
            client.login(address, password)


def test_a_machine_opens_its_mailbox_with_its_certificate(circle: Circle) -> None:
    send(circle, letter(SECRETARY, MACHINE).as_bytes(), MACHINE)
    context = client_context(circle.authority, circle.authority.client_certificate(MACHINE))
    with mailbox(circle.home, context) as client:
        client.sasl_login("EXTERNAL", lambda _challenge: b"")
        assert wait_for_messages(client, 1)
    with starttls_imaplib(circle.home, context) as client:
        assert client.authenticate("EXTERNAL", lambda _challenge: MACHINE.encode())[0] == "OK"


def test_external_is_refused_without_a_certificate_or_for_another(circle: Circle) -> None:
    certificate = circle.authority.client_certificate(MACHINE)
    other = circle.authority.client_certificate(DOCTOR)
    attempts = ((None, b""), (certificate, DOCTOR.encode()), (other, b""))
    for credential, identity in attempts:
        context = client_context(circle.authority, credential)
        with mailbox(circle.home, context) as client, pytest.raises(IMAPClientError):
            client.sasl_login("EXTERNAL", lambda _challenge, identity=identity: identity)


def test_a_certificate_from_another_authority_is_refused(circle: Circle, tmp_path: Path) -> None:
    rogue = ensure_authority(tmp_path / "rogue").client_certificate(MACHINE)
    with (
        pytest.raises((ssl.SSLError, OSError, imaplib.IMAP4.abort)),
        mailbox(circle.home, client_context(circle.authority, rogue)) as client,
    ):
        client.noop()


def test_external_is_offered_only_to_who_shows_a_certificate(circle: Circle) -> None:
    certificate = circle.authority.client_certificate(MACHINE)
    for credential, offered in ((None, False), (certificate, True)):
        context = client_context(circle.authority, credential)
        with mailbox(circle.home, context) as client:
            assert client.has_capability("AUTH=EXTERNAL") == offered
            assert client.has_capability("AUTH=PLAIN")
        with starttls_imaplib(circle.home, context) as plain:
            assert ("AUTH=EXTERNAL" in plain.capabilities) == offered


def test_an_account_sees_only_its_own_messages(circle: Circle, doctor: IMAPClient) -> None:
    doctor.append("Sent", b"Subject: secret\r\n\r\nx\r\n")
    with mailbox(circle.home, client_context(circle.authority)) as other:
        other.login(SECRETARY, "secret")
        other.select_folder("Sent")
        assert other.search(["SUBJECT", "secret"]) == []


def test_folders_are_renamed_with_those_under_them(doctor: IMAPClient) -> None:
    doctor.create_folder("Dossier")
    doctor.create_folder("Dossier/Clos")
    doctor.append("Dossier/Clos", b"Subject: x\r\n\r\nbonjour\r\n")
    doctor.rename_folder("Dossier", "Archives")
    names = {name for _, _, name in doctor.list_folders()}
    assert {"Archives", "Archives/Clos"} <= names
    assert "Dossier" not in names
    assert doctor.folder_status("Archives/Clos", ["MESSAGES"])[b"MESSAGES"] == 1
