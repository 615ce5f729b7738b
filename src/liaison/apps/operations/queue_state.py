"""The queue as it stands: what waits, since when, and who works. Counts and times only."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob, ProcrastinateWorker

from liaison.apps.operations.jobs import STALLED_AFTER_SECONDS


@dataclass(frozen=True, slots=True)
class QueueState:
    """One queue: jobs due and not taken, jobs running, jobs given up; when the oldest due one was put there."""

    name: str
    waiting: int
    running: int
    failed: int
    oldest: datetime | None


def queue_states() -> tuple[QueueState, ...]:
    """Every queue that has or had work in the kept history, by name."""
    due = Q(status="todo") & (Q(scheduled_at=None) | Q(scheduled_at__lte=timezone.now()))
    counted = (
        ProcrastinateJob.objects.order_by("queue_name")
        .values("queue_name")
        .annotate(
            waiting=Count("pk", filter=due, distinct=True),
            running=Count("pk", filter=Q(status="doing"), distinct=True),
            failed=Count("pk", filter=Q(status="failed"), distinct=True),
            oldest=Min("procrastinateevent__at", filter=due & Q(procrastinateevent__type="deferred")),
        )
    )
    return tuple(
        QueueState(one["queue_name"], one["waiting"], one["running"], one["failed"], one["oldest"]) for one in counted
    )


def oldest_waiting() -> datetime | None:
    """When the job that has waited longest was put in the queue."""
    return min((state.oldest for state in queue_states() if state.oldest), default=None)


def living_workers() -> int:
    """Workers whose heart beat lately."""
    since = timezone.now() - timedelta(seconds=STALLED_AFTER_SECONDS)
    return ProcrastinateWorker.objects.filter(last_heartbeat__gte=since).count()
