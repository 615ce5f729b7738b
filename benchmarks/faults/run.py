"""``bin/bench faults``: the injections, the seeded bugs, and the two tables.

Spells of injections are given to as many worlds as wanted, each a process. Each spell is written down as it ends, so a
long run can be taken up again where it stopped.
"""

import json
import multiprocessing
import os
import shutil
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from contextlib import contextmanager
from functools import partial
from itertools import count, islice, takewhile
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from benchmarks import machine
from benchmarks.faults import worker
from benchmarks.faults.steps import steps
from benchmarks.faults.world import prepare

RECORDS = Path(__file__).resolve().parents[2] / "var" / "bench"
SPELL = 6
SHOWN_PROBLEMS = 40
BOUND = 3.0
"""When n trials show nothing, the rate is below 3/n with 95 % confidence (the rule of three)."""


def measure(
    injections: int, seed: int, *, minutes: int, peers: str, worlds: int, resume: bool, no_bugs: bool
) -> dict[str, Any]:
    """Suffer ``injections`` faults (as many as fit in ``minutes`` when 0), then see each seeded bug caught."""
    begun = time.monotonic()
    width = worlds or len(os.sched_getaffinity(0))
    records = Records(RECORDS / f"faults-{peers}-{seed}.jsonl", resume=resume)
    bugs: dict[str, str] = {}
    with _worlds(width, peers) as pool:
        until = time.monotonic() + minutes * 60 if minutes else float("inf")
        todo = spells(injections or (sys.maxsize if minutes else 0), records)
        work = (partial(worker.suffer, numbers, seed) for numbers in todo)
        for record in _as_they_end(pool, width, takewhile(lambda _act: time.monotonic() < until, work)):
            records.keep(record)
            _say(_in_words(records.injections, record))
        for name, how in _as_they_end(pool, width, (partial(worker.catch, name) for name in _bugs(pool, no_bugs))):
            bugs[name] = how
            _say(f"bug, {name}: {how or 'NOT CAUGHT'}")
    return {
        "peers": peers,
        "seed": seed,
        "worlds": width,
        "seconds": round(time.monotonic() - begun),
        "machine": machine.describe(),
        **_added_up(records.kept),
        "bugs": bugs,
    }


class Records:
    """One line for each spell, in a file that outlives the run."""

    def __init__(self, path: Path, *, resume: bool) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not resume:
            path.unlink(missing_ok=True)
        self._path = path
        self.kept: list[dict[str, Any]] = (
            [json.loads(line) for line in path.read_text().splitlines()] if resume and path.exists() else []
        )

    @property
    def injections(self) -> int:
        return sum(len(record["numbers"]) for record in self.kept)

    @property
    def numbers(self) -> set[int]:
        return {number for record in self.kept for number in record["numbers"]}

    def keep(self, record: dict[str, Any]) -> None:
        self.kept.append(record)
        with self._path.open("a") as file:
            file.write(json.dumps(record, ensure_ascii=False) + "\n")


def spells(injections: int, records: Records) -> Iterator[list[int]]:
    """The numbers that are left to do, a spell at a time."""
    known = records.numbers
    left = (number for number in count() if number not in known)
    todo = takewhile(lambda number: number < injections, left)
    while numbers := list(islice(todo, SPELL)):
        yield numbers


def _bugs(pool: ProcessPoolExecutor, no_bugs: bool) -> list[str]:
    return [] if no_bugs else pool.submit(worker.bugs).result()


def _as_they_end(pool: ProcessPoolExecutor, width: int, acts: Iterator[Callable[[], Any]]) -> Iterator[Any]:
    """The results, the first that ended first; no more acts are begun than there are worlds."""
    running = {pool.submit(act) for act in islice(acts, width)}
    while running:
        done, running = wait(running, return_when=FIRST_COMPLETED)
        running |= {pool.submit(act) for act in islice(acts, len(done))}
        yield from (each.result() for each in done)


