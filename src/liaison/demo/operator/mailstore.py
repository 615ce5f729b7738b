"""Folders and messages of every account, on disk. UIDs only grow; a folder keeps its UIDVALIDITY all its life."""

import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from liaison.demo.operator.database import Database

STANDARD_FOLDERS = ("INBOX", "Sent", "Drafts", "Trash")


@dataclass(frozen=True, slots=True)
class FolderRow:
    id: int
    name: str
    uid_validity: int
    next_uid: int
    subscribed: int


@dataclass(frozen=True, slots=True)
class MessageRow:
    """``flags`` are system flags and keywords as IMAP writes them (RFC 3501 §2.3.2), without the Recent flag."""

    uid: int
    content: int
    received: datetime
    flags: frozenset[str]
    recent: bool


class MailStore:
    """Every write is one transaction, or part of the caller's."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def open_account(self, owner: str) -> None:
        """Make the folders that every mail client expects, where they are missing."""
        present = {folder.name for folder in self.folders(owner)}
        for name in STANDARD_FOLDERS:
            if name not in present:
                self.create(owner, name)

    def folders(self, owner: str) -> list[FolderRow]:
        with self.database.transaction() as connection:
            rows = connection.execute(
                "SELECT id, name, uid_validity, next_uid, subscribed FROM folders WHERE owner = ? ORDER BY id", (owner,)
            )
            return [FolderRow(*row) for row in rows]

    def folder(self, owner: str, name: str) -> FolderRow | None:
        return next((folder for folder in self.folders(owner) if folder.name == name), None)

    def create(self, owner: str, name: str) -> int:
        with self.database.transaction() as connection:
            uid_validity = self.database.next_number("uid_validity", at_least=int(time.time()))
            cursor = connection.execute(
                "INSERT INTO folders (owner, name, uid_validity) VALUES (?, ?, ?)", (owner, name, uid_validity)
            )
        return int(cursor.lastrowid or 0)

    def rename(self, folder_id: int, name: str) -> None:
        with self.database.transaction() as connection:
            connection.execute("UPDATE folders SET name = ? WHERE id = ?", (name, folder_id))

    def subscribe(self, owner: str, name: str, *, subscribed: bool) -> None:
        with self.database.transaction() as connection:
            connection.execute(
                "UPDATE folders SET subscribed = ? WHERE owner = ? AND name = ?", (subscribed, owner, name)
            )

    def drop(self, folder_id: int) -> None:
        with self.database.transaction() as connection:
            contents = [message.content for message in self.messages(folder_id)]
            connection.execute("DELETE FROM folders WHERE id = ?", (folder_id,))
            self.database.forget_contents(contents)

    def next_uid(self, folder_id: int) -> int:
        with self.database.transaction() as connection:
            row = connection.execute("SELECT next_uid FROM folders WHERE id = ?", (folder_id,)).fetchone()
        return int(row[0])

    def messages(self, folder_id: int) -> list[MessageRow]:
        with self.database.transaction() as connection:
            rows = connection.execute(
                "SELECT uid, content, received, flags, recent FROM messages WHERE folder = ? ORDER BY uid", (folder_id,)
            )
            return [_message(row) for row in rows]

    def message(self, folder_id: int, uid: int) -> MessageRow | None:
        with self.database.transaction() as connection:
            row = connection.execute(
                "SELECT uid, content, received, flags, recent FROM messages WHERE folder = ? AND uid = ?",
                (folder_id, uid),
            ).fetchone()
        return None if row is None else _message(row)

    def append(
        self, folder_id: int, content: bytes, received: datetime, flags: Iterable[str] = (), *, recent: bool = True
    ) -> int:
        """Add a message at the end of the folder; its UID."""
        with self.database.transaction():
            content_id = self.database.add_content(content)
            return self._insert(folder_id, content_id, received, flags, recent=recent)

    def copy(self, folder_id: int, uid: int, destination: int, *, recent: bool) -> int | None:
        """Copy a message with its flags and its date; its new UID, or None when it is no more."""
        with self.database.transaction():
            message = self.message(folder_id, uid)
            if message is None:
                return None
            return self._insert(destination, message.content, message.received, message.flags, recent=recent)

    def move(self, folder_id: int, uid: int, destination: int, *, recent: bool) -> int | None:
        with self.database.transaction():
            new_uid = self.copy(folder_id, uid, destination, recent=recent)
            self.delete(folder_id, [uid])
        return new_uid

    def set_flags(self, folder_id: int, uid: int, flags: Iterable[str]) -> None:
        with self.database.transaction() as connection:
            connection.execute(
                "UPDATE messages SET flags = ? WHERE folder = ? AND uid = ?", (_joined(flags), folder_id, uid)
            )

    def claim_recent(self, folder_id: int) -> list[int]:
        """The UIDs no session had been told of yet; none of them is recent any more."""
        with self.database.transaction() as connection:
            rows = connection.execute("SELECT uid FROM messages WHERE folder = ? AND recent", (folder_id,)).fetchall()
            connection.execute("UPDATE messages SET recent = 0 WHERE folder = ? AND recent", (folder_id,))
        return [int(row[0]) for row in rows]

    def delete(self, folder_id: int, uids: Collection[int]) -> None:
        with self.database.transaction() as connection:
            contents = [message.content for message in self.messages(folder_id) if message.uid in uids]
            connection.executemany(
                "DELETE FROM messages WHERE folder = ? AND uid = ?", [(folder_id, uid) for uid in uids]
            )
            self.database.forget_contents(contents)

    def _insert(
        self, folder_id: int, content_id: int, received: datetime, flags: Iterable[str], *, recent: bool
    ) -> int:
        with self.database.transaction() as connection:
            uid = self.next_uid(folder_id)
            connection.execute("UPDATE folders SET next_uid = ? WHERE id = ?", (uid + 1, folder_id))
            connection.execute(
                "INSERT INTO messages (folder, uid, content, received, flags, recent) VALUES (?, ?, ?, ?, ?, ?)",
                (folder_id, uid, content_id, received.isoformat(), _joined(flags), recent),
            )
        return uid


def _message(row: tuple[int, int, str, str, int]) -> MessageRow:
    uid, content, received, flags, recent = row
    return MessageRow(uid, content, datetime.fromisoformat(received), frozenset(flags.split()), bool(recent))


def _joined(flags: Iterable[str]) -> str:
    return " ".join(sorted(flags))
