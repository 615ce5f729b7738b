"""The operator as a process: its ready line, its exit codes, its configuration, what it logs."""

import json
import socket
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from tests.demo.operator.conftest import DOCTOR, SECRETARY
from tests.support.mail_clients import client_context, letter, mailbox, submission, wait_for_messages
from tests.support.operator import PORTS, operator_log, running_operator, start_operator, stop_operator

from liaison.demo.operator.config import OperatorConfig, Route
from liaison.demo.pki import ensure_authority


def run(config_path: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "liaison.demo.operator", str(config_path)]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)


def test_it_says_ready_and_stops_cleanly_on_sigterm(home: OperatorConfig) -> None:
    process = start_operator(home)
    with mailbox(home, client_context(ensure_authority(home.pki))) as client:
        client.login(DOCTOR, "mot de passe")
        client.select_folder("INBOX")
        client.idle()
        assert stop_operator(process) == 0
    assert "Traceback" not in operator_log(home)


def test_a_port_in_use_is_said_in_french_with_exit_code_2(home: OperatorConfig) -> None:
    home.home.mkdir()
    path = home.home / "config.json"
    home.save(path)
    with socket.create_server((home.host, home.imap_port or 0)):
        result = run(path)
    assert result.returncode == 2
    assert f"le port {home.imap_port} de 127.0.0.1 est déjà utilisé" in result.stderr
    assert "Traceback" not in result.stderr
    assert result.stdout == ""


def test_two_operators_never_share_a_folder(home: OperatorConfig) -> None:
    with running_operator(home):
        path = home.home / "other.json"
        replace(home, **dict.fromkeys(PORTS)).save(path)
        result = run(path)
    assert result.returncode == 2
    assert "utilise déjà le dossier" in result.stderr


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"name": "x", "inconnu": 1}', '{"name": "x", "home": 3}'])
def test_an_unreadable_configuration_is_said_in_french_with_exit_code_2(tmp_path: Path, content: str) -> None:
    path = tmp_path / "config.json"
    path.write_text(content)
    with pytest.raises(ValueError, match="configuration illisible"):
        OperatorConfig.load(path)


def test_the_process_says_so_too(tmp_path: Path) -> None:
    result = run(tmp_path / "absent.json")
    assert result.returncode == 2
    assert "configuration illisible" in result.stderr


def test_a_configuration_comes_back_from_its_file_as_it_was(home: OperatorConfig) -> None:
    home.home.mkdir()
    full = replace(home, routes=(Route("a.test", "127.0.0.1", 25),), allowed_domains=("é.test",), smtps_port=None)
    path = home.home / "config.json"
    full.save(path)
    assert OperatorConfig.load(path) == full
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert json.loads(path.read_text())["smtps_port"] is None


def test_a_port_of_none_is_not_opened(home: OperatorConfig) -> None:
    only_imap = replace(home, smtp_port=None, smtps_port=None, imap_port=None, transport_port=None)
    with running_operator(only_imap):
        for name in ("smtp_port", "smtps_port", "imap_port", "transport_port"):
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection((home.host, getattr(home, name)), 2)
        socket.create_connection((home.host, home.imaps_port or 0), 2).close()


def test_the_log_names_nobody(home: OperatorConfig) -> None:
    context = client_context(ensure_authority(home.pki))
    with running_operator(home), submission(home, context) as client:
        client.login(DOCTOR, "mot de passe")
        client.send_message(letter(DOCTOR, SECRETARY, text="DUPONT Marcelle 255016712345678\n"))
        client.mail("pirate@evil.test")
        client.rcpt("victime@evil.test")
        client.docmd("DUPONT Marcelle")
        with mailbox(home, context) as reader:
            reader.login(SECRETARY, "secret")
            wait_for_messages(reader, 1)
            reader.search(["SUBJECT", "DUPONT"])
    log = operator_log(home)
    assert "accepted" in log
    assert "delivered" in log
    for private in (
        "martin",
        "secretariat",
        "evil",
        "DUPONT",
        "Marcelle",
        "hospitalisation",
        "mot de passe",
        "127.0.0.1",
    ):
        assert private not in log


def test_the_files_of_an_operator_are_for_its_owner_alone(home: OperatorConfig) -> None:
    with running_operator(home):
        for path in home.home.glob("operator.sqlite3*"):
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
