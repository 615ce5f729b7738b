"""What an installation finds of one that stood there before, seen through the command."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from liaison.runtime.paths import Home
from liaison.runtime.postgres import EmbeddedPostgres
from liaison.runtime.secrets import is_kept


@pytest.fixture(scope="module")
def left_behind() -> Iterator[Home]:
    """A home erased by hand, whose database, which root keeps elsewhere, still has a table."""
    folder = Path(tempfile.mkdtemp(prefix="liaison-left-"))
    folder.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LIAISON_POSTGRES_HOME", str(folder / "postgres"))
        home = Home(folder / "home").create()
        server = EmbeddedPostgres(home)
        with psycopg.connect(server.start().as_text()) as connection:
            connection.execute("CREATE TABLE kept (number integer)")
        server.stop()
        shutil.rmtree(home.folder)
        yield home
        server.erase()
    shutil.rmtree(folder)


def liaison(home: Home, *arguments: str) -> "subprocess.CompletedProcess[str]":
    given = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "LIAISON_BLOB_KEY"}}
    command = [sys.executable, "-m", "liaison", *arguments]
    environment = given | {"LIAISON_HOME": str(home.folder)}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)


def test_a_database_whose_keys_are_gone_is_said_at_once_with_what_to_do(left_behind: Home) -> None:
    for command in ("status", "scenario"):  # the first refusal must not make the key that would hide it from the second
        refused = liaison(left_behind, command)
        assert refused.returncode == 2
        assert f"ne sont plus dans {left_behind.keys}" in refused.stderr
        assert "bin/liaison demo --reset" in refused.stderr
        assert not is_kept(left_behind, "blobs")
