"""Documents written with the words they are searched by, which their trigger then leaves to us (ADR 29)."""

from collections.abc import Sequence

import psycopg
from django.db import connection
from psycopg.adapt import Dumper
from psycopg.pq import Format

from liaison.apps.intake.models import Document
from liaison.apps.rows import insert_rows
from liaison.apps.search.stems import Text, vectors_of

_TSVECTOR = 3614
"""The number of the type in every PostgreSQL (pg_type.dat)."""
_INSERT = "INSERT INTO search_indexeddocument (document_id, site_id, mailbox_id, words) VALUES "


class _Vector(bytes):
    """A tsvector in binary."""


class _VectorDumper(Dumper):
    format = Format.BINARY
    oid = _TSVECTOR

    def dump(self, obj: bytes) -> bytes:
        return obj


def insert_documents(documents: Sequence[Document]) -> None:
    """Insert new documents and their words, inside a transaction."""
    if not documents:
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('liaison.words_come', 'on', true)")
        insert_rows(documents)
        cursor.execute("SELECT set_config('liaison.words_come', '', true)")
        cursor.execute(
            "SELECT d.id, search_title(d) FROM intake_document d WHERE id = ANY (%s)", [[each.pk for each in documents]]
        )
        titles = dict(cursor.fetchall())
    texts = [Text(titles[each.pk], each.text, each.site_id, each.pk) for each in documents]
    values = [
        value
        for document, vector in zip(documents, vectors_of(texts), strict=True)
        for value in (document.pk, document.site_id, document.message.mailbox_id, _Vector(vector))
    ]
    lines = ", ".join(f"(${first}, ${first + 1}, ${first + 2}, ${first + 3})" for first in range(1, len(values), 4))
    with connection.wrap_database_errors, psycopg.RawCursor(connection.connection) as cursor:
        cursor.adapters.register_dumper(_Vector, _VectorDumper)
        cursor.execute((_INSERT + lines).encode(), values)
