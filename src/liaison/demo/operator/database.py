"""The one file an operator keeps: mailboxes, messages and queue in a SQLite database.

Why SQLite rather than a file a message. What must never come apart changes in one transaction: a message and its UID, a
delivery and its removal from the queue (so that a crash between the two neither loses nor doubles a message), a move
between folders. ``synchronous=FULL`` on a write-ahead log makes each commit an fsync, which is what answering 250
promises. Contents are blobs, kept byte for byte; a copy shares its content, which goes with its last reference.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SCHEMA = """
CREATE TABLE IF NOT EXISTS contents (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    bytes BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS folders (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    owner TEXT NOT NULL,
    name TEXT NOT NULL,
    uid_validity INTEGER NOT NULL,
    next_uid INTEGER NOT NULL DEFAULT 1,
    subscribed INTEGER NOT NULL DEFAULT 1,
    UNIQUE (owner, name)
);
CREATE TABLE IF NOT EXISTS messages (
    folder INTEGER NOT NULL REFERENCES folders (id) ON DELETE CASCADE,
    uid INTEGER NOT NULL,
    content INTEGER NOT NULL REFERENCES contents (id),
    received TEXT NOT NULL,
    flags TEXT NOT NULL DEFAULT '',
    recent INTEGER NOT NULL DEFAULT 1,
    PRIMARY KEY (folder, uid)
);
CREATE INDEX IF NOT EXISTS messages_by_content ON messages (content);
CREATE TABLE IF NOT EXISTS queue (
    id TEXT PRIMARY KEY,
    sender TEXT NOT NULL,
    content INTEGER NOT NULL REFERENCES contents (id),
    accepted TEXT NOT NULL,
    ret TEXT NOT NULL,
    envid TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS queue_by_content ON queue (content);
CREATE TABLE IF NOT EXISTS queue_recipients (
    queue TEXT NOT NULL REFERENCES queue (id) ON DELETE CASCADE,
    address TEXT NOT NULL,
    notify TEXT NOT NULL,
    orcpt TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    next_try TEXT NOT NULL,
    warned INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (queue, address)
);
CREATE TABLE IF NOT EXISTS counters (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL
);
"""


class Database:
    """One connection, used by one thread. ``transaction()`` nests: the outermost commits."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._depth = 0
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.execute("PRAGMA foreign_keys = ON")
        self._connection.executescript(SCHEMA)

    def close(self) -> None:
        self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All that is written inside is on disk, synced, once the outermost block ends; or none of it."""
        if self._depth:
            yield self._connection
            return
        self._connection.execute("BEGIN IMMEDIATE")
        self._depth = 1
        try:
            yield self._connection
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        else:
            self._connection.execute("COMMIT")
        finally:
            self._depth = 0

    def add_content(self, content: bytes) -> int:
        with self.transaction() as connection:
            cursor = connection.execute("INSERT INTO contents (bytes) VALUES (?)", (content,))
        return int(cursor.lastrowid or 0)

    def content(self, content_id: int) -> bytes:
        row = self._connection.execute("SELECT bytes FROM contents WHERE id = ?", (content_id,)).fetchone()
        return bytes(row[0])

    def forget_contents(self, content_ids: Iterator[int] | list[int]) -> None:
        """Delete those of the contents that nothing refers to any more."""
        with self.transaction() as connection:
            connection.executemany(
                "DELETE FROM contents WHERE id = ?1"
                " AND NOT EXISTS (SELECT 1 FROM messages WHERE content = ?1)"
                " AND NOT EXISTS (SELECT 1 FROM queue WHERE content = ?1)",
                [(content_id,) for content_id in content_ids],
            )

    def next_number(self, name: str, at_least: int = 1) -> int:
        """A number of the series ``name``, greater than every one given before, and not under ``at_least``."""
        with self.transaction() as connection:
            row = connection.execute(
                "INSERT INTO counters (name, value) VALUES (?1, ?2)"
                " ON CONFLICT (name) DO UPDATE SET value = max(value + 1, ?2) RETURNING value",
                (name, at_least),
            ).fetchone()
        return int(row[0])
