"""The IMAP socket: the only place that reads a mail server. It never changes a flag there (BODY.PEEK, EXAMINE), but to
erase messages that a site has us erase.
"""

import hashlib
import imaplib
import select
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Any

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientError

from liaison.apps.mailboxes.connection import Credentials, Endpoint, tls_context

BATCH_MESSAGES = 50
BATCH_BYTES = 16 * 1024 * 1024
CONNECT_SECONDS = 10.0


class MailboxUnreachable(Exception):  # noqa: N818 (a state of the world, named as such)
    """The server cannot be reached or refuses us. The text is French and holds no health data."""


@dataclass(frozen=True, slots=True)
class ServerState:
    """What SELECT says: a UID means nothing without its UIDVALIDITY (RFC 9051 §2.3.1.1)."""

    uid_validity: int
    uid_next: int
    count: int


@dataclass(frozen=True, slots=True)
class FetchedMessage:
    """One message as the server holds it."""

    uid: int
    raw: bytes
    received_at: datetime


class News(Enum):
    """Whether the server spoke: by itself under IDLE, only when it was asked, or not at all."""

    ANNOUNCED = "announced"
    ASKED = "asked"
    NONE = "none"


class MailboxReader:
    """One opened INBOX."""

    def __init__(self, client: IMAPClient, timeout: float) -> None:
        self.client = client
        self.timeout = timeout

    def state(self) -> ServerState:
        answer = self.client.select_folder("INBOX", readonly=True)
        return ServerState(int(answer[b"UIDVALIDITY"]), int(answer[b"UIDNEXT"]), int(answer[b"EXISTS"]))

    def uids_above(self, last_uid: int) -> list[int]:
        """The UIDs above the cursor, in order. ``n:*`` always gives the last message, even below n: filtered here."""
        return sorted(uid for uid in self.client.search(["UID", f"{last_uid + 1}:*"]) if uid > last_uid)

    def fetch(self, uids: Sequence[int]) -> Iterator[FetchedMessage]:
        """The messages, in the order of their UIDs. One gone meanwhile is left out."""
        for batch in self.fetch_batches(uids):
            yield from batch

    def fetch_batches(self, uids: Sequence[int]) -> Iterator[list[FetchedMessage]]:
        """The same, as many at a time as one command gave."""
        for batch in _batches(self._sizes(uids)):
            answers = self.client.fetch(batch, ["BODY.PEEK[]", "INTERNALDATE"])
            found = [_fetched(uid, answers[uid]) for uid in sorted(answers) if b"BODY[]" in answers[uid]]
            if found:
                yield found

    def _sizes(self, uids: Sequence[int]) -> dict[int, int]:
        """How many bytes each message has, by UID, in order: a batch is bounded by what it weighs."""
        if not uids:
            return {}
        answers = self.client.fetch(uids, ["RFC822.SIZE"])
        return {uid: int(answers[uid].get(b"RFC822.SIZE", 0)) for uid in sorted(answers)}

    def erase(self, uid_validity: int, expected: Mapping[int, str]) -> tuple[list[int], list[int]]:
        """Erase the messages whose bytes still have the SHA-256 expected of their UID: those erased, those not there.

        Each is read again first. Nothing is done under another UIDVALIDITY, nor on a server without UIDPLUS, where
        erasing ours would erase what others marked (RFC 4315).
        """
        answer = self.client.select_folder("INBOX")
        if int(answer[b"UIDVALIDITY"]) != uid_validity or not self.client.has_capability("UIDPLUS"):
            return [], []
        there = sorted(set(self.client.search()) & set(expected))
        same = [one.uid for one in self.fetch(there) if hashlib.sha256(one.raw).hexdigest() == expected[one.uid]]
        if same:
            self.client.delete_messages(same, silent=True)
            self.client.uid_expunge(same)
        return same, sorted(set(expected) - set(there))

    def wait(self, seconds: float, woken: int) -> News:
        """IDLE until the server says something, the time is over or the file descriptor ``woken`` is readable.

        A dead connection is silent under IDLE: leaving it and a NOOP after it are what tell (they raise).
        """
        self.client.idle()
        said = self.client.idle_check(timeout=0)
        if not said:
            poller = select.poll()
            poller.register(self.client.socket(), select.POLLIN)
            poller.register(woken, select.POLLIN)
            poller.poll(seconds * 1000)
        _, said_since = self.client.idle_done()
        _, said_when_asked = self.client.noop()
        if said or said_since:
            return News.ANNOUNCED
        return News.ASKED if said_when_asked else News.NONE

    @property
    def can_idle(self) -> bool:
        return bool(self.client.has_capability("IDLE"))


