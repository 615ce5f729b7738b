"""What the migrations send to PostgreSQL, one after the other, on a database of their own.

`python -m tests.support.ready_tables` writes it as the script that lays the tables of a new installation.
"""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from psycopg import ClientCursor
from tests.support.debian import say
from tests.support.environment import environment_for_tests

HEAD = "-- Written by `python -m tests.support.ready_tables` from the migrations: do not change it by hand.\n"
NOT_KEPT = ("SELECT ", 'CREATE TABLE "django_migrations"')
"""What Django asks before it acts, and its own list of what is applied."""


@contextmanager
def empty_database(name: str) -> Iterator[None]:
    """The connection goes to a new database for a while."""
    from django.db import connection

    before = connection.settings_dict["NAME"]
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}"')
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{name}"')


def migrated_one_by_one() -> str:
    """Apply every migration to the connection's database as Django does; the script of what that took."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    sent: list[str] = []

    def keep(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        sql = sql.strip()
        if sql.startswith('INSERT INTO "django_migrations"'):
            app, name, _ = params
            sent.append(f"-- migration {app} {name}")
        elif not " ".join(sql.split()).startswith(NOT_KEPT):
            sent.append(statement(sql if params is None else bound(sql, params)))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(keep):
        executor = MigrationExecutor(connection)
        executor.migrate(executor.loader.graph.leaf_nodes())
    return HEAD + "\n".join(sent) + "\n"


def bound(sql: str, params: Any) -> str:
    """With its values in it."""
    from django.db import connection

    return ClientCursor(connection.connection).mogrify(sql, params)


def statement(sql: str) -> str:
    """With its end, which a comment on the last line would hide."""
    if sql.endswith(";"):
        return sql
    return f"{sql}\n;" if "--" in sql.splitlines()[-1] else f"{sql};"


def main() -> int:
    os.environ.update(environment_for_tests())
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    import django

    django.setup()
    from liaison.apps.operations.ready_tables import SCRIPT

    with empty_database(f"ready_tables_{os.getpid()}"):
        SCRIPT.write_text(migrated_one_by_one(), encoding="utf-8")
    say(f"{SCRIPT} : écrit")
    return 0


if __name__ == "__main__":
    sys.exit(main())
