"""Changes to the copy in service between two extractions, as the Annuaire Santé API gives them."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone

from liaison.apps.audit.actions import begin, record
from liaison.apps.directory.loading import ENTRIES, TOLD, WORDS
from liaison.apps.directory.models import DirectoryEntry, Edition
from liaison.apps.directory.queries import current_edition
from liaison.core.directory.values import Listed, key_of
from liaison.core.directory.words import search_words

_INSERT = (
    f"INSERT INTO {ENTRIES} ({', '.join(TOLD)})"  # noqa: S608 (names of our own tables)
    f" VALUES ({', '.join(['%s'] * (len(TOLD) - 1))}, %s::tsvector)"
)
_NEW_WORDS = (
    f"INSERT INTO {WORDS} (word, lines) SELECT typed, 1 FROM unnest(%s::text[]) typed"  # noqa: S608 (as above)
    f" WHERE NOT EXISTS (SELECT 1 FROM {WORDS} known WHERE known.word = typed)"
)


def since_when() -> datetime | None:
    """From when on the changes are wanted: the last update, or the extraction put in service after it.

    None when there is no extraction: the API completes a copy, it does not make one.
    """
    extraction, update = current_edition(), current_edition(Edition.Source.API)
    if extraction is None:
        return None
    if update is None or (extraction.finished_at and extraction.finished_at > update.started_at):
        return extraction.published_at
    return update.published_at


@transaction.atomic
def do_merge_page(listed: Sequence[Listed], gone: Sequence[str]) -> int:
    """Put the lines of one page in the place of the former ones about the same mailboxes; how many lines."""
    DirectoryEntry.objects.filter(national_id__in=[number for number in gone if number], kind="PER").delete()
    for line in listed:
        DirectoryEntry.objects.filter(email=line.email, key=key_of(line)).delete()
    texts = search_words(listed)
    words = sorted({word for text in texts for word in text.split() if len(word) > 1 and not word[-1].isdigit()})
    with connection.cursor() as cursor:
        cursor.executemany(_INSERT, [_row(line, text) for line, text in zip(listed, texts, strict=True)])
        cursor.execute(_NEW_WORDS, [words])
    return len(listed)


def _row(line: Listed, text: str) -> tuple[str | bool, ...]:
    return (line.kind, line.email, key_of(line), *line[2:], text)


@transaction.atomic
def do_note_update(*, asked_at: datetime, lines: int) -> Edition:
    """Every page since the last update is in: from now on the changes are wanted from ``asked_at``."""
    begin(None)
    Edition.objects.filter(source=Edition.Source.API, state=Edition.State.CURRENT).update(state=Edition.State.REPLACED)
    edition = Edition.objects.create(
        source=Edition.Source.API,
        state=Edition.State.CURRENT,
        sha256="",
        published_at=asked_at,
        started_at=asked_at,
        finished_at=timezone.now(),
        entries=lines,
    )
    record("directory_updated", edition, site=None, entries=lines)
    return edition
