"""Named steps at which a harness may kill the process, to prove that nothing is lost there (`bin/bench faults`).

A step is named in the code right before or after what must be durable. ``LIAISON_FAIL_AT`` names one step and the pass
at which to die, ``receive: committed#2``; it is read once. Without it, passing a step is one comparison with None.
"""

import os
import signal
from dataclasses import dataclass
from typing import NoReturn


@dataclass(slots=True)
class Armed:
    """Dies at the ``passes``-th pass of ``step``."""

    step: str
    passes: int = 1

    def pass_by(self, step: str) -> None:
        if step != self.step:
            return
        self.passes -= 1
        if self.passes == 0:
            die()


def armed_by(text: str) -> Armed | None:
    """``STEP#PASS``, PASS being 1 when it is not said; None when there is nothing."""
    step, _, passes = text.partition("#")
    return Armed(step, int(passes or 1)) if step else None


def die() -> NoReturn:
    """As a power cut would: no handler, no buffer flushed, no transaction closed."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise SystemExit(1)  # never reached: the signal cannot be caught


armed = armed_by(os.environ.get("LIAISON_FAIL_AT", ""))


def reach(step: str) -> None:
    """The process is at this step."""
    if armed is not None:
        armed.pass_by(step)
