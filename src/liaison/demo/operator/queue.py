"""The durable queue: what was accepted with 250 and is not yet delivered to everyone."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from liaison.demo.operator.database import Database

NULL_SENDER = ""


@dataclass(frozen=True, slots=True)
class Recipient:
    """One recipient with what the sender asked for it (RFC 3461 §4): ``notify`` is upper case keywords with commas or
    empty, ``orcpt`` the parameter as received, still in xtext.
    """

    address: str
    notify: str = ""
    orcpt: str = ""
    attempts: int = 0
    warned: int = 0

    def wants(self, event: str) -> bool:
        """Whether a report of that event is due; failures are by default, the rest on request."""
        return event in self.notify.split(",") if self.notify else event == "FAILURE"


@dataclass(frozen=True, slots=True)
class Envelope:
    """``sender`` is empty for the null return path; ``ret`` is FULL, HDRS or empty, ``envid`` as received."""

    sender: str
    recipients: tuple[Recipient, ...]
    ret: str = ""
    envid: str = ""


@dataclass(frozen=True, slots=True)
class QueuedMail:
    id: str
    envelope: Envelope
    content_id: int
    accepted: datetime


def new_queue_id() -> str:
    return secrets.token_hex(8)


class Queue:
    def __init__(self, database: Database) -> None:
        self.database = database

    def add(self, envelope: Envelope, content: bytes, queue_id: str = "") -> str:
        """Keep a mail until delivered; it is on disk, synced, when this returns its queue id."""
        identifier = queue_id or new_queue_id()
        now = datetime.now(UTC).isoformat()
        with self.database.transaction() as connection:
            content_id = self.database.add_content(content)
            connection.execute(
                "INSERT INTO queue (id, sender, content, accepted, ret, envid) VALUES (?, ?, ?, ?, ?, ?)",
                (identifier, envelope.sender, content_id, now, envelope.ret, envelope.envid),
            )
            connection.executemany(
                "INSERT OR IGNORE INTO queue_recipients (queue, address, notify, orcpt, next_try)"
                " VALUES (?, ?, ?, ?, ?)",
                [(identifier, each.address, each.notify, each.orcpt, now) for each in envelope.recipients],
            )
        return identifier

    def due(self) -> list[QueuedMail]:
        """The mails with a recipient to try now, with those recipients only, oldest first."""
        now = datetime.now(UTC).isoformat()
        with self.database.transaction() as connection:
            rows = connection.execute(
                "SELECT id, sender, content, accepted, ret, envid FROM queue WHERE EXISTS"
                " (SELECT 1 FROM queue_recipients WHERE queue = queue.id AND next_try <= ?) ORDER BY accepted",
                (now,),
            ).fetchall()
            return [
                QueuedMail(row[0], Envelope(row[1], self._due(row[0], now), row[4], row[5]), row[2], _moment(row[3]))
                for row in rows
            ]

    def _due(self, queue_id: str, now: str) -> tuple[Recipient, ...]:
        with self.database.transaction() as connection:
            rows = connection.execute(
                "SELECT address, notify, orcpt, attempts, warned FROM queue_recipients"
                " WHERE queue = ? AND next_try <= ? ORDER BY rowid",
                (queue_id, now),
            )
            return tuple(Recipient(*row) for row in rows)

    def next_moment(self) -> datetime | None:
        """When something will next be due; None when the queue is empty."""
        with self.database.transaction() as connection:
            row = connection.execute("SELECT min(next_try) FROM queue_recipients").fetchone()
        return _moment(row[0]) if row[0] else None

    def postpone(self, mail: QueuedMail, recipient: Recipient, wait: timedelta, *, warned: bool) -> None:
        with self.database.transaction() as connection:
            connection.execute(
                "UPDATE queue_recipients SET attempts = attempts + 1, next_try = ?, warned = ?"
                " WHERE queue = ? AND address = ?",
                ((datetime.now(UTC) + wait).isoformat(), warned, mail.id, recipient.address),
            )

    def lease(self, mail: QueuedMail, recipient: Recipient, time: timedelta) -> None:
        """Not due again before that time, while someone is busy with it."""
        with self.database.transaction() as connection:
            connection.execute(
                "UPDATE queue_recipients SET next_try = ? WHERE queue = ? AND address = ?",
                ((datetime.now(UTC) + time).isoformat(), mail.id, recipient.address),
            )

    def release(self) -> None:
        """Make everything due now: nobody is busy with anything when a process starts."""
        with self.database.transaction() as connection:
            connection.execute("UPDATE queue_recipients SET next_try = ?", (datetime.now(UTC).isoformat(),))

    def done(self, mail: QueuedMail, recipient: Recipient) -> None:
        """Nothing more to do for this recipient; the mail goes with its last one."""
        with self.database.transaction() as connection:
            connection.execute(
                "DELETE FROM queue_recipients WHERE queue = ? AND address = ?", (mail.id, recipient.address)
            )
            connection.execute(
                "DELETE FROM queue WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM queue_recipients WHERE queue = ?1)",
                (mail.id,),
            )
            self.database.forget_contents([mail.content_id])


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
