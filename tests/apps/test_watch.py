"""A watcher spares the database while servers are silent, and asks more often those who keep their news back."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.utils import timezone
from tests.support.desk import Desk, make_desk

from liaison.apps.intake import watch as watching
from liaison.apps.intake.watch import SILENT_TURNS, UNANNOUNCED_TURN_SECONDS, Watch, watch
from liaison.apps.mailboxes.actions import do_note_failure, do_note_reached
from liaison.apps.mailboxes.imap import News, ServerState
from liaison.apps.mailboxes.models import Mailbox

pytestmark = pytest.mark.django_db(transaction=True)


class Server:
    """Stands for a mail server with IDLE: says what it is told, turn after turn, then the watch ends."""

    can_idle = True
    last_look = 0

    def __init__(self, *news: News) -> None:
        self.news = list(news)
        self.stop = threading.Event()
        self.looks = 0
        self.turns: list[float] = []

    @contextmanager
    def open_inbox(self, _mailbox: object) -> Iterator["Server"]:
        yield self

    def state(self) -> ServerState:
        self.looks += 1
        if self.looks == self.last_look:
            self.stop.set()
        return ServerState(1, 1, 0)

    def fetch_batches(self, _uids: list[int]) -> list[object]:
        return []

    def wait(self, seconds: float, woken: int) -> News:
        self.turns.append(seconds)
        if self.news:
            return self.news.pop(0)
        self.stop.set()
        threading.Event().wait(0.05)
        del woken
        return News.NONE


@pytest.fixture
def desk() -> Desk:
    own = make_desk()
    Mailbox.objects.exclude(pk=own.mailbox.pk).update(active=False)
    return own


def watched(monkeypatch: pytest.MonkeyPatch, *news: News) -> Server:
    server = Server(*news)
    monkeypatch.setattr(watching, "open_inbox", server.open_inbox)
    watch(server.stop)
    return server


def test_a_silent_server_is_looked_at_once_in_a_while_only(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    server = watched(monkeypatch, *[News.NONE] * SILENT_TURNS)
    assert server.looks == 2
    assert set(server.turns) == {watching.LONGEST_IDLE_SECONDS}
    assert Mailbox.objects.get(pk=desk.mailbox.pk).polled_at


def test_news_are_looked_at_at_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    server = watched(monkeypatch, News.ANNOUNCED, News.ANNOUNCED)
    assert server.looks == 3
    assert server.turns[1] == watching.LONGEST_IDLE_SECONDS
    assert desk.mailbox.pk


def test_a_server_that_tells_its_news_only_when_asked_is_asked_more_often(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = watched(monkeypatch, News.NONE, News.ASKED)
    assert server.turns[:3] == [watching.LONGEST_IDLE_SECONDS] * 2 + [UNANNOUNCED_TURN_SECONDS]
    assert server.looks == 2
    assert desk.mailbox.pk


def test_silent_turns_ask_nothing_of_the_database(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    take = Watch._take

    def counted(self: Watch, act: Callable[[], object]) -> object:
        asked.append(act)
        return take(self, act)

    monkeypatch.setattr(Watch, "_take", counted)
    server = watched(monkeypatch, *[News.NONE] * SILENT_TURNS)
    assert len(server.turns) > SILENT_TURNS
    assert len(asked) == 3  # the mailbox, the look before the turns, the look after them
    assert desk.mailbox.pk


def test_a_server_that_cannot_announce_is_looked_at_again_and_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "POLL_PAUSE_SECONDS", 0.01)
    server = Server()
    server.can_idle, server.last_look = False, 3
    monkeypatch.setattr(watching, "open_inbox", server.open_inbox)
    watch(server.stop)
    assert server.looks >= 3
    assert server.turns == []
    assert desk.mailbox.pk


def test_the_heartbeat_of_the_silent_leaves_a_failure_alone(desk: Desk) -> None:
    at = timezone.now()
    do_note_reached([desk.mailbox.pk], at=at)
    desk.mailbox.refresh_from_db()
    assert desk.mailbox.polled_at == at
    do_note_failure(desk.mailbox, failure="Le serveur de messagerie ne répond pas.")
    do_note_reached([desk.mailbox.pk], at=at + timedelta(minutes=1))
    desk.mailbox.refresh_from_db()
    assert desk.mailbox.polled_at == at
    assert desk.mailbox.failing_since
