"""Taking in a national extraction: read in batches, checked whole, then put in service in one go.

A batch is committed with the number of lines read so far: stopped at any point and started again on the same file, the
import goes on from there. The copy in service is never touched by a file that is refused.
"""

import hashlib
import itertools
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from liaison.apps.audit.actions import begin, record
from liaison.apps.directory import loading
from liaison.apps.directory.models import Edition
from liaison.apps.directory.review import do_review_addresses
from liaison.apps.refusals import NotPossible
from liaison.core.directory.extraction import LONGEST_LINE, check_header, read_line
from liaison.core.directory.values import Listed
from liaison.core.notices import Notice

IMPORT_LOCK = 0x4C494450
BATCH = 50_000
MOST_LINES = 5_000_000
MOST_LEFT_OUT = 0.01
State = Edition.State

SHRUNK = (
    "Le fichier ne porte que {entries} adresses, contre {before} dans la copie en service : il est sans doute tronqué."
)
DAMAGED = "Le fichier est endommagé ou incomplet."
TOO_MANY_LEFT_OUT = "{left_out} lignes sur {lines} sont illisibles : ce fichier n'est pas celui de l'Annuaire Santé."


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an import is. ``share`` is that of the file read, from 0 to 1."""

    step: str
    lines: int
    share: float


@dataclass(frozen=True, slots=True)
class _Source:
    """The file to take in; ``published_at`` is the time its publisher or its zip gives it."""

    path: Path
    sha256: str
    published_at: datetime
    size: int


Told = Callable[[Progress], None]


def do_import_extraction(path: Path, *, told: Told = lambda _: None, smaller: bool = False) -> Edition:
    """Put the extraction of a file (zip or text) in service; the edition of the file when it already is.

    ``smaller`` accepts a copy much smaller than the one in service. Raises NotPossible, in French, and then the copy in
    service stays.
    """
    with _alone():
        source = _open_source(path)
        edition = _edition_of(source)
        if edition.state == State.CURRENT:
            return edition
        try:
            _load(edition, source, told)
            told(Progress("Index", edition.lines_read, 1.0))
            _check(edition, smaller=smaller)
            loading.index(edition.pk)
        except NotPossible as refusal:
            _refuse(edition, str(refusal))
            raise
        _put_in_service(edition)
    do_review_addresses()
    return edition


@contextmanager
def _alone() -> Iterator[None]:
    """One import at a time, whatever the process."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [IMPORT_LOCK])
        if not cursor.fetchone()[0]:
            raise NotPossible("Un import de l'annuaire est déjà en cours.")
    try:
        yield
    finally:
        with suppress(Exception), connection.cursor() as cursor:  # a broken connection has let the lock go by itself
            cursor.execute("SELECT pg_advisory_unlock(%s)", [IMPORT_LOCK])


def _open_source(path: Path) -> _Source:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if not zipfile.is_zipfile(path):
        stated = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        return _Source(path, digest, stated, path.stat().st_size)
    with zipfile.ZipFile(path) as archive:
        member = _member(archive)
        local = datetime(*member.date_time, tzinfo=timezone.get_default_timezone())
        return _Source(path, digest, min(local, timezone.now()), member.file_size)


