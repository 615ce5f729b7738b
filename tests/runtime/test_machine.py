"""Folders, ports and secrets of one installation."""

import socket
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from liaison.runtime.errors import PortInUse, RuntimeProblem
from liaison.runtime.paths import Home
from liaison.runtime.ports import ensure_free, free_port
from liaison.runtime.secrets import secret

CLONE = Path(__file__).resolve().parents[2]


def test_the_home_is_the_one_the_environment_names(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LIAISON_HOME", str(tmp_path / "ailleurs"))
    assert Home.current().folder == tmp_path / "ailleurs"


def test_a_clone_keeps_its_state_in_var(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LIAISON_HOME", raising=False)
    assert Home.current().folder == CLONE / "var"


def test_an_installed_package_keeps_its_state_with_the_user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("LIAISON_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr("liaison.runtime.paths._CLONE", tmp_path / "lib")
    assert Home.current().folder == tmp_path / ".local" / "share" / "liaison"


def test_the_state_is_closed_to_other_accounts(tmp_path: Path) -> None:
    home = Home(tmp_path / "home").create().create()
    folders = [home.folder, home.blobs, home.keys, home.static, home.demo, home.log, home.run]
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in folders} == {0o700}


def test_postgresql_lives_in_the_home_of_an_ordinary_user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("LIAISON_POSTGRES_HOME", raising=False)
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert Home(tmp_path).postgres == tmp_path / "postgres"


def test_two_homes_of_root_have_two_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LIAISON_POSTGRES_HOME", raising=False)
    monkeypatch.setattr("os.geteuid", lambda: 0)
    first, second = Home(Path("/root/a")).postgres, Home(Path("/root/b")).postgres
    assert first != second
    assert first.parent == second.parent == Path("/var/lib/liaison")


def test_a_port_in_use_gets_a_clear_french_message() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortInUse, match=rf"^Le port {port} \(l'application web\) est déjà utilisé") as raised:
            ensure_free(port, "l'application web")
    assert isinstance(raised.value, RuntimeProblem)
    ensure_free(port, "l'application web")


def test_a_free_port_can_be_listened_on() -> None:
    with socket.create_server(("127.0.0.1", free_port())) as server:
        assert server.getsockname()[1] > 1023


def test_a_secret_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    home = Home(tmp_path)
    first = secret(home, "cle", 48)
    assert len(first) == 48
    assert secret(home, "cle", 48) == first
    assert secret(home, "autre", 48) != first
    assert stat.S_IMODE((home.keys / "cle").stat().st_mode) == 0o600


def test_all_who_ask_for_a_new_secret_at_once_get_the_same(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        answers = set(pool.map(lambda _: secret(Home(tmp_path), "cle"), range(64)))
    assert len(answers) == 1
    assert [path.name for path in (tmp_path / "keys").iterdir()] == ["cle"]
