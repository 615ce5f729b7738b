"""Whether a cost grows with what is given: no bound in seconds, which a slow machine breaks and a fast one hides."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

TIMES_LONGER = 4
MOST_TIMES_DEARER = 9  # between a cost in n log n, under 6, and one in n², 16
ATTEMPTS = 4


def costs_no_more_than_its_size(read: Callable[[T], object], make: Callable[[int], T], size: int) -> bool:
    """Whether reading four times as much takes about four times the processor time of this thread.

    ``make`` gives an input of a size. What disturbs one attempt (a collection of garbage, a neighbour that empties the
    caches) does not disturb them all; a cost that grows too fast does.
    """
    small, large = make(size), make(size * TIMES_LONGER)
    return any(_cost(read, large) < MOST_TIMES_DEARER * _cost(read, small) for _ in range(ATTEMPTS))


def _cost(read: Callable[[T], object], given: T) -> float:
    begun = time.thread_time()
    read(given)
    return time.thread_time() - begun
