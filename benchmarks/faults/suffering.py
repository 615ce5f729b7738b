"""A home that suffers: spells of faults, one life after the other, then calm, then the proof. Needs Django set up."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import count

from benchmarks.faults import bugs
from benchmarks.faults.check import Outside, broken, jobs_left, late
from benchmarks.faults.injections import Injection, strike
from benchmarks.faults.life import Life
from benchmarks.faults.trial import begin_trial
from benchmarks.faults.world import World
from liaison.apps.exchanges.models import Answer, Recipient

LATER = timedelta(minutes=10)
ROUNDS_TO_CALM = 4
LATE_MAIL_SECONDS = 3.0
LETTERS_OF_A_TRIAL = 60

_numbers = count(1)
KILL_AT_THE_BUG = Injection("kill", step=bugs.STEP)
SHOWN_BY = {
    "the file is not flushed": Injection("power cut", step="receive: committed"),
    "the folder is not flushed": Injection("power cut", step="receive: committed"),
    "the row is committed before its file": Injection("kill", step="receive: committed"),
    "the cursor moves before the messages are kept": Injection("kill", step="receive: files kept"),
    "the cursor moves before the messages are fetched": Injection("imap dropped", size=8_000),
    "what cannot be kept is passed over": Injection("file too large", size=1_000),
    "what the home's software tells again is done again": Injection("mllp answer lost"),
    "a message is sent without a claim": Injection("kill", step="deliver: taken by the server"),
    "a lost sending is sent again by itself": Injection("kill", step="deliver: taken by the server"),
    "a receipt is sent without a claim": Injection("kill", step="answer: taken by the server"),
    "a lost receipt is sent again by itself": Injection("kill", step="answer: taken by the server"),
    "a doubt is taken for a delay": Injection("smtp silent after DATA", size=2_000),
    "a doubt is taken for a success": Injection("smtp dropped in DATA", size=4_000),
    "a delay is taken for a success": Injection("smtp refused"),
    "a dead worker's jobs are left": Injection("kill", step="read: before commit"),
}
"""Where nothing is said, the process is killed at the bug itself."""


@dataclass(slots=True)
class Outcome:
    """What struck among the faults of a spell, and what the checker found broken after it."""

    struck: list[bool]
    problems: list[str]


class Suffering:
    """A trial that suffers one spell after another, its clock moving on."""

    def __init__(self, world: World, bug: str = "") -> None:
        self.trial = begin_trial(world, next(_numbers))
        self.outside = Outside(self.trial)
        self.bug = bug
        self.clock = timedelta(0)
        self._began = False

    def suffer(self, spell: Sequence[Injection]) -> Outcome:
        """Each fault during a life that takes over from the one before; then calm, then the proof."""
        struck = [self._suffer(injection) for injection in spell]
        self._calm_down()
        return Outcome(struck, self._problems())

    def _suffer(self, injection: Injection) -> bool:
        self.trial.post(injection.letters)
        self.outside.await_letters()
        life = replace(
            self._life(),
            fail_at=injection.step,
            largest_file=injection.size if injection.kind == "file too large" else 0,
            traced="EIO" in injection.kind,
        )
        return strike(self.trial, injection, life)

    def _life(self) -> Life:
        """The next one: time has passed, and it takes over from the one before."""
        life = Life(bug=self.bug, later=self.clock, taking_over=self._began)
        self.clock, self._began = self.clock + LATER, True
        return life

    def _calm_down(self) -> None:
        """Lives without fault, and a person who looks at the doubts, until nothing is left to do."""
        for _ in range(ROUNDS_TO_CALM):
            begun = time.monotonic()
            if self.trial.run(replace(self._life(), arrived=self.outside.arrived())) == 0 and not _unsettled():
                self.trial.world.life_seconds = time.monotonic() - begun
                return

    def _problems(self) -> list[str]:
        """Mail takes a moment on the servers' side: it is waited for."""
        deadline = time.monotonic() + LATE_MAIL_SECONDS
        while late(self.outside) and time.monotonic() < deadline:
            time.sleep(0.05)
        return broken(self.outside)


def _unsettled() -> bool:
    settled = (Recipient.State.SENT, Recipient.State.DELIVERED)
    waiting = Recipient.objects.exclude(state__in=settled).exists()
    return waiting or Answer.objects.exclude(state=Answer.State.SENT).exists() or any(jobs_left())


def how_caught(world: World, bug: str) -> str:
    """The first invariant found broken when the product has this bug; empty when none was."""
    injection = SHOWN_BY.get(bug, KILL_AT_THE_BUG)
    suffering = Suffering(world, bug)
    problems = suffering.suffer([injection]).problems
    suffering.trial.end()
    return f"{injection.title}: {problems[0]}" if problems else ""
