"""Which process watches which mailbox: leases shared fairly between the watchers that live.

Nothing here is the journal's: a lease says who does the work, not what happened. Two watchers of one mailbox would do
no harm (only one polls at a time), only waste a connection.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Count, Q
from django.utils import timezone

from liaison.apps.mailboxes.models import Mailbox, Watcher

LEASE_SECONDS = 30.0
SHARING_LOCK = 0x57415443


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """A watcher by the beginning of its name, when it last said it lives, and the mailboxes under its leases."""

    name: str
    seen_at: datetime
    lives: bool
    mailboxes: int


@transaction.atomic
def do_hold_mailboxes(watcher: UUID) -> list[int]:
    """Renew this watcher's leases and bring them to its fair part; the mailboxes it holds now."""
    _one_sharing_at_a_time()
    now = timezone.now()
    Watcher.objects.update_or_create(identity=watcher, defaults={"seen_at": now})
    Watcher.objects.filter(seen_at__lt=now - timedelta(days=1)).delete()
    part = _fair_part(now)
    held = list(Mailbox.objects.filter(watcher=watcher, active=True).order_by("pk").values_list("pk", flat=True))
    _give_back(watcher, held[part:])
    kept = held[:part]
    free = Mailbox.objects.filter(Q(watcher=None) | Q(watched_until__lt=now), active=True).exclude(pk__in=kept)
    kept += free.order_by("pk").values_list("pk", flat=True)[: part - len(kept)]
    Mailbox.objects.filter(pk__in=kept).update(watcher=watcher, watched_until=now + timedelta(seconds=LEASE_SECONDS))
    return kept


@transaction.atomic
def do_let_mailboxes_go(watcher: UUID) -> None:
    """This watcher ends: its mailboxes are free at once."""
    _one_sharing_at_a_time()
    _give_back(watcher, list(Mailbox.objects.filter(watcher=watcher).values_list("pk", flat=True)))
    Watcher.objects.filter(identity=watcher).delete()


def living_watchers(now: datetime) -> int:
    return Watcher.objects.filter(seen_at__gte=_alive_since(now)).count()


def heartbeats(now: datetime) -> tuple[Heartbeat, ...]:
    """Each watcher of the last day that did not say it ended, the last to beat first."""
    leased = Mailbox.objects.filter(active=True, watched_until__gte=now).order_by()
    held: dict[UUID | None, int] = dict(leased.values_list("watcher").annotate(Count("pk")))
    return tuple(
        Heartbeat(
            name=watcher.identity.hex[:8],
            seen_at=watcher.seen_at,
            lives=watcher.seen_at >= _alive_since(now),
            mailboxes=held.get(watcher.identity, 0),
        )
        for watcher in Watcher.objects.order_by("-seen_at")
    )


def _alive_since(now: datetime) -> datetime:
    return now - timedelta(seconds=LEASE_SECONDS)


def _fair_part(now: datetime) -> int:
    return ceil(Mailbox.objects.filter(active=True).count() / living_watchers(now))


def _give_back(watcher: UUID, mailboxes: list[int]) -> None:
    Mailbox.objects.filter(pk__in=mailboxes, watcher=watcher).update(watcher=None, watched_until=None)


def _one_sharing_at_a_time() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, 0)", [SHARING_LOCK])
