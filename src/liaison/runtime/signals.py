"""Work that SIGTERM and SIGINT ask to stop."""

import signal
import threading
from collections.abc import Callable

_LOOK_EVERY_SECONDS = 0.2


def run_until_signal(work: Callable[[threading.Event], None]) -> None:
    """Run ``work`` in a thread; the event it is given is set when a signal asks to stop. What it raises is raised here.

    The handler only takes note. To set an event there could wait for ever: a signal interrupts the main thread
    anywhere, even where it holds the lock of that very event.
    """
    asked: list[int] = []
    raised: list[BaseException] = []
    stop = threading.Event()

    def noted() -> None:
        try:
            work(stop)
        except BaseException as error:  # noqa: BLE001 - raised again in the main thread, below
            raised.append(error)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda received, _frame: asked.append(received))
    thread = threading.Thread(target=noted)
    thread.start()
    while thread.is_alive():
        thread.join(_LOOK_EVERY_SECONDS)
        if asked:
            stop.set()
    if raised:
        raise raised[0]
