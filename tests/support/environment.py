"""What the settings need to run the tests: a server and secrets of their own, apart from the demo's data."""

import base64
import os
import secrets
from pathlib import Path

from tests.support.external_postgres import external_url

from liaison.runtime.paths import Home
from liaison.runtime.postgres import database_url

CLONE = Path(__file__).resolve().parents[2]
EXTERNAL = "LIAISON_TEST_EXTERNAL_POSTGRES"
"""Set, it gives the tests Debian's server instead of the embedded one."""


def environment_for_tests() -> dict[str, str]:
    """DATABASE_URL names a server held until this process ends; pytest makes its own databases on it."""
    home = Home(CLONE / "var" / "tests").create()
    return {
        "LIAISON_HOME": str(home.folder),
        "LIAISON_ACCEPT_TEST_INS": "true",
        "LIAISON_SECRET_KEY": secrets.token_hex(32),
        "LIAISON_BLOB_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
        "DATABASE_URL": external_url() if os.environ.get(EXTERNAL) else database_url(home),
    }
