"""The tables brought up to date, however many rows they hold."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from liaison.apps.operations import setup


def longest() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        return str(cursor.fetchone()[0])


@pytest.mark.django_db
def test_a_migration_takes_as_long_as_it_takes_and_nothing_else_does(monkeypatch: pytest.MonkeyPatch) -> None:
    during: list[str] = []
    before = longest()
    monkeypatch.setattr(MigrationExecutor, "migration_plan", lambda *_: ["one that is not applied yet"])
    monkeypatch.setattr(setup, "call_command", lambda *_, **__: during.append(longest()))
    assert setup.migrate() == 1
    assert (during, longest()) == (["0"], before)
    assert before != "0"