def _batches(sizes: Mapping[int, int]) -> Iterator[list[int]]:
    """UIDs fetched by one command: at most BATCH_MESSAGES, and BATCH_BYTES unless a single one weighs more."""
    batch: list[int] = []
    weight = 0
    for uid, size in sizes.items():
        if batch and (len(batch) == BATCH_MESSAGES or weight + size > BATCH_BYTES):
            yield batch
            batch, weight = [], 0
        batch.append(uid)
        weight += size
    if batch:
        yield batch


@contextmanager
def open_mailbox(endpoint: Endpoint, credentials: Credentials, *, timeout: float) -> Iterator[MailboxReader]:
    """An authenticated connection for the time of a block. Raises MailboxUnreachable, inside the block too."""
    client = None
    try:
        client = _connect(endpoint, credentials, timeout)
        yield MailboxReader(client, timeout)
    except (IMAPClientError, imaplib.IMAP4.error, OSError, EOFError) as error:
        raise MailboxUnreachable(_explain(error)) from error
    finally:
        if client is not None:
            _leave(client)


def _connect(endpoint: Endpoint, credentials: Credentials, timeout: float) -> IMAPClient:
    context = tls_context(endpoint, credentials)
    implicit = endpoint.security == "tls"
    client = IMAPClient(
        endpoint.host,
        port=endpoint.port,
        ssl=implicit,
        ssl_context=context if implicit else None,
        use_uid=True,
        timeout=SocketTimeout(connect=min(CONNECT_SECONDS, timeout), read=timeout),
    )
    client.normalise_times = False
    # The library writes every answer out as text, for a log that nobody reads: most of what a message costs to fetch.
    client._imap.debug = 0  # noqa: SLF001 (it gives no other way to say no)
    with ExitStack() as undo:
        undo.callback(_leave, client)
        if not implicit:
            client.starttls(ssl_context=context)
        _sign_in(client, credentials)
        undo.pop_all()
    return client


def _sign_in(client: IMAPClient, credentials: Credentials) -> None:
    if credentials.certificate_file:
        client.sasl_login("EXTERNAL", lambda _challenge: credentials.address.encode())
    elif credentials.access_token:
        client.oauth2_login(credentials.address, credentials.access_token)
    else:
        client.login(credentials.address, credentials.password)


def _fetched(uid: int, answer: dict[bytes, Any]) -> FetchedMessage:
    received_at = answer.get(b"INTERNALDATE")
    if isinstance(received_at, datetime):
        received_at = received_at.astimezone(UTC)
    return FetchedMessage(uid, answer[b"BODY[]"], received_at or datetime.now(UTC))


def _leave(client: IMAPClient) -> None:
    with suppress(IMAPClientError, imaplib.IMAP4.error, OSError, EOFError):
        client.logout()


def _explain(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "Le serveur de messagerie ne répond pas."
    if isinstance(error, ConnectionRefusedError):
        return "Le serveur de messagerie refuse la connexion."
    if isinstance(error, OSError):
        return f"La connexion au serveur de messagerie a échoué ({type(error).__name__})."
    if isinstance(error, imaplib.IMAP4.abort | EOFError):
        return "Le serveur de messagerie a coupé la connexion (certificat client refusé ?)."
    return "Le serveur de messagerie a refusé l'ouverture de la boîte."
