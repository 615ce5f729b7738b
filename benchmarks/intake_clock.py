"""When a contender's work begins and ends: its processes start before, and what they take to start is told apart."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

LOOK_SECONDS = 0.005


@dataclass(slots=True)
class Clock:
    """Seconds of ``time.perf_counter``: the command given, the first message kept, the last one done."""

    given: float = field(default_factory=time.perf_counter)
    first: float = 0.0
    done: float = 0.0

    @property
    def start(self) -> float:
        return self.first - self.given

    @property
    def steady(self) -> float:
        return self.done - self.first


@contextmanager
def timed(has_begun: Callable[[], bool]) -> Iterator[Clock]:
    """A clock that sees ``has_begun`` turn true, and stops with the block unless it was stopped inside."""
    clock, over = Clock(), threading.Event()
    watcher = threading.Thread(target=_watch, args=(clock, has_begun, over))
    watcher.start()
    try:
        yield clock
        clock.done = clock.done or time.perf_counter()
    finally:
        over.set()
        watcher.join()
    clock.first = clock.first or clock.done


def _watch(clock: Clock, has_begun: Callable[[], bool], over: threading.Event) -> None:
    while not over.wait(LOOK_SECONDS):
        if has_begun():
            clock.first = time.perf_counter()
            return
