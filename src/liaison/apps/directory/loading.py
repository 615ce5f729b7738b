"""The tables behind the national copy: a new one is filled and indexed aside, then takes the place of the former.

Searches see the former copy until the very moment of the change, and only a whole, checked copy ever takes its place.
"""

from collections.abc import Iterable, Sequence

from django.db import connection, transaction

from liaison.core.directory.extraction import digest_of, read_line
from liaison.core.directory.values import Listed, key_of
from liaison.core.directory.words import search_words
from liaison.core.notices import Notice

ENTRIES, WORDS = "directory_directoryentry", "directory_directoryword"
NEXT_ENTRIES, NEXT_WORDS = "directory_next_entry", "directory_next_word"
TOLD = (
    "kind", "email", "key", "national_id", "title", "family", "given", "profession", "speciality", "structure",
    "structure_id", "service", "street", "postal_code", "city", "department", "dematerialised", "words",
)  # fmt: skip
COLUMNS = (*TOLD, "digest")
CHUNK = 5_000
LOCK_TIMEOUT = "4s"
WORDS_OF_LINES = (
    "SELECT word, ndoc FROM ts_stat('SELECT words FROM {table}')"
    " WHERE length(word) BETWEEN 2 AND 60 AND word !~ '^(dep)?[0-9][0-9ab][0-9]*$'"
)


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


def copy(lines: Sequence[str], table: str = NEXT_ENTRIES) -> int:
    """Add lines of the extraction to a table, by COPY; how many could be read.

    A line holds no character that COPY gives a meaning to: see ``printable``.
    """
    kept = 0
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({', '.join(COLUMNS)}) FROM STDIN") as sink:
        for start in range(0, len(lines), CHUNK):
            rows = _rows(lines[start : start + CHUNK])
            kept += len(rows)
            sink.write("".join(rows))
    return kept


def printable(text: str) -> str:
    """Text without what would part or end the cells of COPY's text format; the ends of lines stay."""
    return text.replace("\\", "/").replace("\t", " ").replace("\r", "").replace("\0", "")


def _rows(lines: Sequence[str]) -> list[str]:
    """Lines in COPY's text format; those that cannot be read are left out."""
    read = [(line, listed) for line in lines if not isinstance(listed := read_line(line), Notice)]
    words = search_words([listed for _, listed in read])
    return [_row(line, listed, said) for (line, listed), said in zip(read, words, strict=True)]


def _row(line: str, listed: Listed, words: str) -> str:
    kind, email, *texts, dematerialised = listed
    cells = (kind, email, key_of(listed), *texts, "t" if dematerialised else "f", words, str(digest_of(line)))
    return "\t".join(cells) + "\n"


def index(edition: int) -> None:
    """The indexes of the table aside and its words. The longest statements of an import: no time limit."""
    with transaction.atomic():
        _run("SET LOCAL statement_timeout = 0")
        _run("SET LOCAL maintenance_work_mem = '256MB'")
        _run(f"TRUNCATE {NEXT_WORDS}")
        _run(f"INSERT INTO {NEXT_WORDS} (word, lines) {WORDS_OF_LINES.format(table=NEXT_ENTRIES)}")
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


def count(table: str = NEXT_ENTRIES) -> int:
    """How many addresses a table holds."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM (SELECT 1 FROM {table} GROUP BY email) each")  # noqa: S608 (our own table)
        return int(cursor.fetchone()[0])


def put_in_service() -> None:
    """The table aside takes the place of the one in service. Inside the transaction that says so in the journal.

    Waits a little for those who read the copy in service; raises OperationalError when they do not finish.
    """
    _run(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
    _run(f"DROP TABLE {ENTRIES}, {WORDS}")
    _run(f"ALTER TABLE {NEXT_ENTRIES} RENAME TO {ENTRIES}")
    _run(f"ALTER TABLE {NEXT_WORDS} RENAME TO {WORDS}")


def _run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
