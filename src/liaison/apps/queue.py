"""How jobs are put in the queue and tried again. The queue only wakes us: what is to be done is in our own tables."""

from functools import cache
from typing import Any

from django.db import InterfaceError, OperationalError, transaction
from procrastinate import App, RetryStrategy
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.tasks import Task

PASSING_TROUBLE = RetryStrategy(max_attempts=8, exponential_wait=2, retry_exceptions={OperationalError, InterfaceError})
"""A deadlock, a restart of the server, a cut connection: tried again within minutes, the sweeps do the rest."""


def offer(task: "Task[Any, Any, Any]", *, key: str, **arguments: Any) -> bool:
    """Defer the job in the current transaction, unless the same one waits already; whether it was deferred.

    ``arguments`` are numbers and lists of numbers: ids of our rows, nothing else is worth keeping in a queue.

    The only way to defer: inside a worker a task's own ``defer`` goes through the worker's connection, and the job
    could start before the transaction that asked for it is committed, or outlive it when it is not.
    """
    try:
        with transaction.atomic():
            _in_this_transaction().configure_task(task.name, queue=task.queue, queueing_lock=key).defer(**arguments)
    except AlreadyEnqueued:
        return False
    return True


@cache
def _in_this_transaction() -> App:
    """An application that only defers, on Django's connection of the current thread."""
    return App(connector=DjangoConnector(alias="default"))
