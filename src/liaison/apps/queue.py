"""How jobs are put in the queue and tried again. The queue only wakes us: what is to be done is in our own tables."""

from typing import Any

from django.db import InterfaceError, OperationalError, transaction
from procrastinate import RetryStrategy
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.tasks import Task

PASSING_TROUBLE = RetryStrategy(max_attempts=8, exponential_wait=2, retry_exceptions={OperationalError, InterfaceError})
"""A deadlock, a restart of the server, a cut connection: tried again within minutes, the sweeps do the rest."""


def offer(task: "Task[Any, Any, Any]", *, key: str, **arguments: int) -> bool:
    """Defer the job in the current transaction, unless the same one waits already; whether it was deferred."""
    try:
        with transaction.atomic():
            task.configure(queueing_lock=key).defer(**arguments)
    except AlreadyEnqueued:
        return False
    return True
