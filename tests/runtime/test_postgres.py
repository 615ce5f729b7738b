"""The embedded server, driven for real: made, shared, killed, adopted, moved, refused."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from liaison.runtime import leases
from liaison.runtime.errors import PostgresProblem
from liaison.runtime.paths import Home
from liaison.runtime.postgres import EmbeddedPostgres, database_url
from liaison.runtime.postgres_binaries import account_for, reachable_binaries
from liaison.runtime.postgres_cluster import Cluster

NOBODY = 65534
HOLDER = """
import sys
from pathlib import Path
from liaison.runtime.paths import Home
from liaison.runtime.postgres import EmbeddedPostgres
server = EmbeddedPostgres(Home(Path(sys.argv[1])))
print(server.start().as_text(), flush=True)
sys.stdin.read()
server.stop()
"""


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """pytest's own folders are closed to the account root hands the server to."""
    folder = Path(tempfile.mkdtemp(prefix="liaison-postgres-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def shared(place: Path) -> Iterator[Home]:
    """One cluster for the module: making it takes most of a second."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LIAISON_POSTGRES_HOME", str(place / "postgres"))
        home = Home(place / "home").create()
        yield home
        EmbeddedPostgres(home).erase()


@pytest.fixture
def server(shared: Home) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(shared)
    yield server
    server.stop()
    assert not server.is_running()


@contextmanager
def holder(home: Home) -> Iterator[subprocess.Popen[str]]:
    """Another process that uses the server until it is told to leave."""
    command = [sys.executable, "-c", HOLDER, str(home.folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline().startswith("postgresql://")
        yield process
        process.kill()


def postmaster_pid(home: Home) -> int:
    server = Cluster(home.postgres).postmaster()
    assert server
    return server.pid


def scalar(url: str, query: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(query.encode()).fetchone()
        return row[0] if row else None


def wait_for_death(pid: int) -> None:
    deadline = time.monotonic() + 10
    while leases.process(pid) and time.monotonic() < deadline:
        time.sleep(0.01)


def test_the_role_is_bound_by_row_level_security(server: EmbeddedPostgres) -> None:
    url = server.start().as_text()
    powers = (
        "SELECT rolsuper::text || rolbypassrls::text || rolcreatedb::text FROM pg_roles WHERE rolname = current_user"
    )
    assert scalar(url, powers) == "falsefalsetrue"
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TEMPORARY TABLE seen (mine boolean)")
        connection.execute("INSERT INTO seen VALUES (true), (false)")
        connection.execute("ALTER TABLE seen ENABLE ROW LEVEL SECURITY")
        connection.execute("ALTER TABLE seen FORCE ROW LEVEL SECURITY")
        connection.execute("CREATE POLICY own ON seen USING (mine)")
        assert connection.execute("SELECT count(*) FROM seen").fetchone() == (1,)


@pytest.mark.parametrize("extension", ["pg_trgm", "unaccent", "btree_gin"])
def test_the_role_may_create_the_extensions_it_needs(server: EmbeddedPostgres, extension: str) -> None:
    with psycopg.connect(server.start().as_text()) as connection:
        connection.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}".encode())


def test_french_words_are_searched_sorted_and_compared(server: EmbeddedPostgres) -> None:
    url = server.start().as_text()
    assert (
        scalar(url, "SELECT to_tsvector('french', 'médicamenteuses') @@ to_tsquery('french', 'médicamenteux')") is True
    )
    assert scalar(url, "SELECT upper('éÿ')") == "ÉŸ"


@pytest.mark.parametrize("setting", ["fsync", "full_page_writes", "data_checksums"])
def test_a_power_cut_loses_no_committed_row(server: EmbeddedPostgres, setting: str) -> None:
    assert scalar(server.start().as_text(), f"SHOW {setting}") == "on"


def test_no_row_value_reaches_the_log(server: EmbeddedPostgres, shared: Home) -> None:
    url = server.start().as_text()
    for statement in ("SELECT 'canari'::int", "SELECT * FROM canari", "SELECT 1/0 AS canari"):
        with pytest.raises(psycopg.Error), psycopg.connect(url) as connection:
            connection.execute(statement.encode())
    log = Cluster(shared.postgres).log.read_text()
    assert "ready to accept connections" in log
    assert "canari" not in log


def test_a_wrong_password_is_refused(server: EmbeddedPostgres) -> None:
    url = server.start()
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(url.as_text().replace(url.password, "faux"))
    assert url.password not in repr(url)


def test_the_port_and_the_password_are_kept_from_one_start_to_the_next(server: EmbeddedPostgres) -> None:
    first = server.start()
    server.stop()
    assert not server.is_running()
    assert server.start() == first


def test_the_server_moves_when_its_port_was_taken_meanwhile(server: EmbeddedPostgres) -> None:
    first = server.start()
    server.stop()
    with socket.create_server(("127.0.0.1", first.port)):
        second = server.start()
        assert second.port != first.port
        assert scalar(second.as_text(), "SELECT 1") == 1


def test_the_server_stays_while_another_process_uses_it(server: EmbeddedPostgres, shared: Home) -> None:
    server.start()
    with holder(shared) as other:
        server.stop()
        assert server.is_running()
        with pytest.raises(PostgresProblem, match="sert encore"):
            server.erase()
        other.communicate("", timeout=10)
        assert not server.is_running()


def test_the_lease_of_a_killed_process_is_forgotten(server: EmbeddedPostgres, shared: Home) -> None:
    with holder(shared) as other:
        pid = postmaster_pid(shared)
        other.kill()
        other.wait()
        assert server.is_running()
    server.start()
    assert postmaster_pid(shared) == pid
    server.stop()
    assert not server.is_running()


def test_committed_rows_survive_the_death_of_the_server(server: EmbeddedPostgres, shared: Home) -> None:
    url = server.start().as_text()
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT generate_series(1, 1000) AS number")
    pid = postmaster_pid(shared)
    os.kill(pid, signal.SIGKILL)
    wait_for_death(pid)
    assert not server.is_running()
    again = server.start().as_text()
    assert scalar(again, "SELECT count(*) FROM kept") == 1000


def test_a_pid_taken_by_another_program_is_not_mistaken_for_the_server(server: EmbeddedPostgres, shared: Home) -> None:
    server.start()
    pid_file = shared.postgres / "data" / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    server.stop()
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]))
    assert not server.is_running()
    assert scalar(server.start().as_text(), "SELECT 1") == 1


def test_many_processes_may_start_it_at_once(server: EmbeddedPostgres, shared: Home) -> None:
    command = [sys.executable, "-c", HOLDER, str(shared.folder)]
    crowd = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    urls = {process.communicate("", timeout=60)[0] for process in crowd}
    assert all(process.returncode == 0 for process in crowd)
    assert all(url.startswith("postgresql://liaison:") for url in urls)
    assert not server.is_running()


def test_data_of_another_major_version_is_refused_and_left_alone(server: EmbeddedPostgres, shared: Home) -> None:
    server.start()
    server.stop()
    version = shared.postgres / "data" / "PG_VERSION"
    ours = version.read_text()
    version.write_text("15\n")
    with pytest.raises(PostgresProblem, match="créées par PostgreSQL 15"):
        server.start()
    version.write_text(ours)
    assert server.start()


def test_an_interrupted_making_is_begun_again(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIAISON_POSTGRES_HOME", str(place / "interrupted"))
    half = place / "interrupted" / "data.new" / "base"
    half.mkdir(parents=True)
    (half / "half").write_text("made")
    server = EmbeddedPostgres(Home(place))
    assert scalar(server.start().as_text(), "SELECT 1") == 1
    server.erase()
    assert not (place / "interrupted" / "data").exists()


def test_a_folder_may_hold_blanks_accents_and_apostrophes(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIAISON_POSTGRES_HOME", str(place / "l'été d'un clone"))
    server = EmbeddedPostgres(Home(place))
    assert scalar(server.start().as_text(), "SELECT 1") == 1
    server.erase()


def test_a_folder_the_shell_would_misread_is_refused(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIAISON_POSTGRES_HOME", str(place / "$(touch stray)"))
    with pytest.raises(PostgresProblem, match="LIAISON_POSTGRES_HOME"):
        EmbeddedPostgres(Home(place)).start()
    assert not (place / "$(touch stray)").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands the server to another account")
def test_programs_under_a_closed_folder_are_copied_where_the_account_can_run_them(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = account_for(place / "absent")
    package = reachable_binaries(account, place).folder.parent
    closed = place / "closed"
    closed.mkdir(mode=0o700)
    for name in (package.name, f"{package.name}.libs"):
        shutil.copytree(package.with_name(name), closed / name, symlinks=True)
    monkeypatch.setattr("liaison.runtime.postgres_binaries._installed_package", lambda: closed / package.name)
    binaries = reachable_binaries(account, place / "copies")
    assert binaries.folder.is_relative_to(place / "copies")
    assert binaries.run("initdb", ["--version"], 10).stdout.startswith("initdb (PostgreSQL) ")
    assert reachable_binaries(account, place / "copies") == binaries


def as_nobody(*command: str, modules: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "LIAISON_POSTGRES_HOME"}
    return subprocess.run(
        command,
        env={**environment, "PYTHONPATH": modules, "PYTHONDONTWRITEBYTECODE": "1"},
        user=NOBODY,
        group=NOBODY,
        extra_groups=[],
        cwd="/",
        input="",
        capture_output=True,
        text=True,
        check=False,
    )


def nobody_can_run(python: str, modules: str) -> bool:
    try:
        return as_nobody(python, "-c", "import liaison, psycopg", modules=modules).returncode == 0
    except PermissionError:
        return False


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become an ordinary user")
def test_an_ordinary_user_runs_it_as_itself(place: Path) -> None:
    modules = os.pathsep.join(path for path in sys.path if path.startswith("/"))
    pythons = [path for path in (sys.executable, "/usr/bin/python3") if Path(path).exists()]
    able = [path for path in pythons if nobody_can_run(path, modules)]
    if not able:
        pytest.skip("this environment is closed to an ordinary user")
    home = place / "ordinary"
    home.mkdir()
    os.chown(home, NOBODY, NOBODY)
    done = as_nobody(able[0], "-c", HOLDER, str(home), modules=modules)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("postgresql://liaison:")
    assert (home / "postgres" / "data").stat().st_uid == NOBODY


def test_a_site_may_give_its_own_server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://site@db.example/liaison")
    assert database_url(Home(tmp_path)) == "postgresql://site@db.example/liaison"
    assert list(tmp_path.iterdir()) == []
