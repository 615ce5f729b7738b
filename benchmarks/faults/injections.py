"""The faults, one by one: what is broken during a life of the worker, and what a life after it finds."""

import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from benchmarks.faults.check import Outside, broken
from benchmarks.faults.disk import cut_power
from benchmarks.faults.life import Life
from benchmarks.faults.proxy import Fault
from benchmarks.faults.steps import steps
from benchmarks.faults.trial import Trial
from liaison.apps.exchanges.models import Recipient
from liaison.apps.mailboxes.models import Mailbox

LATER = timedelta(minutes=10)
LONGEST_DELAY_SECONDS = 1.5
ROUNDS_TO_CALM = 4
TURNS_FOR_LATE_MAIL = 5


@dataclass(frozen=True, slots=True)
class Injection:
    """``kind`` says what breaks; ``step`` (with its pass) where the process is killed; ``size`` in bytes or calls."""

    kind: str
    step: str = ""
    again: str = ""
    size: int = 0
    delay: float = 0.0
    letters: int = 1

    @property
    def title(self) -> str:
        return f"{self.kind}: {self.step.partition('#')[0]}" if self.step else self.kind


NETWORK: dict[str, Callable[[int], Fault]] = {
    "imap dropped": lambda size: Fault(cut_after=4_000 + size),
    "imap delayed": lambda _size: Fault(delay=0.01),
    "imap refused": lambda _size: Fault(refuse=True),
}
SENDING: dict[str, Callable[[int], Fault]] = {
    "smtp silent after DATA": lambda size: Fault(swallow_after=8_000 + size % 4_000),
    "smtp dropped in DATA": lambda size: Fault(stop_after=3_000 + size % 5_000),
    "smtp refused": lambda _size: Fault(refuse=True),
}
SYSTEM_CALLS = {"flush fails (EIO)": "fsync:error=EIO", "disk full (ENOSPC)": "write:error=ENOSPC"}


def planned(count: int, draw: random.Random) -> Iterator[Injection]:
    """Every step once first, then every other kind, then all of them at random."""
    first = [Injection("kill", step=step) for step in steps()] + [Injection(kind) for kind in others()]
    for number in range(count):
        chosen = first[number] if number < len(first) else _drawn(draw)
        yield _sized(chosen, draw)


def others() -> list[str]:
    kinds = [*NETWORK, *SENDING, "killed at random", "postgres killed", "file too large", "killed twice", "power cut"]
    return kinds + (list(SYSTEM_CALLS) if shutil.which("strace") else [])


def _drawn(draw: random.Random) -> Injection:
    kind = draw.choice(["kill", *others()])
    return Injection(kind, letters=draw.choice([1, 1, 2, 3]))


def _sized(injection: Injection, draw: random.Random) -> Injection:
    kills = injection.kind in {"kill", "killed twice", "power cut"}
    step = injection.step or (f"{draw.choice(steps())}#{draw.choice([1, 1, 2])}" if kills else "")
    return Injection(
        injection.kind,
        step=step,
        again=draw.choice(steps()) if injection.kind == "killed twice" else "",
        size=draw.randrange(60_000)
        if injection.kind in {*NETWORK, *SENDING, "file too large"}
        else draw.randrange(1, 9),
        delay=draw.uniform(0.02, LONGEST_DELAY_SECONDS),
        letters=injection.letters,
    )


@dataclass(slots=True)
class Outcome:
    """``struck``: the fault did strike (the process died at the step, a connection was cut…). ``problems``: what the
    checker found broken.
    """

    injection: Injection
    struck: bool
    problems: list[str]


