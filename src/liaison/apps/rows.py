"""Many rows written by one statement, their values bound by the server.

Django binds values in the client, and its bulk insert goes through arrays: quoting a hospital's letter that way costs
ten times what inserting it does.
"""

from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

import psycopg
from django.db import connection
from django.db.models import Field, Model
from django.db.models.options import Options
from psycopg.sql import SQL, Composed, Identifier, Placeholder

Column: TypeAlias = "Field[Any, Any]"


def insert_rows(rows: Sequence[Model]) -> None:
    """Insert new rows of one table, in their order, and give each its number."""
    if not rows:
        return
    table = _table_of(rows)
    columns = [field for field in table.concrete_fields if field is not table.pk]
    statement = SQL("INSERT INTO {} ({}) VALUES {} RETURNING {}").format(
        Identifier(table.db_table), _names(columns), _lines(rows, columns), _name(table.pk)
    )
    numbers = _execute(statement, [value for row in rows for value in _values(row, columns, add=True)])
    for row, (number,) in zip(rows, numbers, strict=True):
        row.pk = number
        row._state.adding, row._state.db = False, connection.alias  # noqa: SLF001 (what Django's own insertions do)


def update_rows(rows: Sequence[Model], names: Sequence[str]) -> None:
    """Write the fields of these names, of rows of one table that exist."""
    if not rows:
        return
    table = _table_of(rows)
    columns = [field for field in table.concrete_fields if field.name in names]
    statement = SQL("UPDATE {} t SET {} FROM (VALUES {}) AS v ({}) WHERE t.{key} = v.{key} RETURNING t.{key}").format(
        Identifier(table.db_table),
        SQL(", ").join([SQL("{0} = v.{0}").format(_name(field)) for field in columns]),
        _lines(rows, [table.pk, *columns], typed=True),
        _names([table.pk, *columns]),
        key=_name(table.pk),
    )
    _execute(statement, [value for row in rows for value in (row.pk, *_values(row, columns, add=False))])


def _table_of(rows: Sequence[Model]) -> "Options[Any]":
    return rows[0]._meta  # noqa: SLF001 (Django documents it as public)


def _names(columns: Iterable[Column]) -> Composed:
    return SQL(", ").join([_name(field) for field in columns])


def _name(field: Column) -> Identifier:
    return Identifier(str(field.column))


def _lines(rows: Sequence[Model], columns: Sequence[Column], *, typed: bool = False) -> Composed:
    """``(…), (…)``: the types of a list of VALUES are those of its first line."""
    line = SQL("({})").format(SQL(", ").join(Placeholder() for _ in columns))
    types = SQL("({})").format(SQL(", ").join(SQL("{}::{}").format(Placeholder(), _type(field)) for field in columns))
    return SQL(", ").join([types if typed else line, *[line] * (len(rows) - 1)])


def _type(field: Column) -> SQL:
    return SQL(str(field.rel_db_type(connection) if field.primary_key else field.db_type(connection)))


def _values(row: Model, columns: Iterable[Column], *, add: bool) -> list[Any]:
    return [field.get_db_prep_save(field.pre_save(row, add), connection) for field in columns]


def _execute(statement: Composed, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.Cursor[tuple[Any, ...]](connection.connection) as cursor:
        return cursor.execute(statement, values).fetchall()
