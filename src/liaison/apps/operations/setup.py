"""Getting an installation ready: the tables, the static files. Safe to repeat, quick when nothing is to be done."""

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
        call_command("migrate", verbosity=0, interactive=False)
    return waiting


def collect_static(version: str) -> bool:
    """Collect and compress the static files, unless this version's are there."""
    stamp = settings.STATIC_ROOT / STAMP
    if stamp.is_file() and stamp.read_text() == version:
        return False
    call_command("collectstatic", verbosity=0, interactive=False, clear=True)
    stamp.write_text(version)
    return True
