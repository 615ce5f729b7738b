"""Getting an installation ready: the tables, the static files. Safe to repeat, quick when nothing is to be done."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

STAMP = ".stamp"


def migrate() -> int:
    """Bring the tables up to date; how many migrations were applied."""
    executor = MigrationExecutor(connection)
    waiting = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if waiting:
        with _as_long_as_it_takes():
            call_command("migrate", verbosity=0, interactive=False)
    return waiting


@contextmanager
def _as_long_as_it_takes() -> Iterator[None]:
    """Rows that are there already, and may be very many, take longer to change than a page may take to answer."""
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        yield
        cursor.execute("RESET statement_timeout")


def collect_static(version: str) -> bool:
    """Collect and compress the static files, unless this version's are there."""
    stamp = settings.STATIC_ROOT / STAMP
    if stamp.is_file() and stamp.read_text() == version:
        return False
    call_command("collectstatic", verbosity=0, interactive=False, clear=True)
    stamp.write_text(version)
    return True
