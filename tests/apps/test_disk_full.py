"""A disk that refuses to write: nothing is lost, and the fault is said where it is, not laid on the mail server."""

import errno
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import pytest
from tests.support.desk import Desk

from liaison.apps.blobs import store
from liaison.apps.intake.poll import MessagesNotKept, take_new
from liaison.apps.mailboxes.imap import FetchedMessage, ServerState


class OneMessage:
    """Stands for an opened mailbox that holds one message."""

    def state(self) -> ServerState:
        return ServerState(7, 2, 1)

    def uids_above(self, last_uid: int) -> list[int]:
        return [1] if last_uid < 1 else []

    def fetch_batches(self, uids: Sequence[int]) -> Iterator[list[FetchedMessage]]:
        yield [FetchedMessage(uid, b"Subject: essai\r\n\r\nBonjour.\r\n", datetime.now(UTC)) for uid in uids]


def test_a_full_disk_is_said_and_the_message_is_taken_once_there_is_room(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_contents: object) -> list[str]:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(store, "put_all", full)
        with pytest.raises(MessagesNotKept, match="le disque de Liaison refuse l'écriture"):
            take_new(desk.mailbox, OneMessage())  # type: ignore[arg-type]
    assert desk.mailbox.raw_messages.count() == 0
    desk.mailbox.refresh_from_db()
    assert desk.mailbox.last_uid == 0
    assert take_new(desk.mailbox, OneMessage()) == 1  # type: ignore[arg-type]
    assert desk.mailbox.raw_messages.count() == 1
