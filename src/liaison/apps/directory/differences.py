"""What an extraction says otherwise than the copy in service: from one day to the next, a line in a hundred.

Each line in service keeps its digest. Comparing those of a file costs a tenth of loading it; only what is new is then
written, and only what is gone is taken away, in one transaction: a search sees the former copy or the new one.
"""

import struct
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection

from liaison.apps.directory import loading
from liaison.apps.directory.loading import COLUMNS, ENTRIES, NEXT_ENTRIES, WORDS, WORDS_OF_LINES
from liaison.core.directory.extraction import digest_of

MOST_DIFFERENT = 0.1
"""The share of lines above which loading the whole file aside costs less than changing so many rows."""

_HEADER, _ROW = 19, struct.Struct(">hiq")
_GONE = "directory_gone"
_COUNTING = (
    f"UPDATE {WORDS} known SET lines = greatest(known.lines - gone.ndoc, 0)"  # noqa: S608 (names of our own tables)
    f" FROM ({WORDS_OF_LINES.format(table=_GONE)}) gone WHERE gone.word = known.word",
    f"UPDATE {WORDS} known SET lines = known.lines + new.ndoc"  # noqa: S608
    f" FROM ({WORDS_OF_LINES.format(table=NEXT_ENTRIES)}) new WHERE new.word = known.word",
    f"INSERT INTO {WORDS} (word, lines) SELECT word, ndoc FROM ({WORDS_OF_LINES.format(table=NEXT_ENTRIES)}) new"  # noqa: S608
    f" WHERE NOT EXISTS (SELECT 1 FROM {WORDS} known WHERE known.word = new.word)",
    f"DELETE FROM {WORDS} WHERE lines = 0",  # noqa: S608
)


@dataclass(frozen=True, slots=True)
class Differences:
    """``new`` are lines as written, ``gone`` digests of lines in service; ``lines`` is how many the file has."""

    lines: int
    new: list[str]
    gone: list[int]


def compare(batches: Iterable[list[str]]) -> Differences | None:
    """How the lines of a file differ from those in service; None when there is no copy, or too little in common."""
    known = _digests()
    seen: set[int] = set()
    new: list[str] = []
    lines = 0
    for batch in batches if known else ():
        lines += len(batch)
        for line in batch:
            digest = digest_of(line)
            if digest in known:
                seen.add(digest)
            else:
                new.append(line)
        if len(new) > MOST_DIFFERENT * len(known):
            return None
    gone = known - seen
    return Differences(lines, new, list(gone)) if known and len(gone) <= MOST_DIFFERENT * len(known) else None


def _digests() -> set[int]:
    """Those in service, read in COPY's binary format: a header, then for each a count, a length and 64 bits."""
    query = f"COPY (SELECT digest FROM {ENTRIES} WHERE digest IS NOT NULL) TO STDOUT (FORMAT binary)"  # noqa: S608
    with connection.cursor() as cursor, cursor.copy(query) as source:
        told = b"".join(source)
    return {digest for _, _, digest in _ROW.iter_unpack(told[_HEADER:-2])}


def apply(found: Differences) -> int:
    """Bring the copy in service to the file, inside the caller's transaction; how many new lines cannot be read.

    What came from the API since, without a digest, goes too: the extraction is right.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute(f"CREATE TEMPORARY TABLE {_GONE} (words tsvector) ON COMMIT DROP")
        cursor.execute(
            f"WITH gone AS (DELETE FROM {ENTRIES} WHERE digest = ANY(%s) OR digest IS NULL RETURNING words)"  # noqa: S608
            f" INSERT INTO {_GONE} SELECT words FROM gone",
            [found.gone],
        )
        left_out = len(found.new) - loading.copy(found.new)
        told = ", ".join(COLUMNS)
        cursor.execute(f"INSERT INTO {ENTRIES} ({told}) SELECT {told} FROM {NEXT_ENTRIES}")  # noqa: S608 (as above)
        for statement in _COUNTING:
            cursor.execute(statement)
    return left_out
