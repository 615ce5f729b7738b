"""The faults, one by one: what is broken during a life of the worker."""

import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass

from benchmarks.faults.life import Life
from benchmarks.faults.proxy import Fault
from benchmarks.faults.steps import steps
from benchmarks.faults.trial import Trial
from benchmarks.faults.world import World
from liaison.apps.mailboxes.models import Mailbox

BLOCK = 4096
AT_A_STEP = {"kill", "power cut"}


@dataclass(frozen=True, slots=True)
class Injection:
    """``kind`` says what breaks; ``step`` (with its pass) where the process is killed; ``size`` in bytes, blocks or
    calls; ``moment`` as a part of a life.
    """

    kind: str
    step: str = ""
    size: int = 0
    moment: float = 0.0
    letters: int = 1

    @property
    def title(self) -> str:
        return f"{self.kind}: {self.step.partition('#')[0]}" if self.step else self.kind


READING: dict[str, Callable[[int], Fault]] = {
    "imap dropped": lambda size: Fault(cut_after=3_000 + size),
    "imap delayed": lambda _size: Fault(delay=0.002),
    "imap refused": lambda _size: Fault(refuse=True),
}
SENDING: dict[str, Callable[[int], Fault]] = {
    "smtp silent after DATA": lambda size: Fault(swallow_after=8_000 + size % 4_000),
    "smtp dropped in DATA": lambda size: Fault(stop_after=3_000 + size % 5_000),
    "smtp refused": lambda _size: Fault(refuse=True),
}
TELLING: dict[str, Callable[[int], Fault]] = {
    "mllp answer lost": lambda _size: Fault(swallow_after=100),
    "mllp dropped": lambda size: Fault(stop_after=1 + size % 200),
}
NETWORK = {**READING, **SENDING, **TELLING}
SIZES = {
    **dict.fromkeys(NETWORK, range(20_000)),
    "file too large": range(500, 6_000),
    "disk full (ENOSPC)": range(8),
    "flush fails (EIO)": range(1, 4),
}
ANYWHERE = ["killed at random", "postgres killed"]


def kinds(world: World) -> list[str]:
    """What can break on this machine, but the kills at the named steps."""
    possible = [*NETWORK, *ANYWHERE, "file too large", "power cut"]
    return possible + ["disk full (ENOSPC)"] * bool(world.disk) + ["flush fails (EIO)"] * bool(shutil.which("strace"))


def planned(number: int, seed: int, possible: Sequence[str]) -> Injection:
    """The injection of this number: every step first, then every other kind, then at random; the same at each run."""
    draw = random.Random(f"{seed} {number}")  # noqa: S311 (a plan)
    first = [("kill", step) for step in steps()] + [(kind, "") for kind in possible]
    kind, step = first[number] if number < len(first) else (draw.choice(["kill", *possible]), "")
    if kind in AT_A_STEP and not step:
        step = f"{draw.choice(steps())}#{draw.choice([1, 1, 2])}"
    letters = 1 if number < len(first) else draw.choice([1, 1, 2, 3])
    return Injection(kind, step, draw.choice(SIZES.get(kind, range(1))), draw.uniform(0, 1), letters)


def strike(trial: Trial, injection: Injection, life: Life) -> bool:
    """A life under the fault; whether it struck: the process died, a connection or a write was refused."""
    world = trial.world
    refusals, lacks = trial.flushes.refusals, world.postgres_lacked_space()
    for faults, relay in ((READING, world.imap), (SENDING, world.smtp), (TELLING, world.mllp)):
        if injection.kind in faults:
            relay.suffer(faults[injection.kind](injection.size))
    with world.disk.full(injection.size * BLOCK) if world.disk and "ENOSPC" in injection.kind else nullcontext():
        code = trial.run(life, _beside(trial, injection))
    struck = world.calm()
    world.raise_postgres()
    if injection.kind == "power cut":
        trial.flushes.cut_power(trial.blobs)
    refused = trial.flushes.refusals > refusals or world.postgres_lacked_space() > lacks
    return code < 0 or bool(struck) or refused or (injection.kind == "postgres killed" and _was_felt(code))


def _was_felt(code: int) -> bool:
    """The server died while it was used: the worker failed, or its mailbox did."""
    return code != 0 or Mailbox.objects.filter(failing_since__isnull=False).exists()


def _beside(trial: Trial, injection: Injection) -> Callable[[int], None] | None:
    world = trial.world
    pause = injection.moment * world.life_seconds
    if injection.kind == "killed at random":
        return lambda child: _after(pause, lambda: _kill(child))
    if injection.kind == "postgres killed":
        return lambda _child: _after(pause, world.kill_postgres)
    if "EIO" in injection.kind:
        return lambda child: _trace(child, f"fsync:error=EIO:when={injection.size}")
    return None


def _after(pause: float, act: Callable[[], None]) -> None:
    time.sleep(pause)
    act()


def _kill(child: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)


def _trace(child: int, rule: str) -> None:
    """Until the life ends; the tracer goes with it."""
    call = rule.partition(":")[0]
    command = ["strace", "-f", "-qqq", "-e", f"trace={call}", "-e", f"inject={rule}", "-p", str(child)]
    subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603 (our own words and a number)
