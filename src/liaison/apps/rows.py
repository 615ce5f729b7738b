"""Many rows written by one statement, their values bound by the server.

Django binds values in the client, and its bulk insert goes through arrays: quoting a hospital's letter that way costs
ten times what inserting it does.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeAlias
from uuid import UUID

import psycopg
from django.db import connection, models
from django.db.models import Field, Model
from django.db.models.options import Options

Column: TypeAlias = "Field[Any, Any]"
MOST_VALUES = 65_535
"""PostgreSQL counts the values of a statement in sixteen bits."""
_NUMBERS = (int, type(None))
_AS_THEY_ARE: dict[type[Column], tuple[type, ...]] = {
    models.CharField: (str,),
    models.TextField: (str,),
    models.UUIDField: (UUID,),
    models.BooleanField: (bool,),
    models.ForeignKey: _NUMBERS,
    models.IntegerField: _NUMBERS,
    models.BigIntegerField: _NUMBERS,
    models.PositiveIntegerField: _NUMBERS,
    models.PositiveBigIntegerField: _NUMBERS,
    models.PositiveSmallIntegerField: _NUMBERS,
}


def insert_rows(rows: Sequence[Model]) -> None:
    """Insert new rows of one table, in their order, and give each its number."""
    columns = [field for field in _table_of(rows).concrete_fields if not field.primary_key] if rows else []
    for lot in _lots(rows, len(columns)):
        _insert(lot, columns)


def update_rows(rows: Sequence[Model], names: Sequence[str]) -> None:
    """Write the fields of these names, of rows of one table that exist."""
    columns = [field for field in _table_of(rows).concrete_fields if field.name in names] if rows else []
    for lot in _lots(rows, len(columns) + 1):
        _update(lot, columns)


def _lots(rows: Sequence[Model], columns: int) -> Iterator[Sequence[Model]]:
    """As many rows as one statement may bind the values of."""
    size = MOST_VALUES // max(columns, 1)
    return (rows[start : start + size] for start in range(0, len(rows), size))


def _insert(rows: Sequence[Model], columns: Sequence[Column]) -> None:
    table = _table_of(rows)
    statement = (
        f"INSERT INTO {_quoted(table.db_table)} ({_names(columns)}) VALUES {_lines(len(rows), columns)}"  # noqa: S608 (our tables)
        f" RETURNING {_name(table.pk)}"
    )
    numbers = _execute(statement, [value for row in rows for value in _values(row, columns, add=True)])
    for row, (number,) in zip(rows, numbers, strict=True):
        row.pk = number
        row._state.adding, row._state.db = False, connection.alias  # noqa: SLF001 (what Django's own insertions do)


def _update(rows: Sequence[Model], columns: Sequence[Column]) -> None:
    table = _table_of(rows)
    key, keyed = _name(table.pk), [table.pk, *columns]
    statement = (
        f"UPDATE {_quoted(table.db_table)} t SET {', '.join(f'{name} = v.{name}' for name in map(_name, columns))}"  # noqa: S608 (our tables)
        f" FROM (VALUES {_lines(len(rows), keyed, typed=True)}) AS v ({_names(keyed)})"
        f" WHERE t.{key} = v.{key} RETURNING t.{key}"
    )
    _execute(statement, [value for row in rows for value in (row.pk, *_values(row, columns, add=False))])


def _table_of(rows: Sequence[Model]) -> "Options[Any]":
    return rows[0]._meta  # noqa: SLF001 (Django documents it as public)


def _names(columns: Iterable[Column]) -> str:
    return ", ".join(_name(field) for field in columns)


def _name(field: Column) -> str:
    return _quoted(str(field.column))


def _quoted(name: str) -> str:
    return str(connection.ops.quote_name(name))


def _lines(count: int, columns: Sequence[Column], *, typed: bool = False) -> str:
    """``($1, $2), ($3, $4)``: the types of a list of VALUES are those of its first line."""
    types = [f"::{_type(field)}" if typed else "" for field in columns]
    places = iter(range(1, count * len(columns) + 1))
    first = ", ".join(f"${place}{kind}" for kind, place in zip(types, places, strict=False))
    others = (", ".join(f"${next(places)}" for _ in columns) for _ in range(count - 1))
    return ", ".join(f"({line})" for line in (first, *others))


def _type(field: Column) -> str:
    return str(field.rel_db_type(connection) if field.primary_key else field.db_type(connection))


def _values(row: Model, columns: Iterable[Column], *, add: bool) -> list[Any]:
    return [_value(field, field.pre_save(row, add)) for field in columns]


def _value(field: Column, value: Any) -> Any:
    """What Django makes of a value, which is most often the value itself: asking it costs more than writing it."""
    if type(value) in _AS_THEY_ARE.get(type(field), ()):
        return value
    return field.get_db_prep_save(value, connection)


def _execute(statement: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.RawCursor[tuple[Any, ...]](connection.connection) as cursor:
        return cursor.execute(statement.encode(), values).fetchall()
