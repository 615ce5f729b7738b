"""Row-level security: the wall behind the gate of ``access.py``.

Each protected table shows only the rows of the sites named in the session setting ``liaison.sites`` (numbers separated
by commas, or ``*`` for the processes that serve every site). Unset or empty, it shows nothing.
"""

from collections.abc import Iterable
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.db import connection, migrations

if TYPE_CHECKING:
    from collections.abc import Iterator

SETTING = "liaison.sites"
EVERY_SITE = "*"
_ALL = f"current_setting('{SETTING}', true) = '{EVERY_SITE}'"
_LISTED = f"ANY (string_to_array(nullif(current_setting('{SETTING}', true), ''), ',')::bigint[])"


def protect(table: str, column: str = "site_id") -> migrations.RunSQL:
    """A migration operation: rows of ``table`` are seen only from the scope of the site in ``column``."""
    return _policy(table, f"CASE WHEN {_ALL} THEN true ELSE {table}.{column} = {_LISTED} END")


def protect_through(table: str, column: str, parent: str) -> migrations.RunSQL:
    """A migration operation: rows of ``table`` are seen only when their row in ``parent`` is (itself protected)."""
    seen = f"EXISTS (SELECT 1 FROM {parent} p WHERE p.id = {table}.{column})"  # noqa: S608 (names of our own tables)
    return _policy(table, f"CASE WHEN {_ALL} THEN true ELSE {seen} END")


def protect_searched(*tables: str) -> list[migrations.RunSQL]:
    """Migration operations: as ``protect``, and open to the functions of apps/search, which apply the wall themselves.

    The answer of ``search_running`` is taken when a statement is planned (hence IMMUTABLE, which it is for the time of
    one statement): the policy is then nothing at all, and PostgreSQL may use the index behind it. Statements that last
    longer than the setting must not read these tables: no prepared statement, no view, no plpgsql but by EXECUTE.
    """
    running = """
        CREATE FUNCTION search_running() RETURNS boolean LANGUAGE sql IMMUTABLE AS
            $$ SELECT coalesce(current_setting('liaison.searching', true), '') = 'on' $$;
    """
    walls = [
        _policy(table, f"CASE WHEN search_running() OR {_ALL} THEN true ELSE {table}.site_id = {_LISTED} END")
        for table in tables
    ]
    return [migrations.RunSQL(running, "DROP FUNCTION search_running();"), *walls]


def _policy(table: str, rule: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"""
        ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
        ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
        CREATE POLICY by_site ON {table} USING ({rule}) WITH CHECK ({rule});
        """,
        f"""
        DROP POLICY by_site ON {table};
        ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY;
        ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;
        """,
    )


def open_scope(site_ids: Iterable[int]) -> None:
    """Show this connection the rows of these sites only."""
    _set(",".join(str(site_id) for site_id in sorted(site_ids)))


def close_scope() -> None:
    """Show this connection no site's rows."""
    if connection.is_usable():
        _set("")


@contextmanager
def scope(site_ids: Iterable[int]) -> "Iterator[None]":
    """The rows of these sites for the time of a block, then the scope there was before."""
    with _within(",".join(str(site_id) for site_id in sorted(site_ids))):
        yield


@contextmanager
def every_site() -> "Iterator[None]":
    """The rows of every site for the time of a block: for counts of the whole installation, never for a person."""
    with _within(EVERY_SITE):
        yield


@contextmanager
def _within(value: str) -> "Iterator[None]":
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting(%s, true)", [SETTING])
        before = cursor.fetchone()[0] or ""
    _set(value)
    try:
        yield
    finally:
        _set(before)


def _set(value: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, false)", [SETTING, value])