@dataclass
class Suffering:
    """A trial that suffers one injection after another, its clock moving on."""

    trial: Trial
    outside: Outside
    bug: str = ""
    clock: timedelta = timedelta(0)

    def suffer(self, injection: Injection) -> Outcome:
        self.trial.post(injection.letters)
        struck = self._live_through(injection) != 0 or injection.kind in {*NETWORK, *SENDING} or self._disk_refused()
        self._recover(injection.again)
        return Outcome(injection, struck, self._problems())

    def _disk_refused(self) -> bool:
        """A write was refused and the worker lived on: strace says so, or the mailbox does."""
        refused = self._calls.exists() and "INJECTED" in self._calls.read_text()
        self._calls.unlink(missing_ok=True)
        return refused or Mailbox.objects.filter(failing_since__isnull=False).exists()

    @property
    def _calls(self) -> Path:
        return self.trial.blobs.parent / "calls.txt"

    def _live_through(self, injection: Injection) -> int:
        life = Life(
            fail_at=injection.step,
            bug=self.bug,
            later=self.clock,
            largest_file=1_000 + injection.size if injection.kind == "file too large" else 0,
            traced=injection.kind in SYSTEM_CALLS,
            journal_of_disk=self._journal,
        )
        world = self.trial.world
        if injection.kind in NETWORK:
            world.imap.suffer(NETWORK[injection.kind](injection.size))
        if injection.kind in SENDING:
            world.smtp.suffer(SENDING[injection.kind](injection.size))
        code = self.trial.run(life, self._beside(injection))
        world.calm()
        if injection.kind == "postgres killed":
            world.raise_postgres()
        if injection.kind == "power cut":
            cut_power(self.trial.blobs, self._journal)
        return code

    @property
    def _journal(self) -> Path:
        return self.trial.blobs.parent / "flushes.jsonl"

    def _beside(self, injection: Injection) -> Callable[[int], None] | None:
        if injection.kind == "killed at random":
            return lambda child: _kill_after(injection.delay, child)
        if injection.kind == "postgres killed":
            return lambda _child: self._kill_postgres_after(injection.delay)
        if injection.kind in SYSTEM_CALLS:
            rule = f"{SYSTEM_CALLS[injection.kind]}:when={injection.size}"
            return lambda child: _trace(child, rule, self._calls)
        return None

    def _kill_postgres_after(self, delay: float) -> None:
        time.sleep(delay)
        self.trial.world.kill_postgres()

    def _recover(self, again: str) -> None:
        """Time passes, the dead worker's work is taken over, a person looks at the doubts; until all is calm."""
        self.outside.look()
        for turn in range(ROUNDS_TO_CALM):
            self.clock += LATER
            life = Life(
                fail_at=again if turn == 0 else "",
                bug=self.bug,
                later=self.clock,
                recovering=True,
                arrived=frozenset(self.outside.doctor),
                journal_of_disk=self._journal,
            )
            ended = self.trial.run(life)
            if ended == 0 and not self._unsettled():
                break
            self.outside.look()

    def _unsettled(self) -> bool:
        settled = (Recipient.State.SENT, Recipient.State.DELIVERED)
        return Recipient.objects.exclude(state__in=settled).exists()

    def _problems(self) -> list[str]:
        """Mail takes a moment on the operator's side, and its reports come back later: waited for, then taken."""
        problems = broken(self.outside)
        for _ in range(TURNS_FOR_LATE_MAIL):
            late = [problem for problem in problems if "copies at" in problem or "one side only" in problem]
            if not late:
                break
            time.sleep(0.3)
            if any("one side only" in problem for problem in late):
                self._recover("")
            problems = broken(self.outside)
        return problems


def _kill_after(delay: float, child: int) -> None:
    time.sleep(delay)
    with suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)


def _trace(child: int, rule: str, calls: Path) -> None:
    """Until the life ends; ptrace detaches by itself then."""
    call = rule.partition(":")[0]
    command = [
        "strace",
        "-f",
        "-qqq",
        "-o",
        str(calls),
        "-e",
        f"trace={call}",
        "-e",
        f"inject={rule}",
        "-p",
        str(child),
    ]
    subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603 (our own words and a number)
