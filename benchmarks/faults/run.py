"""``bin/bench faults``: the injections, the seeded bugs, and the two tables."""

import random
import shutil
import sys
import time
from collections import Counter
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from benchmarks import machine
from benchmarks.faults.world import running_world

TRIAL_LENGTH = 150
BOUND = 3.0
"""When n trials show nothing, the rate is below 3/n with 95 % confidence (the rule of three)."""


def measure(injections: int, seed: int, *, no_bugs: bool) -> dict[str, Any]:
    """Suffer ``injections`` faults, then see each seeded bug caught, unless ``no_bugs``."""
    folder = Path(mkdtemp(prefix="faults-"))
    begun = time.monotonic()
    try:
        with running_world(folder) as world:
            from benchmarks.faults import suffering

            suffering.prepare(world)
            faults = suffering.faults(world, injections, random.Random(seed), TRIAL_LENGTH, _say)  # noqa: S311 (a plan)
            bugs = {} if no_bugs else suffering.bugs_caught(world, random.Random(seed), _say)  # noqa: S311
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    seconds = round(time.monotonic() - begun)
    return {
        "injections": injections,
        "seed": seed,
        "seconds": seconds,
        "machine": machine.describe(),
        **faults,
        "bugs": bugs,
    }


def is_sound(measured: dict[str, Any]) -> bool:
    """No invariant broken, every step struck at least once, every bug caught."""
    caught = all(measured["bugs"].values()) if measured["bugs"] else True
    return not measured["problems"] and not measured["never_struck"] and caught


def table(measured: dict[str, Any]) -> str:
    struck: Counter[str] = Counter(measured["struck"])
    lines = ["| fault | injected | struck | broken invariants |", "|---|---|---|---|"]
    for title, count in sorted(measured["injected"].items()):
        found = len([problem for problem in measured["problems"] if problem["fault"] == title])
        lines.append(f"| {title} | {count} | {struck[title]} | {found} |")
    total = sum(struck.values())
    lines += [
        f"| **all** | {measured['injections']} | {total} | {len(measured['problems'])} |",
        "",
        f"{measured['letters']} letters; {measured['twice']} transmissions arrived twice, each shown in doubt before; "
        f"{measured['receipts_twice']} receipts arrived twice; {measured['seconds']} s; seed {measured['seed']}.",
    ]
    if total and not measured["problems"]:
        lines.append(f"No invariant broken in {total} faults that struck: at most {BOUND / total:.2%} at 95 % (3/n).")
    if measured["never_struck"]:
        lines.append(f"Never struck: {', '.join(measured['never_struck'])}.")
    lines += [f"- {problem['fault']}: {problem['problem']}" for problem in measured["problems"][:40]]
    if measured["bugs"]:
        caught = [name for name, how in measured["bugs"].items() if how]
        lines += [
            "",
            f"Seeded bugs caught: {len(caught)}/{len(measured['bugs'])}",
            "",
            "| bug | caught by |",
            "|---|---|",
        ]
        lines += [f"| {name} | {how or '**not caught**'} |" for name, how in measured["bugs"].items()]
    return "\n".join([*lines, "", str(measured["machine"])])


def _say(line: str) -> None:
    print(line, file=sys.stderr)