@contextmanager
def _worlds(width: int, peers: str) -> Iterator[ProcessPoolExecutor]:
    """Processes with a world each, made from one home whose tables are written once."""
    folder = Path(mkdtemp(prefix="faults-"))
    folder.chmod(0o755)  # PostgreSQL runs as another account when we are root
    fork = multiprocessing.get_context("fork")
    preparing = fork.Process(target=prepare, args=(folder / "prepared",))
    try:
        preparing.start()
        preparing.join()
        if preparing.exitcode:
            raise RuntimeError("the home could not be prepared")
        with ProcessPoolExecutor(width, fork, worker.enter, (folder, folder / "prepared", peers)) as pool:
            yield pool
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _added_up(records: list[dict[str, Any]]) -> dict[str, Any]:
    injected: Counter[str] = Counter()
    struck: Counter[str] = Counter()
    for record in records:
        injected.update(record["faults"])
        struck.update(fault for fault, did in zip(record["faults"], record["struck"], strict=True) if did)
    at_least_once = {fault.partition(": ")[2] for fault in struck}
    return {
        "injections": sum(injected.values()),
        "spells": len(records),
        "spell_seconds": round(sum(record["seconds"] for record in records)),
        "injected": dict(injected),
        "struck": dict(struck),
        "problems": [
            {"faults": record["faults"], "problem": problem} for record in records for problem in record["problems"]
        ],
        **{name: sum(record[name] for record in records) for name in ("letters", *worker.COUNTED)},
        "never_struck": [step for step in steps() if step not in at_least_once],
    }


def is_sound(measured: dict[str, Any]) -> bool:
    """No invariant broken, every step struck at least once when injections were asked, every bug caught."""
    caught = all(measured["bugs"].values()) if measured["bugs"] else True
    return not measured["problems"] and caught and not (measured["injections"] and measured["never_struck"])


def table(measured: dict[str, Any]) -> str:
    return "\n".join([*_faults_table(measured), *_bugs_table(measured["bugs"]), "", str(measured["machine"])])


def _faults_table(measured: dict[str, Any]) -> list[str]:
    struck: Counter[str] = Counter(measured["struck"])
    total = sum(struck.values())
    if not measured["injections"]:
        return []
    lines = [
        f"| fault ({measured['peers']}) | injected | struck | in a spell that broke an invariant |",
        "|---|---|---|---|",
    ]
    for title, number in sorted(measured["injected"].items()):
        broken = sum(title in problem["faults"] for problem in measured["problems"])
        lines.append(f"| {title} | {number} | {struck[title]} | {broken} |")
    lines += [
        f"| **all** | {measured['injections']} | {total} | {len(measured['problems'])} |",
        "",
        f"{measured['spells']} spells, {measured['letters']} letters; {measured['twice']} transmissions and "
        f"{measured['receipts_twice']} receipts arrived twice, each shown in doubt before; "
        f"{measured['seconds']} s with {measured['worlds']} worlds "
        f"({measured['spell_seconds']} s of spells); seed {measured['seed']}.",
    ]
    if total and not measured["problems"]:
        lines.append(f"No invariant broken in {total} faults that struck: at most {BOUND / total:.2%} at 95 % (3/n).")
    if measured["never_struck"]:
        lines.append(f"Never struck: {', '.join(measured['never_struck'])}.")
    shown = measured["problems"][:SHOWN_PROBLEMS]
    return lines + [f"- {' > '.join(problem['faults'])}: {problem['problem']}" for problem in shown]


def _bugs_table(bugs: dict[str, str]) -> list[str]:
    if not bugs:
        return []
    caught = sum(bool(how) for how in bugs.values())
    rows = [f"| {name} | {how or '**not caught**'} |" for name, how in sorted(bugs.items())]
    return ["", f"Seeded bugs caught: {caught}/{len(bugs)}", "", "| bug | caught by |", "|---|---|", *rows]


def _in_words(so_far: int, record: dict[str, Any]) -> str:
    faults = " > ".join(
        title if struck else f"({title})" for title, struck in zip(record["faults"], record["struck"], strict=True)
    )
    return f"{so_far} {record['seconds']} s {faults}: {'; '.join(record['problems']) or 'sound'}"


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
