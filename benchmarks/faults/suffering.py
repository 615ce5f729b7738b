"""The two campaigns: the product under every fault, and each seeded bug under the faults that should show it."""

import random
from collections import Counter
from collections.abc import Callable
from itertools import count
from typing import Any

from benchmarks.faults import bugs
from benchmarks.faults.check import Outside
from benchmarks.faults.injections import Injection, Suffering, planned
from benchmarks.faults.steps import steps
from benchmarks.faults.trial import Trial, begin_trial, prepare_template
from benchmarks.faults.world import World

_numbers = count(1)
KILL_AT_THE_BUG = Injection("kill", step=bugs.STEP)
SHOWN_BY = {
    "the file is not flushed": [Injection("power cut", step="receive: committed")],
    "the folder is not flushed": [Injection("power cut", step="receive: committed")],
    "the file is written in place": [KILL_AT_THE_BUG],
    "the row is committed before its file": [Injection("kill", step="receive: committed")],
    "the cursor moves before the messages are kept": [Injection("kill", step="receive: files kept")],
    "the cursor moves before the messages are fetched": [Injection("imap dropped", size=8_000)],
    "what cannot be kept is passed over": [Injection("file too large", size=100)],
    "a message is sent without a claim": [Injection("kill", step="deliver: taken by the server")],
    "a lost sending is sent again by itself": [Injection("kill", step="deliver: taken by the server")],
    "a doubt is taken for a delay": [Injection("smtp silent after DATA", size=2_000)],
    "a doubt is taken for a success": [Injection("smtp dropped in DATA", size=4_000)],
    "a delay is taken for a success": [Injection("smtp refused")],
    "a dead worker's jobs are left": [Injection("kill", step="read: before commit")],
    "a receipt is noted before it is given": [KILL_AT_THE_BUG],
}


def prepare(world: World) -> None:
    del world
    prepare_template()


def new_trial(world: World, bug: str = "") -> Suffering:
    trial: Trial = begin_trial(world, next(_numbers))
    return Suffering(trial, Outside(trial), bug)


def faults(
    world: World, injections: int, draw: random.Random, trial_length: int, say: Callable[[str], None]
) -> dict[str, Any]:
    """The product as it is, under every kind of fault; what was injected, what struck, what was broken."""
    injected: Counter[str] = Counter()
    struck: Counter[str] = Counter()
    problems: list[dict[str, str]] = []
    suffering, ended = new_trial(world), []
    for number, injection in enumerate(planned(injections, draw), 1):
        outcome = suffering.suffer(injection)
        injected[injection.title] += 1
        struck[injection.title] += outcome.struck
        problems += [{"fault": injection.title, "problem": problem} for problem in outcome.problems]
        say(f"{number}/{injections} {injection.title}: {'; '.join(outcome.problems) or 'sound'}")
        if outcome.problems or len(suffering.trial.letters) > trial_length:
            ended.append(suffering)
            suffering = new_trial(world)
    trials = [*ended, suffering]
    at_least_once = {title.partition(": ")[2] for title in struck if struck[title]}
    return {
        "injected": dict(injected),
        "struck": dict(struck),
        "problems": problems,
        "letters": sum(len(each.trial.letters) for each in trials),
        "twice": sum(len(each.outside.twice) for each in trials),
        "receipts_twice": sum(len(each.outside.receipts_twice) for each in trials),
        "never_struck": [step for step in steps() if step not in at_least_once],
    }


def bugs_caught(world: World, draw: random.Random, say: Callable[[str], None]) -> dict[str, str]:
    """Each bug alone, under the fault that should show it: the first invariant found broken, empty when none was."""
    del draw
    caught = {}
    for name in bugs.names():
        caught[name] = _first_broken(world, name)
        say(f"bug, {name}: {caught[name] or 'NOT CAUGHT'}")
    return caught


def _first_broken(world: World, name: str) -> str:
    for injection in SHOWN_BY.get(name, [KILL_AT_THE_BUG]):
        outcome = new_trial(world, name).suffer(injection)
        if outcome.problems:
            return f"{injection.title}: {outcome.problems[0]}"
    return ""
