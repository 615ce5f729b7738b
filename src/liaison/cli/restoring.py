"""The restoration of a backup on a machine that has nothing yet: the key, the database, the blobs.

It runs before any setting can be read: what the settings need is in the backup.
"""

import base64
import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from liaison.apps.blobs.storage import FolderStorage
from liaison.runtime.backup_file import BLOBS, DATABASE, HEADER, MANIFEST, members
from liaison.runtime.environment import BLOB_KEY
from liaison.runtime.errors import RuntimeProblem
from liaison.runtime.paths import Home
from liaison.runtime.postgres import database_url
from liaison.runtime.postgres_tools import is_empty, server_major, tools_for
from liaison.runtime.secrets import kept_in


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back: how many blobs, and the backup's own date."""

    blobs: int
    made_at: str


def restore(path: Path, *, key: bytes, home: Home) -> Restored:
    """Fill an empty installation; RuntimeProblem. Nothing is touched before the whole file is known for sound."""
    header, count = _examined(path, key)
    blob_key = _blob_key(header)
    home.create()
    url = database_url(home)
    if not is_empty(url):
        raise RuntimeProblem("La base de données contient déjà des tables : une restauration veut une base vide.")
    if server_major(url) < int(header["postgres"]):
        raise RuntimeProblem(
            f"La sauvegarde vient de PostgreSQL {header['postgres']} : il faut un serveur aussi récent, ou plus."
        )
    _keep_blob_key(home, blob_key)
    _fill(path, key, url, home)
    return Restored(count, str(header["made_at"]))


def _examined(path: Path, key: bytes) -> tuple[dict[str, Any], int]:
    """The header, and how many blobs, once each member is what the manifest says."""
    header: dict[str, Any] = {}
    manifest: dict[str, Any] = {}
    found: dict[str, dict[str, Any]] = {}
    with path.open("rb") as file:
        for name, content in members(file, key):
            if name in (HEADER, MANIFEST):
                value = json.loads(b"".join(content))
                header, manifest = (value, manifest) if name == HEADER else (header, value)
            else:
                found[name] = _measured(content)
    if not header or header.get("format") != 1 or not manifest or found != manifest:
        raise RuntimeProblem("La sauvegarde n'est pas entière : rien n'a été touché.")
    return header, len(found) - 1


def _measured(content: Iterator[bytes]) -> dict[str, Any]:
    digest, size = hashlib.sha256(), 0
    for piece in content:
        digest.update(piece)
        size += len(piece)
    return {"size": size, "sha256": digest.hexdigest()}


def _blob_key(header: dict[str, Any]) -> bytes:
    """The key of the blobs: of the backup, else of LIAISON_BLOB_KEY, which must then be the one it was made with."""
    given = base64.b64decode(header.get("blob_key") or os.environ.get("LIAISON_BLOB_KEY", ""))
    if not given:
        raise RuntimeProblem("La sauvegarde ne porte pas la clé des pièces : donnez-la par LIAISON_BLOB_KEY.")
    if hashlib.sha256(b"liaison key fingerprint" + given).hexdigest()[:16] != header["blob_key_is"]:
        raise RuntimeProblem("LIAISON_BLOB_KEY n'est pas la clé avec laquelle cette sauvegarde a été faite.")
    return given


def _keep_blob_key(home: Home, key: bytes) -> None:
    """In the new home, unless the environment gives it; another key that stands there already is never replaced."""
    given = os.environ.get("LIAISON_BLOB_KEY")
    if given and base64.b64decode(given) != key:
        raise RuntimeProblem("LIAISON_BLOB_KEY n'est pas la clé de cette sauvegarde : retirez-la ou donnez la bonne.")
    if not given and kept_in(home.keys, BLOB_KEY, key) != key:
        raise RuntimeProblem(f"{home.keys / BLOB_KEY} est une autre clé : restaurez dans un dossier vide.")


def _fill(path: Path, key: bytes, url: str, home: Home) -> None:
    tools = tools_for(server_major(url))
    storage = FolderStorage(home.blobs)
    with path.open("rb") as file:
        for name, content in members(file, key):
            if name == DATABASE:
                tools.restore(url, content)
            elif name.startswith(BLOBS):
                storage.write({name.removeprefix(BLOBS): b"".join(content)})
