"""Django's `migrate`, which begins with the tables laid at once when the whole of an empty database is asked for."""

from typing import Any

from django.core.management.commands import migrate
from django.db import connections

from liaison.apps.operations.ready_tables import lay

PARTS = ("app_label", "plan", "check_unapplied", "fake")
"""Options that ask for something else than all the tables."""


class Command(migrate.Command):
    def handle(self, *arguments: Any, **options: Any) -> None:
        if not any(options.get(part) for part in PARTS):
            lay(connections[options["database"]])
        super().handle(*arguments, **options)
