"""A backup made of a living installation fills another one: every table and every blob are the same there."""

import base64
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.db import connection
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from tests.support.desk import Desk, make_desk, read

from liaison.apps.audit.models import Entry
from liaison.apps.blobs import store
from liaison.apps.blobs.storage import FolderStorage
from liaison.apps.operations import backup
from liaison.apps.operations.models import Backup
from liaison.cli.restoring import restore
from liaison.runtime.backup_file import read_key
from liaison.runtime.errors import RuntimeProblem
from liaison.runtime.paths import Home
from liaison.runtime.postgres_tools import tools_for
from liaison.runtime.sealed import SealBroken

pytestmark = pytest.mark.django_db(transaction=True)

KEY = bytes(range(32))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """The living installation keeps its blobs in a folder, as the product does."""
    own = Home(tmp_path / "vivante").create()
    kept = store.BlobStore(FolderStorage(own.blobs), store.master_key())
    monkeypatch.setattr(store, "default_store", lambda: kept)
    return own


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An empty database, and an environment that knows nothing of the first installation."""
    name = f"restored_{os.getpid()}"
    server = backup._url()
    with psycopg.connect(server, autocommit=True) as session:
        session.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))
        session.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    said = conninfo_to_dict(server)
    url = f"postgresql://{said['user']}:{said['password']}@{said['host']}:{said['port']}/{name}"
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.delenv("LIAISON_BLOB_KEY", raising=False)
    yield url
    with psycopg.connect(server, autocommit=True) as session:
        session.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def rows_of(url: str) -> dict[str, tuple[int, str]]:
    """By table: how many rows, and the digest of them all."""
    with psycopg.connect(make_conninfo(url, options="-c liaison.sites=*")) as session:
        names = session.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1").fetchall()
        digest = sql.SQL("SELECT count(*), coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') FROM {} t")
        found = {name: session.execute(digest.format(sql.Identifier(name))).fetchone() for (name,) in names}
    return {name: row for name, row in found.items() if row is not None}


def blobs_of(home: Home) -> dict[str, bytes]:
    return {str(path.relative_to(home.blobs)): path.read_bytes() for path in home.blobs.rglob("*") if path.is_file()}


def a_living_desk() -> Desk:
    desk = make_desk()
    read(desk.mailbox, b"From: a@b.fr\r\nSubject: =?utf-8?q?=C3=A9t=C3=A9?=\r\n\r\nBonjour, ceci est gard\xc3\xa9.")
    return desk


def test_every_table_and_every_blob_are_the_same_on_another_machine(home: Home, elsewhere: str, tmp_path: Path) -> None:
    desk = a_living_desk()
    before = rows_of(backup._url())
    report = backup.do_backup(tmp_path / "s.liaison", key=KEY)
    other = Home(tmp_path / "autre")
    assert restore(tmp_path / "s.liaison", key=KEY, home=other).blobs == report.blobs > 0
    assert rows_of(elsewhere) == before
    assert before["intake_rawmessage"][0] == 1
    assert blobs_of(other) == blobs_of(home)
    message = desk.mailbox.raw_messages.get()
    again = store.BlobStore(FolderStorage(other.blobs), (other.keys / "blobs").read_bytes())
    assert again.get(message.blob) == store.get(message.blob)


@pytest.mark.usefixtures("home")
def test_a_backup_is_noted_once_it_was_read_again(tmp_path: Path) -> None:
    a_living_desk()
    report = backup.do_backup(tmp_path / "s.liaison", key=KEY)
    noted = Backup.objects.get()
    assert (noted.blobs, noted.size, noted.last_message) == (report.blobs, report.size, report.last_message)
    assert Entry.objects.filter(action="backup_verified").exists()
    assert (tmp_path / "s.liaison").stat().st_mode & 0o077 == 0


def test_a_blob_that_is_damaged_or_lost_stops_the_backup_and_leaves_no_file(home: Home, tmp_path: Path) -> None:
    desk = a_living_desk()
    name = desk.mailbox.raw_messages.get().blob
    path = home.blobs / name[:2] / name[2:]
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + b"x")
    with pytest.raises(RuntimeProblem, match="abîmée"):
        backup.do_backup(tmp_path / "s.liaison", key=KEY)
    path.unlink()
    with pytest.raises(RuntimeProblem, match="manquent"):
        backup.do_backup(tmp_path / "s.liaison", key=KEY)
    assert not list(tmp_path.glob("*s.liaison*"))
    assert not Backup.objects.exists()


@pytest.mark.usefixtures("home")
def test_a_backup_cut_or_altered_or_opened_by_another_key_touches_nothing(elsewhere: str, tmp_path: Path) -> None:
    a_living_desk()
    sound = tmp_path / "s.liaison"
    backup.do_backup(sound, key=KEY)
    content = sound.read_bytes()
    middle = len(content) // 2
    wrong = [content[:-40], content[:middle] + b"x" + content[middle + 1 :], content + content[-40:], b"autre chose"]
    for number, each in enumerate(wrong):
        path = tmp_path / f"faux{number}"
        path.write_bytes(each)
        with pytest.raises(SealBroken):
            restore(path, key=KEY, home=Home(tmp_path / "autre"))
    with pytest.raises(SealBroken):
        restore(sound, key=bytes(32), home=Home(tmp_path / "autre"))
    assert rows_of(elsewhere) == {}
    assert not (tmp_path / "autre").exists()


@pytest.mark.usefixtures("home")
def test_a_backup_without_its_key_asks_for_it_and_refuses_another(
    elsewhere: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_living_desk()
    backup.do_backup(tmp_path / "s.liaison", key=KEY, with_keys=False)
    with pytest.raises(RuntimeProblem, match="LIAISON_BLOB_KEY"):
        restore(tmp_path / "s.liaison", key=KEY, home=Home(tmp_path / "autre"))
    monkeypatch.setenv("LIAISON_BLOB_KEY", base64.b64encode(bytes(32)).decode())
    with pytest.raises(RuntimeProblem, match="n'est pas la clé"):
        restore(tmp_path / "s.liaison", key=KEY, home=Home(tmp_path / "autre"))
    monkeypatch.setenv("LIAISON_BLOB_KEY", base64.b64encode(store.master_key()).decode())
    assert restore(tmp_path / "s.liaison", key=KEY, home=Home(tmp_path / "autre")).blobs > 0
    assert rows_of(elsewhere)


@pytest.mark.usefixtures("home")
def test_a_database_that_holds_tables_is_never_restored_over(elsewhere: str, tmp_path: Path) -> None:
    a_living_desk()
    backup.do_backup(tmp_path / "s.liaison", key=KEY)
    with psycopg.connect(elsewhere) as session:
        session.execute("CREATE TABLE quelque_chose (x int)")
    with pytest.raises(RuntimeProblem, match="base vide"):
        restore(tmp_path / "s.liaison", key=KEY, home=Home(tmp_path / "autre"))


@pytest.mark.usefixtures("home")
def test_the_commands_save_and_restore_a_whole_installation(elsewhere: str, tmp_path: Path) -> None:
    a_living_desk()
    (tmp_path / "cle").write_text(base64.b64encode(KEY).decode() + "\n")
    backup.do_backup(tmp_path / "s.liaison", key=KEY)
    own = {"PATH": os.environ["PATH"], "DATABASE_URL": elsewhere, "LIAISON_HOME": str(tmp_path / "autre")}
    command = [sys.executable, "-m", "liaison", "restore", tmp_path / "s.liaison", "--key", tmp_path / "cle", "--json"]
    done = subprocess.run(command, capture_output=True, env=own, check=False, text=True)
    assert done.returncode == 0, done.stderr
    saved = [*command[:3], "backup", tmp_path / "encore.liaison", "--key", tmp_path / "cle"]
    again = subprocess.run(saved, capture_output=True, env=own, check=False, text=True)
    assert again.returncode == 0, again.stderr
    assert "relue et vérifiée" in again.stdout


def test_the_programs_are_those_of_the_server_or_later() -> None:
    server = connection.cursor().connection.info.server_version // 10000
    assert tools_for(server).major >= server
    with pytest.raises(RuntimeProblem, match="postgresql-client-99"):
        tools_for(99)


@pytest.mark.parametrize("text", ["", "abc", "é" * 32, base64.b64encode(b"court").decode()])
def test_a_key_file_that_holds_no_key_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "cle").write_text(text)
    with pytest.raises(RuntimeProblem, match="32 octets"):
        read_key(tmp_path / "cle")
