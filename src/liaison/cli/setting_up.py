"""What each command begins with: the installation's environment, then its settings."""

import json
import os
from typing import Any

import django
import typer
from django.apps import apps

from liaison.runtime.environment import product_environment
from liaison.runtime.paths import Home


def set_up(door: str = "command") -> None:
    """Read the settings by this door, once; the embedded PostgreSQL is started when no other is given."""
    if apps.ready:
        return
    os.environ.update(product_environment(Home.current()))
    os.environ["LIAISON_DOOR"] = door
    django.setup()


def say_json(value: dict[str, Any]) -> None:
    """One JSON object on the standard output."""
    typer.echo(json.dumps(value, ensure_ascii=False, default=str))
