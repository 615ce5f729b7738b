"""The mailboxes are shared fairly between watchers, and none stays with a dead one."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from tests.support.factories import make_site

from liaison.apps.mailboxes.leases import LEASE_SECONDS, do_hold_mailboxes, do_let_mailboxes_go
from liaison.apps.mailboxes.models import Mailbox, Operator, Watcher

pytestmark = pytest.mark.django_db


def open_many(number: int) -> None:
    operator = Operator.objects.create(name=f"op {uuid4()}", imap_port=143, smtp_port=587, authority_file="a.pem")
    site = make_site()
    Mailbox.objects.bulk_create(
        Mailbox(site=site, operator=operator, kind="ORG", address=f"{uuid4()}@x.mssante.fr", label="BAL")
        for _ in range(number)
    )


def die(watcher: UUID) -> None:
    """The process is gone without a word, and its leases have run out."""
    past = timezone.now() - timedelta(seconds=LEASE_SECONDS + 1)
    Watcher.objects.filter(identity=watcher).update(seen_at=past)
    Mailbox.objects.filter(watcher=watcher).update(watched_until=past)


def rounds(watchers: list[UUID], times: int = 2) -> dict[UUID, set[int]]:
    held: dict[UUID, set[int]] = {}
    for _ in range(times):
        for watcher in watchers:
            held[watcher] = set(do_hold_mailboxes(watcher))
    return held


def test_one_watcher_alone_holds_every_mailbox() -> None:
    open_many(7)
    assert len(do_hold_mailboxes(uuid4())) == 7


def test_two_thousand_mailboxes_are_shared_by_five_watchers_without_one_held_twice() -> None:
    open_many(2000)
    held = rounds([uuid4() for _ in range(5)], times=3)
    assert [len(part) for part in held.values()] == [400] * 5
    assert len(set.union(*held.values())) == 2000


def test_the_mailboxes_of_a_dead_watcher_are_taken_over() -> None:
    open_many(10)
    alive, dead = uuid4(), uuid4()
    rounds([alive, dead])
    die(dead)
    assert len(do_hold_mailboxes(alive)) == 10


def test_a_watcher_that_ends_frees_its_mailboxes_at_once() -> None:
    open_many(10)
    first, second = uuid4(), uuid4()
    rounds([first, second])
    do_let_mailboxes_go(first)
    assert len(do_hold_mailboxes(second)) == 10


def test_a_mailbox_opened_or_closed_meanwhile_is_taken_or_left_at_the_next_turn() -> None:
    open_many(3)
    watcher = uuid4()
    held = do_hold_mailboxes(watcher)
    open_many(2)
    Mailbox.objects.filter(pk=held[0]).update(active=False)
    assert len(do_hold_mailboxes(watcher)) == 4


@hypothesis_settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 30), st.lists(st.sampled_from(["join", "die", "leave", "turn"]), max_size=12))
def test_whoever_comes_and_goes_each_mailbox_ends_with_one_living_watcher(mailboxes: int, events: list[str]) -> None:
    Mailbox.objects.all().delete()
    Watcher.objects.all().delete()
    open_many(mailboxes)
    watchers = [uuid4()]
    for event in events:
        if event == "join":
            watchers.append(uuid4())
        elif event == "turn" or len(watchers) == 1:
            rounds(watchers, times=1)
        else:
            gone = watchers.pop(0)
            (die if event == "die" else do_let_mailboxes_go)(gone)
    held = rounds(watchers, times=len(watchers) + 2)
    assert sum(len(part) for part in held.values()) == mailboxes == len(set().union(*held.values()))
    assert max(len(part) for part in held.values()) - min(len(part) for part in held.values()) <= max(len(watchers), 1)
