"""The environment one installation's processes run in: what its settings need, from its home when nobody gave it."""

import base64
import os

from liaison.runtime.paths import Home
from liaison.runtime.postgres import database_url
from liaison.runtime.secrets import secret


def product_environment(home: Home) -> dict[str, str]:
    """The variables of the settings. What the caller's environment already says is kept.

    Starts the embedded PostgreSQL when DATABASE_URL is absent, and holds it until this process ends. Raises
    RuntimeProblem.
    """
    home.create()
    own = {
        "DJANGO_SETTINGS_MODULE": "liaison.config.settings",
        "LIAISON_HOME": str(home.folder),
        "LIAISON_SECRET_KEY": secret(home, "django").hex(),
        "LIAISON_BLOB_KEY": base64.b64encode(secret(home, "blobs")).decode(),
        "DATABASE_URL": database_url(home),
    }
    return {name: os.environ.get(name, value) for name, value in own.items()}
