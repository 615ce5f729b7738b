"""Finding the resident a document is about, whatever the slip: how often, how fast, beside other ways to.

Ours, plain trigram search and the exact rules are asked query by query, in the scope of one home, with row-level
security in force for ours and the exact rules; the two libraries work on all the queries at once. Processor time is
that of this process and of the server's for this connection: what waits for a turn is not counted.
"""

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import machine
from benchmarks.identity_people import KINDS, UNKNOWN, UNKNOWN_TWIN, People, Query, draw_queries
from benchmarks.search import FOLDER, open_database
from liaison.runtime.paths import Home

SEED = 7
SURE = 0.9
FIGURES = ("median", "p95", "p99", "worst", "clock median", "clock p95", "clock p99")
OURS, EXACT, TRIGRAMS, SPLINK, RECORDLINKAGE = "liaison", "exact rules", "pg_trgm", "splink", "recordlinkage"
Found = list[tuple[int, float]]


def measure(
    residents: int, queries: int, rounds: int = 3, *, alone: bool = False, folder: Path = FOLDER
) -> dict[str, Any]:
    """What each way finds of each kind of slip, in percent, and its milliseconds a query."""
    open_database(Home(folder / f"identity-{residents}").create())
    from benchmarks import identity_world as world

    people = People(SEED)
    begun = time.perf_counter()
    _say(f"{residents:,} résidents…")
    site = world.make_ready(people, residents)
    asked = list(draw_queries(people, residents, queries))
    built = time.perf_counter() - begun
    ours, filed, times = _ask_ours(asked, rounds, lambda claim: world.ours(claim, site), world.server_time())
    answers = {OURS: ours}
    spent: dict[str, dict[str, float]] = {OURS: times}
    if not alone:
        for name, way in ((EXACT, world.exact_rules), (TRIGRAMS, world.plain_trigrams)):
            _say(f"{name}…")
            answers[name], spent[name] = _ask(
                asked, rounds, lambda claim, way=way: way(claim, site), world.server_time()
            )
        _ask_libraries(world.every_resident(), asked, answers, spent)
    return {
        "residents": residents,
        "queries": queries,
        "rounds": rounds,
        "prepared_seconds": round(built),
        "machine": machine.describe(),
        "milliseconds": spent,
        "filed": {"right": filed[0], "wrong": filed[1]},
        "kinds": {name: _by_kind(asked, found) for name, found in answers.items()},
    }


def _ask_ours(
    asked: list[Query], rounds: int, way: Callable[[Any], tuple[Found, bool]], served: Callable[[], float]
) -> tuple[list[Found], tuple[int, int], dict[str, float]]:
    """The lists, how many documents rule 1 would have filed rightly and wrongly, and the times."""
    answers, times = _ask(asked, rounds, way, served)
    filed = [(query.truth, found) for query, (found, certain) in zip(asked, answers, strict=True) if certain]
    right = sum(bool(found) and found[0][0] == truth for truth, found in filed)
    return [found for found, _ in answers], (right, len(filed) - right), times


def _ask(
    asked: list[Query], rounds: int, way: Callable[[Any], Any], served: Callable[[], float]
) -> tuple[list[Any], dict[str, float]]:
    """Each query several times, the best time counting; by the clock, and by the processor time of both processes."""
    answers, waited, worked = [], [], []
    for query in asked:
        times = []
        for _ in range(rounds):
            begun, busy = time.perf_counter(), time.thread_time() + served()
            answer = way(query.claim)
            times.append((time.perf_counter() - begun, time.thread_time() + served() - busy))
        answers.append(answer)
        waited.append(1000 * min(wall for wall, _ in times))
        worked.append(1000 * min(processor for _, processor in times))
    return answers, {**_summary(worked), **{f"clock {name}": value for name, value in _summary(waited).items()}}


