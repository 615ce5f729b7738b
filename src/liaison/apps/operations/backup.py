"""The backup: the database at one moment, every blob, and what is needed to open them, in one sealed file.

It is written, then read again to its end before it counts: each blob is opened, the dump is gone through, and every
blob that a row of the database names is there.
"""

import base64
import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from psycopg.conninfo import make_conninfo

from liaison.apps.audit.actions import begin, record
from liaison.apps.blobs import store
from liaison.apps.exchanges.models import Answer, Note, Recipient
from liaison.apps.intake.models import RawMessage
from liaison.apps.operations.models import Backup
from liaison.apps.residents.models import AdministrativeMessage
from liaison.apps.treatments.models import DecisionReport
from liaison.runtime.backup_file import BLOBS, DATABASE, HEADER, MANIFEST, BackupWriter, Written, members
from liaison.runtime.errors import RuntimeProblem
from liaison.runtime.postgres_tools import Tools, server_major, tools_for

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Report:
    """What a backup holds, once it was read again."""

    file: str
    size: int
    blobs: int
    last_message: int
    postgres: int


def fingerprint(key: bytes) -> str:
    """What says which key it is, and nothing of the key."""
    return hashlib.sha256(b"liaison key fingerprint" + key).hexdigest()[:16]


def do_backup(path: Path, *, key: bytes, with_keys: bool = True) -> Report:
    """Write the file, read it again, and note it. Raises RuntimeProblem; a file that is not sound is removed.

    The blobs are copied after the snapshot of the database: they are written before their rows and never removed, so
    every one that the snapshot names is there.
    """
    begun = timezone.now()
    url, draft = _url(), path.with_name(f".{path.name}.part")
    named, last_message = _named_blobs(), _last_message()
    tools = tools_for(server_major(url))
    try:
        with draft.open("xb") as file:
            draft.chmod(0o600)
            _write(file, key, url, tools, with_keys=with_keys)
        count = _verify(draft, key, named, tools)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    report = Report(str(path), path.stat().st_size, count, last_message, tools.major)
    _note(report, begun)
    return report


def _url() -> str:
    """The database of this process, as libpq is told of it."""
    said = connection.settings_dict
    sure = {name: value for name, value in said["OPTIONS"].items() if name.startswith("ssl")}
    place = {"host": said["HOST"], "port": said["PORT"], "user": said["USER"], "password": said["PASSWORD"]}
    return make_conninfo("", dbname=said["NAME"], **place, **sure)


def _last_message() -> int:
    return RawMessage.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def _named_blobs() -> set[str]:
    """The blobs that rows name. Those of the leaves stand inside their message: they have no bytes of their own."""
    naming = (RawMessage, Recipient, Answer, Note, AdministrativeMessage, DecisionReport)
    return {name for model in naming for name in model.objects.values_list("blob", flat=True) if name}


def _write(file: Any, key: bytes, url: str, tools: Tools, *, with_keys: bool) -> None:
    writer = BackupWriter(file, key)
    writer.add(HEADER, [_json(_header(tools.major, with_keys=with_keys))])
    found = {DATABASE: writer.add(DATABASE, tools.dump(url))}
    storage = store.default_store().storage
    for name in storage.names():
        found[BLOBS + name] = writer.add(BLOBS + name, [storage.read(name)])
    writer.add(MANIFEST, [_json({name: asdict(member) for name, member in found.items()})])
    writer.close()


def _header(postgres: int, *, with_keys: bool) -> dict[str, Any]:
    blob_key = store.master_key()
    kept = {"blob_key": base64.b64encode(blob_key).decode()} if with_keys else {}
    made_at = timezone.now().isoformat()
    return {"format": FORMAT, "made_at": made_at, "postgres": postgres, "blob_key_is": fingerprint(blob_key), **kept}


def _json(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def _verify(path: Path, key: bytes, named: set[str], tools: Tools) -> int:
    """How many blobs it holds. RuntimeProblem says what is wrong with it."""
    found: dict[str, Written] = {}
    manifest: dict[str, Any] = {}
    with path.open("rb") as file:
        for name, content in members(file, key):
            if name == MANIFEST:
                manifest = json.loads(b"".join(content))
            elif name == DATABASE:
                measured = Measured(content)
                tools.list(measured)
                found[name] = measured.written
            elif name.startswith(BLOBS):
                found[name] = _opened(name.removeprefix(BLOBS), b"".join(content))
    if not manifest or {name: asdict(each) for name, each in found.items()} != manifest:
        raise RuntimeProblem("La sauvegarde relue n'est pas celle qui a été écrite : elle est effacée.")
    if missing := named - {name.removeprefix(BLOBS) for name in found}:
        raise RuntimeProblem(f"{len(missing)} pièces nommées par la base de données manquent au dossier des pièces.")
    return len(found) - 1


def _opened(name: str, sealed: bytes) -> Written:
    try:
        store.default_store().opened(name, sealed)
    except store.BlobDamaged as damage:
        raise RuntimeProblem(f"La pièce {name[:12]}… est abîmée : réparez-la avant de sauvegarder.") from damage
    return Written(len(sealed), hashlib.sha256(sealed).hexdigest())


class Measured:
    """Bytes on their way, counted."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._digest, self._size = hashlib.sha256(), 0

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces:
            self._digest.update(piece)
            self._size += len(piece)
            yield piece

    @property
    def written(self) -> Written:
        """Of the bytes that went by, and of those left, which are read now."""
        for _ in self:
            pass
        return Written(self._size, self._digest.hexdigest())


@transaction.atomic
def _note(report: Report, begun: datetime) -> None:
    begin(None)
    backup = Backup.objects.create(
        file=report.file[:500],
        size=report.size,
        blobs=report.blobs,
        last_message=report.last_message,
        begun_at=begun,
        verified_at=timezone.now(),
    )
    record("backup_verified", backup, site=None, blobs=report.blobs, size=report.size)
