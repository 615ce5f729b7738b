"""What an operator accepted or keeps outlives its process, however it ends."""

import signal
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from tests.demo.operator.conftest import DOCTOR, HOSPITAL, SECRETARY, operator_config, route_to
from tests.support.mail_clients import client_context, letter, mailbox, submission, wait_for_messages
from tests.support.operator import free_port, running_operator, start_operator, stop_operator

from liaison.demo.operator.config import Account, OperatorConfig, Route
from liaison.demo.operator.database import Database
from liaison.demo.operator.queue import Envelope, Queue, Recipient
from liaison.demo.pki import ensure_authority

State = tuple[int, dict[int, tuple[bytes, frozenset[bytes], datetime]], list[str]]


def send(config: OperatorConfig, count: int = 1, recipient: str = DOCTOR) -> None:
    with submission(config, client_context(ensure_authority(config.pki))) as client:
        client.login(SECRETARY, "secret")
        for _ in range(count):
            client.send_message(letter(SECRETARY, recipient))


def state_of(config: OperatorConfig, expected: int) -> State:
    with mailbox(config, client_context(ensure_authority(config.pki))) as client:
        client.login(DOCTOR, "mot de passe")
        uids = wait_for_messages(client, expected)
        validity = client.select_folder("INBOX", readonly=True)[b"UIDVALIDITY"]
        fetched = client.fetch(uids, ["BODY.PEEK[]", "FLAGS", "INTERNALDATE"])
        messages = {
            uid: (item[b"BODY[]"], frozenset(item[b"FLAGS"]) - {b"\\Recent"}, item[b"INTERNALDATE"])
            for uid, item in fetched.items()
        }
        return validity, messages, sorted(name for _, _, name in client.list_folders())


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGKILL])
def test_mailboxes_keep_uids_flags_dates_and_bytes(home: OperatorConfig, ending: signal.Signals) -> None:
    process = start_operator(home)
    send(home, 3)
    with mailbox(home, client_context(ensure_authority(home.pki))) as client:
        client.login(DOCTOR, "mot de passe")
        uids = wait_for_messages(client, 3)
        client.add_flags(uids[:1], [b"\\Seen", b"$Integre"])
        client.create_folder("Dossier été")
    before = state_of(home, 3)
    stop_operator(process, ending)
    with running_operator(home):
        assert state_of(home, 3) == before


def test_a_uid_is_never_given_twice_even_when_the_last_message_is_gone(home: OperatorConfig) -> None:
    context = client_context(ensure_authority(home.pki))
    with running_operator(home), mailbox(home, context) as client:
        send(home, 2)
        client.login(DOCTOR, "mot de passe")
        last = wait_for_messages(client, 2)[-1]
        client.delete_messages([last])
        client.expunge()
    with running_operator(home), mailbox(home, context) as client:
        send(home)
        client.login(DOCTOR, "mot de passe")
        assert wait_for_messages(client, 2)[-1] > last


def test_a_folder_made_again_has_another_uid_validity(home: OperatorConfig) -> None:
    with running_operator(home), mailbox(home, client_context(ensure_authority(home.pki))) as client:
        client.login(DOCTOR, "mot de passe")
        validities = set()
        for _ in range(3):
            client.create_folder("Essai")
            validities.add(client.select_folder("Essai")[b"UIDVALIDITY"])
            client.unselect_folder() if client.has_capability("UNSELECT") else client.close_folder()
            client.delete_folder("Essai")
    assert len(validities) == 3


def test_mail_accepted_just_before_a_crash_is_delivered_once(home: OperatorConfig) -> None:
    process = start_operator(home)
    context = client_context(ensure_authority(home.pki))
    with submission(home, context) as client:
        client.login(SECRETARY, "secret")
        for _ in range(5):
            client.send_message(letter(SECRETARY, DOCTOR))
        process.kill()
    stop_operator(process)
    with running_operator(home):
        _, messages, _ = state_of(home, 5)
        send(home)
        _, after, _ = state_of(home, 6)
    assert len(messages) == 5
    assert len(after) == 6


def test_every_commit_is_synced_to_the_disk(home: OperatorConfig) -> None:
    database = Database(home.home / "operator.sqlite3")
    with database.transaction() as connection:
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
    database.close()


@pytest.fixture
def far(home: OperatorConfig) -> OperatorConfig:
    """Another operator of the circle, not started."""
    config = operator_config(home.home.parent, "loin", "chu-reims.mssante.test", Account(HOSPITAL, "secret"))
    return replace(config, allowed_domains=home.domains)


def test_mail_for_an_operator_that_is_down_waits_on_disk_and_leaves_when_it_is_back(
    home: OperatorConfig, far: OperatorConfig
) -> None:
    home = replace(home, routes=(route_to(far),))
    process = start_operator(home)
    send(home, 2, HOSPITAL)
    stop_operator(process, signal.SIGKILL)
    context = client_context(ensure_authority(far.pki))
    with running_operator(home), running_operator(far), mailbox(far, context) as client:
        client.login(HOSPITAL, "secret")
        assert len(wait_for_messages(client, 2)) == 2


def test_an_operator_that_never_comes_back_ends_in_a_delay_report_then_a_failure_report(home: OperatorConfig) -> None:
    nowhere = Route("chu-reims.mssante.test", "127.0.0.1", free_port())
    home = replace(home, routes=(nowhere,), delayed_after=0.3, give_up_after=1.5)
    with running_operator(home), submission(home, client_context(ensure_authority(home.pki))) as client:
        client.login(DOCTOR, "mot de passe")
        client.mail(DOCTOR)
        client.rcpt(HOSPITAL, ["NOTIFY=FAILURE,DELAY"])
        client.data(letter(DOCTOR, HOSPITAL).as_bytes())
        _, messages, _ = state_of(home, 2)
    actions = [raw for raw, _, _ in messages.values()]
    assert b"Action: delayed\r\nStatus: 4.4.1\r\n" in actions[0]
    assert b"Action: failed\r\nStatus: 5.4.7\r\n" in actions[1]


def test_a_mailbox_gone_since_acceptance_ends_in_a_failure_report(home: OperatorConfig) -> None:
    home.home.mkdir()
    database = Database(home.home / "operator.sqlite3")
    lost = Recipient("parti@btprms.mssante.test")
    Queue(database).add(Envelope(DOCTOR, (lost,)), letter(DOCTOR, lost.address).as_bytes())
    database.close()
    with running_operator(home):
        _, messages, _ = state_of(home, 1)
    ((raw, _, received),) = messages.values()
    assert b"Final-Recipient: rfc822; parti@btprms.mssante.test\r\nAction: failed\r\nStatus: 5.1.1\r\n" in raw
    assert abs((datetime.now(UTC) - received.astimezone(UTC)).total_seconds()) < 60