def _ask_libraries(
    residents: list[tuple[Any, ...]], asked: list[Query], answers: dict[str, list[Found]], spent: dict[str, Any]
) -> None:
    from benchmarks import identity_peers

    everybody = identity_peers.residents_table(residents)
    table_of_queries = identity_peers.queries_table(asked)
    for name, way in ((SPLINK, identity_peers.by_splink), (RECORDLINKAGE, identity_peers.by_recordlinkage)):
        _say(f"{name}…")
        answers[name], seconds = way(everybody, table_of_queries)
        spent[name] = {"batch": round(1000 * seconds / len(asked), 2)}


def _summary(spent: list[float]) -> dict[str, float]:
    cuts = statistics.quantiles(spent, n=100, method="inclusive")
    figures = {"median": statistics.median(spent), "p95": cuts[94], "p99": cuts[98], "worst": max(spent)}
    return {name: round(value, 2) for name, value in figures.items()}


def _by_kind(asked: list[Query], answers: list[Found]) -> dict[str, dict[str, float]]:
    return {
        kind: _score([(query, found) for query, found in zip(asked, answers, strict=True) if query.kind == kind])
        for kind in KINDS
        if any(query.kind == kind for query in asked)
    }


def _score(pairs: list[tuple[Query, Found]]) -> dict[str, float]:
    """In percent: the right resident first; in the list; ``sure``: the first scores 0.9 or more, and then is right."""
    known = [(query, found) for query, found in pairs if query.truth is not None]
    sure = [(query, found) for query, found in pairs if found and found[0][1] >= SURE]
    shares = {
        "first": [found[:1] and found[0][0] == query.truth for query, found in known],
        "listed": [any(number == query.truth for number, _ in found) for query, found in known],
        "sure": [bool(found) and found[0][1] >= SURE for _, found in pairs],
        "sure_is_right": [found[0][0] == query.truth for query, found in sure],
    }
    scores = {name: _percent(holds) for name, holds in shares.items() if holds}
    return {**scores, "shown": round(statistics.mean(len(found) for _, found in pairs), 1)}


def _percent(holds: list[Any]) -> float:
    return round(100 * sum(map(bool, holds)) / len(holds), 1)


def table(measured: dict[str, Any]) -> str:
    """Markdown: the times, then what is found kind by kind, then the unknown persons."""
    ways = list(measured["kinds"])
    lines = [
        f"{measured['residents']:,} residents in one home, {measured['queries']:,} queries, the best of "
        f"{measured['rounds']} times; {measured['machine']}",
        "",
        "| way | processor ms: median | p95 | p99 | worst | clock ms: median | p95 | p99 |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for way, times in measured["milliseconds"].items():
        figures = [str(times.get(name, "")) for name in FIGURES]
        figures = [*[""] * 4, f"{times['batch']} (all at once)", "", ""] if "batch" in times else figures
        lines.append(f"| {way} | {' | '.join(figures)} |")
    lines += ["", f"| right resident first / in the list, % | {' | '.join(ways)} |", f"|---{'|---' * len(ways)}|"]
    for kind in measured["kinds"][OURS]:
        if kind not in {UNKNOWN, UNKNOWN_TWIN}:
            scores = [measured["kinds"][way][kind] for way in ways]
            cells = [f"{score['first']} / {score['listed']}" for score in scores]
            lines.append(f"| {kind} | {' | '.join(cells)} |")
    lines += [
        "",
        f"| nobody of the home: the first scores 0.9 or more, % | {' | '.join(ways)} |",
        f"|---{'|---' * len(ways)}|",
    ]
    for kind in (UNKNOWN, UNKNOWN_TWIN):
        if kind in measured["kinds"][OURS]:
            lines.append(f"| {kind} | {' | '.join(str(measured['kinds'][way][kind]['sure']) for way in ways)} |")
    filed = measured["filed"]
    return "\n".join([*lines, "", f"Filed by rule 1: {filed['right']} rightly, {filed['wrong']} wrongly."])


def _say(text: str) -> None:
    print(text, file=sys.stderr)
