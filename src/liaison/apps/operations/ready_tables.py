"""The tables of a new installation, laid by a script instead of by Django's migrations.

Django rebuilds the classes of every related model before and after each change that each migration makes: on an empty
database this is nearly all that `migrate` costs. The script is what the migrations themselves sent to PostgreSQL
(`python -m tests.support.ready_tables` writes it again); the migrations that came after it was written are applied as
ever.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.recorder import MigrationRecorder

SCRIPT = Path(__file__).with_name("ready_tables.sql")
_DONE = re.compile(r"^-- migration (\w+) (\w+)$", re.MULTILINE)
"""The line that ends what one migration sent: its app and its name."""


def lay(connection: BaseDatabaseWrapper) -> int:
    """Make every table in a database that has none; how many migrations this stands for.

    One transaction for each migration, with its name in Django's list, as Django does it: where this is interrupted,
    the migrations go on.
    """
    if connection.introspection.table_names():
        return 0
    recorder = MigrationRecorder(connection)
    recorder.ensure_schema()
    return sum(_lay_one(connection, recorder, *part) for part in _parts(SCRIPT.read_text(encoding="utf-8")))


def _parts(script: str) -> Iterator[tuple[str, str, str]]:
    """What each migration sent, its app, its name."""
    pieces = _DONE.split(script)
    return zip(pieces[:-1:3], pieces[1::3], pieces[2::3], strict=True)


def _lay_one(connection: BaseDatabaseWrapper, recorder: MigrationRecorder, sql: str, app: str, name: str) -> int:
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute(sql)
        recorder.record_applied(app, name)
    return 1
