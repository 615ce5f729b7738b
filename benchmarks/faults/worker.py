"""A process that holds a world for as long as there is work: spells of faults, then seeded bugs."""

import gc
import multiprocessing.util
import os
import pkgutil
import time
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.faults.world import World, running_world

if TYPE_CHECKING:
    from benchmarks.faults.suffering import Suffering

WARM = ("liaison.core", "liaison.apps", "liaison.connectors")
NOT_IMPORTED = {"migrations", "management", "__main__"}
COUNTED = ("twice", "receipts_twice")

_here: dict[str, Any] = {}


def enter(folder: Path, prepared: Path, peers: str) -> None:
    """Begin the world of this process. It ends with the process."""
    stack = ExitStack()
    world: World = stack.enter_context(running_world(folder / f"world-{os.getpid()}", prepared, peers))
    multiprocessing.util.Finalize(None, stack.close, exitpriority=100)
    _warm()
    _here.update(world=world, trial=None)


def _warm() -> None:
    """Import what a life would: each is forked from here, and has it already."""
    for name in WARM:
        package = import_module(name)
        for module in pkgutil.walk_packages(package.__path__, f"{name}."):
            if not NOT_IMPORTED & set(module.name.split(".")):
                import_module(module.name)
    gc.freeze()


def suffer(numbers: list[int], seed: int) -> dict[str, Any]:
    """The injections of these numbers, as one spell, on the trial of this process."""
    from benchmarks.faults.injections import kinds, planned
    from benchmarks.faults.suffering import LETTERS_OF_A_TRIAL, Suffering

    world: World = _here["world"]
    suffering: Suffering = _here["trial"] or Suffering(world)
    begun, before = time.monotonic(), _counted(suffering)
    spell = [planned(number, seed, kinds(world)) for number in numbers]
    outcome = suffering.suffer(spell)
    record = {
        "numbers": numbers,
        "faults": [injection.title for injection in spell],
        "struck": outcome.struck,
        "problems": outcome.problems,
        "seconds": round(time.monotonic() - begun, 2),
        **{name: value - before[name] for name, value in _counted(suffering).items()},
    }
    ended = outcome.problems or len(suffering.trial.letters) > LETTERS_OF_A_TRIAL
    if ended:
        suffering.trial.end()
    _here["trial"] = None if ended else suffering
    return record


def _counted(suffering: "Suffering") -> dict[str, int]:
    """How many letters it has, and what arrived twice."""
    return {
        "letters": len(suffering.trial.letters),
        **{name: len(getattr(suffering.outside, name)) for name in COUNTED},
    }


def bugs() -> list[str]:
    """The names of the seeded bugs."""
    from benchmarks.faults.bugs import names

    return names()


def catch(bug: str) -> tuple[str, str]:
    """How the seeded bug of this name was caught; empty when it was not."""
    from benchmarks.faults.suffering import how_caught

    return bug, how_caught(_here["world"], bug)