def _member(archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    texts = [member for member in archive.infolist() if member.filename.lower().endswith((".txt", ".csv"))]
    if len(texts) != 1:
        raise NotPossible("Cette archive ne porte pas un fichier texte, et un seul.")
    return texts[0]


@transaction.atomic
def _edition_of(source: _Source) -> Edition:
    """The edition in service when it is this very file, the one begun when it can go on, else a new one."""
    same = Edition.objects.filter(source=Edition.Source.EXTRACTION, sha256=source.sha256)
    current = same.filter(state=State.CURRENT).first()
    begun = same.filter(state=State.LOADING).first()
    if current or (begun and loading.is_prepared()):
        return current or begun  # type: ignore[return-value]  # one of them is there
    Edition.objects.filter(source=Edition.Source.EXTRACTION, state=State.LOADING).update(
        state=State.REFUSED, refusal="Import interrompu, puis remplacé par un autre.", finished_at=timezone.now()
    )
    loading.prepare()
    return Edition.objects.create(
        source=Edition.Source.EXTRACTION,
        sha256=source.sha256,
        published_at=source.published_at,
        started_at=timezone.now(),
    )


def _load(edition: Edition, source: _Source, told: Told) -> None:
    with _opened(source) as file:
        try:
            _load_lines(edition, source, file, told)
        except (zipfile.BadZipFile, zlib.error, EOFError, UnicodeDecodeError) as error:
            raise NotPossible(DAMAGED) from error


@contextmanager
def _opened(source: _Source) -> Iterator[IO[bytes]]:
    if not zipfile.is_zipfile(source.path):
        with source.path.open("rb") as file:
            yield file
        return
    with zipfile.ZipFile(source.path) as archive, archive.open(_member(archive)) as inner:
        yield inner


def _load_lines(edition: Edition, source: _Source, file: IO[bytes], told: Told) -> None:
    lines = _lines(file)
    refusal = check_header(next(lines, b"").decode("utf-8", "replace"))
    if refusal:
        raise NotPossible(refusal.message)
    for _ in itertools.islice(lines, edition.lines_read):
        pass
    while batch := list(itertools.islice(lines, BATCH)):
        _take(edition, batch)
        if edition.lines_read > MOST_LINES:
            raise NotPossible(f"Le fichier a plus de {MOST_LINES} lignes.")
        told(Progress("Lecture", edition.lines_read, min(1.0, file.tell() / max(source.size, 1))))


def _lines(file: IO[bytes]) -> Iterator[bytes]:
    """The lines of the file, none of them longer than a line can be: what has no line end is no extraction."""
    while line := file.readline(LONGEST_LINE):
        if len(line) == LONGEST_LINE and not line.endswith(b"\n"):
            raise NotPossible(DAMAGED)
        if line.strip():
            yield line


@transaction.atomic
def _take(edition: Edition, batch: list[bytes]) -> None:
    read = [read_line(line.decode("utf-8").rstrip("\r\n")) for line in batch]
    kept: list[Listed] = [line for line in read if not isinstance(line, Notice)]
    loading.copy(kept)
    edition.lines_read += len(batch)
    edition.left_out += len(batch) - len(kept)
    edition.save(update_fields=["lines_read", "left_out"])


def _check(edition: Edition, *, smaller: bool) -> None:
    if edition.left_out > MOST_LEFT_OUT * edition.lines_read:
        raise NotPossible(TOO_MANY_LEFT_OUT.format(left_out=edition.left_out, lines=edition.lines_read))
    edition.entries = loading.count().addresses
    if not edition.entries:
        raise NotPossible("Le fichier ne porte aucune adresse.")
    before = Edition.objects.filter(source=Edition.Source.EXTRACTION, state=State.CURRENT).first()
    if before and not smaller and edition.entries < before.entries * (1 - settings.DIRECTORY_MOST_SHRINKING):
        raise NotPossible(SHRUNK.format(entries=edition.entries, before=before.entries))


@transaction.atomic
def _refuse(edition: Edition, reason: str) -> None:
    begin(None)
    loading.give_up()
    edition.state, edition.refusal, edition.finished_at = State.REFUSED, reason[:300], timezone.now()
    edition.save()
    record("directory_refused", edition, site=None, lines=edition.lines_read)


@transaction.atomic
def _put_in_service(edition: Edition) -> None:
    begin(None)
    loading.put_in_service()
    Edition.objects.filter(source=edition.source, state=State.CURRENT).update(state=State.REPLACED)
    edition.state, edition.finished_at = State.CURRENT, timezone.now()
    edition.save()
    record("directory_imported", edition, site=None, entries=edition.entries, left_out=edition.left_out)
