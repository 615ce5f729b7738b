"""What every test stands on."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

pytest_plugins = ["tests.support.order"]
LIFT_THE_JOURNAL_WALL = "ALTER TABLE audit_entry DISABLE TRIGGER refuse_truncate;"
RAISE_THE_JOURNAL_WALL = "ALTER TABLE audit_entry ENABLE TRIGGER refuse_truncate;"
EMPTY_THE_QUEUE = "DELETE FROM procrastinate_jobs;"


@pytest.fixture(autouse=True)
def _blobs_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test starts with an empty blob store."""
    from liaison.apps.blobs import store
    from liaison.apps.blobs.storage import MemoryStorage

    own = store.BlobStore(MemoryStorage(), store.master_key())
    monkeypatch.setattr(store, "default_store", lambda: own)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> None:
    """After a test that commits, the tables are emptied: the journal's wall is lifted for that one transaction."""
    del django_db_setup
    from django.db import connection

    connection.ops.sql_flush = around_the_wall(connection.ops.sql_flush)


def around_the_wall(flush: Callable[..., list[str]]) -> Callable[..., list[str]]:
    def sql_flush(style: Any, tables: Sequence[str], **options: Any) -> list[str]:
        statements = flush(style, tables, **options)
        return [LIFT_THE_JOURNAL_WALL, EMPTY_THE_QUEUE, *statements, RAISE_THE_JOURNAL_WALL]

    return sql_flush
