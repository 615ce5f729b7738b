"""How jobs are put in the queue and tried again. The queue only wakes us: what is to be done is in our own tables."""

from functools import cache
from typing import Any

from django.db import InterfaceError, OperationalError, models, transaction
from procrastinate import App, RetryStrategy
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.tasks import Task

PASSING_TROUBLE = RetryStrategy(max_attempts=8, exponential_wait=2, retry_exceptions={OperationalError, InterfaceError})
"""A deadlock, a restart of the server, a cut connection: tried again within minutes, the sweeps do the rest."""


SOONER = 10
"""The priority of what may not wait behind a mailbox that is being read: what a person sends, what mends and looks."""
BEGUN = 5
"""The priority of what ends a work begun: whose letter it is, said before the next ones are read.

Besides, who proposes holds the journal of the site for all that time, and another may read meanwhile; were all the
proposals of a long mailbox left to the end, the workers would only wait for each other.
"""


def offer(task: "Task[Any, Any, Any]", *, key: str, **arguments: Any) -> bool:
    """Defer the job in the current transaction, unless the same one waits already; whether it was deferred.

    ``arguments`` are numbers and lists of numbers: ids of our rows, nothing else is worth keeping in a queue.

    The only way to defer: inside a worker a task's own ``defer`` goes through the worker's connection, and the job
    could start before the transaction that asked for it is committed, or outlive it when it is not.
    """
    try:
        with transaction.atomic():
            configured = _in_this_transaction().configure_task(
                task.name, queue=task.queue, priority=task.priority, queueing_lock=key
            )
            configured.defer(**arguments)
    except AlreadyEnqueued:
        return False
    return True


def forgotten(rows: "models.QuerySet[Any]", *, task: str, argument: str) -> list[int]:
    """The numbers of the rows that no job of this name, waiting or at work, has in its list ``argument``; in order."""
    jobs = ProcrastinateJob.objects.filter(task_name=task, status__in=["todo", "doing"])
    known = {number for numbers in jobs.values_list(f"args__{argument}", flat=True) for number in numbers}
    return [number for number in rows.order_by("pk").values_list("pk", flat=True) if number not in known]


@cache
def _in_this_transaction() -> App:
    """An application that only defers, on Django's connection of the current thread."""
    return App(connector=DjangoConnector(alias="default"))
