"""The tables behind the national copy: a new one is filled and indexed aside, then takes the place of the former.

Searches see the former copy until the very moment of the change, and only a whole, checked copy ever takes its place.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection, transaction

from liaison.core.directory.values import Listed, key_of
from liaison.core.directory.words import search_words

ENTRIES, WORDS = "directory_directoryentry", "directory_directoryword"
NEXT_ENTRIES, NEXT_WORDS = "directory_next_entry", "directory_next_word"
COLUMNS = (
    "kind", "email", "key", "national_id", "title", "family", "given", "profession", "speciality", "structure",
    "structure_id", "service", "street", "postal_code", "city", "department", "dematerialised", "words",
)  # fmt: skip
CHUNK = 5_000
_UNPRINTABLE = str.maketrans({"\\": "/", "\t": " ", "\n": " ", "\r": " ", "\0": ""})
_ODD = re.compile(r"[\n\r\0]")


@dataclass(frozen=True, slots=True)
class Copied:
    """What the table aside holds once filled."""

    entries: int
    addresses: int


def prepare() -> None:
    """An empty table aside, in the place of whatever a former try left there."""
    _run(f"DROP TABLE IF EXISTS {NEXT_ENTRIES}, {NEXT_WORDS}")
    _run(f"CREATE TABLE {NEXT_ENTRIES} (LIKE {ENTRIES} INCLUDING DEFAULTS INCLUDING IDENTITY)")
    _run(f"CREATE TABLE {NEXT_WORDS} (LIKE {WORDS})")


def is_prepared() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [NEXT_ENTRIES])
        return bool(cursor.fetchone()[0])


def give_up() -> None:
    """Drop the table aside; the copy in service is not touched."""
    _run(f"DROP TABLE IF EXISTS {NEXT_ENTRIES}, {NEXT_WORDS}")


def copy(lines: Iterable[Listed]) -> None:
    """Add lines to the table aside, by COPY."""
    statement = f"COPY {NEXT_ENTRIES} ({', '.join(COLUMNS)}) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(statement) as sink:
        chunk: list[str] = []
        for line in lines:
            chunk.append(_row(line))
            if len(chunk) >= CHUNK:
                sink.write("".join(chunk))
                chunk.clear()
        sink.write("".join(chunk))


def _row(line: Listed) -> str:
    """One line of COPY's text format."""
    kind, email, national_id, *texts, dematerialised = line
    cells = (kind, email, key_of(line), national_id, *texts, "t" if dematerialised else "f", search_words(line))
    row = "\t".join(cells)
    if "\\" in row or row.count("\t") != len(COLUMNS) - 1 or _ODD.search(row):
        row = "\t".join(cell.translate(_UNPRINTABLE) for cell in cells)
    return row + "\n"


def index(edition: int) -> None:
    """The indexes of the table aside and its words. The longest statements of an import: no time limit."""
    with transaction.atomic():
        _run("SET LOCAL statement_timeout = 0")
        _run("SET LOCAL maintenance_work_mem = '256MB'")
        _run(f"TRUNCATE {NEXT_WORDS}")
        _run(
            f"INSERT INTO {NEXT_WORDS} (word, lines) "  # noqa: S608 (names of our own tables)
            f"SELECT word, ndoc FROM ts_stat('SELECT words FROM {NEXT_ENTRIES}')"
            " WHERE length(word) BETWEEN 2 AND 60 AND word !~ '^(dep)?[0-9][0-9ab][0-9]*$'"
        )
        for statement in _indexes(edition):
            _run(statement)
    for table in (NEXT_ENTRIES, NEXT_WORDS):
        _run(f"ANALYZE {table}")


def _indexes(edition: int) -> Iterable[str]:
    entry, word = f"directory_entry_{edition}", f"directory_word_{edition}"
    yield f"CREATE UNIQUE INDEX IF NOT EXISTS {entry}_id ON {NEXT_ENTRIES} (id)"
    yield f"CREATE INDEX IF NOT EXISTS {entry}_email ON {NEXT_ENTRIES} (email)"
    yield f"CREATE INDEX IF NOT EXISTS {entry}_key ON {NEXT_ENTRIES} (key)"
    yield f"CREATE INDEX IF NOT EXISTS {entry}_words ON {NEXT_ENTRIES} USING gin (words) WITH (fastupdate = off)"
    yield f"CREATE INDEX IF NOT EXISTS {word}_start ON {NEXT_WORDS} (word text_pattern_ops)"
    yield f"CREATE INDEX IF NOT EXISTS {word}_near ON {NEXT_WORDS} USING gin (word gin_trgm_ops)"


def count() -> Copied:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*), count(DISTINCT email) FROM {NEXT_ENTRIES}")  # noqa: S608 (our own table)
        entries, addresses = cursor.fetchone()
    return Copied(entries, addresses)


def put_in_service() -> None:
    """The table aside takes the place of the one in service. Inside the transaction that says so in the journal."""
    _run(f"DROP TABLE {ENTRIES}, {WORDS}")
    _run(f"ALTER TABLE {NEXT_ENTRIES} RENAME TO {ENTRIES}")
    _run(f"ALTER TABLE {NEXT_WORDS} RENAME TO {WORDS}")


def _run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
