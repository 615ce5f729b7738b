"""The tables of a new installation are those the migrations make, whichever way they came."""

import os
import subprocess
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import DataError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder
from django.test.utils import CaptureQueriesContext
from pytest_django.plugin import DjangoDbBlocker
from tests.support.ready_tables import empty_database, migrated_one_by_one

from liaison.apps.operations import ready_tables
from liaison.apps.operations.ready_tables import SCRIPT, lay
from liaison.apps.organisations.models import Site
from liaison.apps.treatments.models import Rereading
from liaison.runtime.postgres_tools import Tools, tools_for


@pytest.fixture(autouse=True)
def _database(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> object:
    """Outside of any transaction: each test makes databases of its own."""
    del django_db_setup
    with django_db_blocker.unblock():
        yield


def name(what: str) -> str:
    return f"ready_tables_{what}_{os.getpid()}"


def tools() -> Tools:
    connection.ensure_connection()
    return tools_for(connection.connection.info.server_version // 10000)


def dumped() -> list[str]:
    """All that the connection's database holds, but for when each migration was applied."""
    at = connection.settings_dict
    reached = {"PGHOST": at["HOST"], "PGPORT": str(at["PORT"]), "PGUSER": at["USER"], "PGPASSWORD": at["PASSWORD"]}
    options = ["--no-owner", "--enable-row-security", "--exclude-table-data=django_migrations"]
    done = subprocess.run(
        [tools().folder / "pg_dump", *options, at["NAME"]],
        env={**reached, "PGOPTIONS": "-c liaison.sites=*"},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [line for line in done.stdout.splitlines() if not line.startswith(("\\restrict", "\\unrestrict"))]


def applied() -> set[tuple[str, str]]:
    return set(MigrationRecorder(connection).applied_migrations())


def migrate_the_rest() -> None:
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


def test_the_script_and_the_migrations_make_the_same_database() -> None:
    with empty_database(name("laid")):
        assert lay(connection) > 100
        migrate_the_rest()
        laid, marked = dumped(), applied()
    with empty_database(name("migrated")):
        migrated_one_by_one()
        assert laid == dumped()
        assert marked == applied()
    assert sum(line.startswith("CREATE TABLE") for line in laid) > 50
    assert any(line.startswith("CREATE POLICY") for line in laid)


def test_a_database_that_holds_a_table_is_left_to_the_migrations() -> None:
    with empty_database(name("begun")):
        MigrationRecorder(connection).ensure_schema()
        assert lay(connection) == 0
        assert connection.introspection.table_names() == ["django_migrations"]


def test_where_the_script_stops_the_migrations_go_on(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It was interrupted, or is older than the last migration: nothing of that one is there, then all of it."""
    script, last = SCRIPT.read_text(), SCRIPT.read_text().rstrip().rpartition("\n")[2]
    broken = tmp_path / "broken.sql"
    broken.write_text(script.replace(last, f"SELECT 1 / 0;\n{last}"))
    monkeypatch.setattr(ready_tables, "SCRIPT", broken)
    missing = tuple(last.removeprefix("-- migration ").split())
    with empty_database(name("broken")):
        with pytest.raises(DataError):
            lay(connection)
        assert missing not in applied()
        call_command("migrate", verbosity=0)
        assert missing in applied()
        assert Rereading.objects.count() == 0


def test_migrate_lays_a_new_database() -> None:
    with empty_database(name("new")), CaptureQueriesContext(connection) as said:
        call_command("migrate", verbosity=0)
        assert any(query["sql"].startswith("-- Written by") for query in said)
        assert Site.objects.count() == 0
