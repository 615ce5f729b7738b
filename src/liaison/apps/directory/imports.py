"""Taking in a national extraction: read in batches, checked whole, then put in service in one go.

A file that says nearly what the copy in service says is brought to it in one transaction: what left goes, what is new
comes. Any other is loaded aside, each batch committed with the number of lines read so far: stopped at any point and
started again on the same file, the import goes on. The copy in service is never touched by a file that is
refused.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.utils import timezone
from psycopg.errors import LockNotAvailable

from liaison.apps.audit.actions import begin, record
from liaison.apps.directory import differences, loading
from liaison.apps.directory.models import Edition
from liaison.apps.directory.review import do_review_addresses
from liaison.apps.directory.source import Source, batches_of, open_source
from liaison.apps.refusals import NotPossible

IMPORT_LOCK = 0x4C494450
BATCH = 50_000
MOST_LEFT_OUT = 0.01
State = Edition.State

SHRUNK = (
    "Le fichier ne porte que {entries} adresses, contre {before} dans la copie en service : il est sans doute tronqué."
)
BUSY = "La copie en service de l'annuaire est occupée par un autre traitement. Relancez l'import : il finira aussitôt."
SWAP_TRIES = 5
TOO_MANY_LEFT_OUT = "{left_out} lignes sur {lines} sont illisibles : ce fichier n'est pas celui de l'Annuaire Santé."


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an import is. ``share`` is that of the file read, from 0 to 1."""

    step: str
    lines: int
    share: float


Told = Callable[[Progress], None]


def do_import_extraction(path: Path, *, told: Told = lambda _: None, smaller: bool = False) -> Edition:
    """Put the extraction of a file (zip or text) in service; the edition of the file when it already is.

    ``smaller`` accepts a copy much smaller than the one in service. Raises NotPossible, in French, and then the copy in
    service stays.
    """
    with _alone():
        source = open_source(path)
        edition = _edition_of(source)
        if edition.state == State.CURRENT:
            return edition
        try:
            if not _bring_differences(edition, source, told, smaller=smaller):
                _load(edition, source, told)
                told(Progress("Index", edition.lines_read, 1.0))
                _check(edition, loading.count(), smaller=smaller)
                loading.index(edition.pk)
        except NotPossible as refusal:
            _refuse(edition, str(refusal))
            raise
        if edition.state != State.CURRENT:
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


@transaction.atomic
def _edition_of(source: Source) -> Edition:
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


def _bring_differences(edition: Edition, source: Source, told: Told, *, smaller: bool) -> bool:
    """Bring the copy in service to what the file says, when they differ by little; whether that was done."""
    if edition.lines_read:
        return False
    lines = 0

    def read() -> Iterator[list[str]]:
        nonlocal lines
        for batch, share in batches_of(source, BATCH):
            lines += len(batch)
            told(Progress("Comparaison", lines, share))
            yield batch

    found = differences.compare(read())
    if found is None:
        return False
    _apply(edition, found, smaller=smaller)
    return True


@transaction.atomic
def _apply(edition: Edition, found: differences.Differences, *, smaller: bool) -> None:
    begin(None)
    edition.lines_read, edition.left_out = found.lines, differences.apply(found)
    _check(edition, loading.count(loading.ENTRIES), smaller=smaller)
    loading.give_up()
    _note_in_service(edition)


def _load(edition: Edition, source: Source, told: Told) -> None:
    """Load what was not loaded yet."""
    lines = 0
    for batch, share in batches_of(source, BATCH):
        lines += len(batch)
        if lines > edition.lines_read:
            _take(edition, batch[edition.lines_read - lines :])
            told(Progress("Lecture", edition.lines_read, share))


@transaction.atomic
def _take(edition: Edition, batch: list[str]) -> None:
    kept = loading.copy(batch)
    edition.lines_read += len(batch)
    edition.left_out += len(batch) - kept
    edition.save(update_fields=["lines_read", "left_out"])


def _check(edition: Edition, entries: int, *, smaller: bool) -> None:
    if edition.left_out > MOST_LEFT_OUT * edition.lines_read:
        raise NotPossible(TOO_MANY_LEFT_OUT.format(left_out=edition.left_out, lines=edition.lines_read))
    edition.entries = entries
    if not entries:
        raise NotPossible("Le fichier ne porte aucune adresse.")
    before = Edition.objects.filter(source=Edition.Source.EXTRACTION, state=State.CURRENT).first()
    if before and not smaller and entries < before.entries * (1 - settings.DIRECTORY_MOST_SHRINKING):
        raise NotPossible(SHRUNK.format(entries=entries, before=before.entries))


@transaction.atomic
def _refuse(edition: Edition, reason: str) -> None:
    begin(None)
    loading.give_up()
    edition.state, edition.refusal, edition.finished_at = State.REFUSED, reason[:300], timezone.now()
    edition.save()
    record("directory_refused", edition, site=None, lines=edition.lines_read)


def _put_in_service(edition: Edition) -> None:
    """Swap the tables; those who read the copy in service are waited for a little, some times."""
    for _ in range(SWAP_TRIES):
        try:
            return _swap(edition)
        except OperationalError as error:
            if not isinstance(error.__cause__, LockNotAvailable):
                raise
    raise NotPossible(BUSY)


@transaction.atomic
def _swap(edition: Edition) -> None:
    begin(None)
    loading.put_in_service()
    _note_in_service(edition)


def _note_in_service(edition: Edition) -> None:
    Edition.objects.filter(source=edition.source, state=State.CURRENT).update(state=State.REPLACED)
    edition.state, edition.finished_at = State.CURRENT, timezone.now()
    edition.save()
    record("directory_imported", edition, site=None, entries=edition.entries, left_out=edition.left_out)
