"""The environment one installation's processes run in: what its settings need, from its home when nobody gave it."""

import base64
import os

from liaison.runtime.errors import KeysGone
from liaison.runtime.paths import Home
from liaison.runtime.postgres import database_url
from liaison.runtime.postgres_tools import is_empty
from liaison.runtime.secrets import is_kept, secret

BLOB_KEY = "blobs"


def product_environment(home: Home) -> dict[str, str]:
    """The variables of the settings. What the caller's environment already says is kept.

    Starts the embedded PostgreSQL when DATABASE_URL is absent, and holds it until this process ends. Raises
    RuntimeProblem.
    """
    home.create()
    url = database_url(home)
    _refuse_what_no_key_opens(home, url)
    own = {
        "DJANGO_SETTINGS_MODULE": "liaison.config.settings",
        "LIAISON_HOME": str(home.folder),
        "LIAISON_SECRET_KEY": secret(home, "django").hex(),
        "LIAISON_BLOB_KEY": base64.b64encode(secret(home, BLOB_KEY)).decode(),
        "DATABASE_URL": url,
    }
    return {name: os.environ.get(name, value) for name, value in own.items()}


def _refuse_what_no_key_opens(home: Home, url: str) -> None:
    """Our own database outlives a home erased by hand when it stands elsewhere (root): no new key may be made for it.

    A database that was given is its owner's to answer for, as is a key.
    """
    if os.environ.keys() & {"DATABASE_URL", "LIAISON_BLOB_KEY"} or is_kept(home, BLOB_KEY) or is_empty(url):
        return
    raise KeysGone(
        f"Une base de données est restée d'une installation précédente dans {home.folder}, mais les clés qui ouvrent "
        f"ses pièces ne sont plus dans {home.keys} : remettez-les là, ou effacez cette base et recommencez avec "
        "« bin/liaison demo --reset » (ou « bin/liaison scenario --reset »)."
    )
