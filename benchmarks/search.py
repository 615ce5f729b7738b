"""Full-text search over many letters, through the product's own read path, with row-level security in force."""

import base64
import os
import random
import statistics
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from benchmarks import machine, search_world
from liaison.runtime.paths import Home
from liaison.runtime.postgres import database_url

FOLDER = Path(__file__).resolve().parents[1] / "var" / "bench"
PEER_MILLISECONDS = 30_000
COLUMNS = ("median", "p95", "p99", "worst", "processor", "shown")


def measure(documents: int, rounds: int, folder: Path = FOLDER) -> dict[str, Any]:
    """The milliseconds of each kind of query (``processor`` is a mean), for a person of one home and of the group."""
    open_database(Home(folder / f"search-{documents}").create())
    from benchmarks import search_people

    built = search_people.make_ready(documents)
    people = {"one site": search_people.one_site(), "the group": search_people.whole_group()}
    queries = kinds(random.Random(11))  # noqa: S311 (a corpus, no secret)
    return {
        "documents": documents,
        "sites": search_world.SITES,
        "residents": search_world.SITES * search_world.RESIDENTS_A_SITE,
        **built,
        "machine": machine.describe(),
        "search": {
            who: {kind: _times(search_people.searcher(user), typed * rounds) for kind, typed in queries.items()}
            for who, user in people.items()
        },
        "peers": search_people.peers(people["the group"], queries, PEER_MILLISECONDS),
    }


def kinds(draw: random.Random) -> dict[str, list[str]]:
    """Ten or so of what people type, by kind."""
    words = search_world.vocabulary()
    names = [f"{given} {family}" for given, family in zip(search_world.GIVEN, search_world.FAMILIES, strict=True)]
    return {
        "common word": [f"{word} " for word in search_world.COMMON[:10]],
        "rare word": [f"{search_world.RARE} ", *(f"{word} " for word in draw.sample(words[20_000:], 9))],
        "two words": [
            f"{a} {b} " for a, b in zip(draw.sample(words[:60], 10), draw.sample(words[500:9_000], 10), strict=True)
        ],
        "beginning": [word[:length] for word in draw.sample(words[:2_000], 5) for length in (3, 5)],
        "rare beginning": [word[:6] for word in draw.sample(words[20_000:], 10)],
        "common word and beginning": [f"{a} {b[:4]}" for a, b in zip(words[:10], words[20:30], strict=True)],
        "phrase": [
            f'"{" ".join(search_world.PHRASE)}"',
            '"pancréatite aiguë"',
            *(f'"{a} {b}"' for a, b in zip(words[:8], words[8:16], strict=True)),
        ],
        "name of a resident": names[:10],
        "misspelt name": [_misspelt(name, draw) for name in names[:10]],
        "nothing": [f"{word}xyz " for word in draw.sample(words[:1_000], 10)],
    }


def _misspelt(name: str, draw: random.Random) -> str:
    place = draw.randrange(1, len(name) - 1)
    return name[:place] + draw.choice("aeiou") + name[place + 1 :]


def _times(search: Callable[[str], int], typed: Iterable[str]) -> dict[str, float]:
    spent, shown = [], []
    busy = _busy()
    for text in typed:
        begun = time.perf_counter()
        shown.append(search(text))
        spent.append((time.perf_counter() - begun) * 1000)
    cuts = statistics.quantiles(spent, n=100, method="inclusive")
    return {
        "median": round(statistics.median(spent), 1),
        "p95": round(cuts[94], 1),
        "p99": round(cuts[98], 1),
        "worst": round(max(spent), 1),
        "processor": round((_busy() - busy) * 1000 / len(spent), 1),
        "shown": round(statistics.mean(shown), 1),
    }


def _busy() -> float:
    """Seconds of processor this process and the PostgreSQL process that serves it have taken (ticks of 10 ms)."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    try:
        ticks = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    except OSError:
        return time.process_time()
    return time.process_time() + sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


def open_database(home: Home) -> None:
    """Come in by the web's door, on a PostgreSQL of the bench's own (or on DATABASE_URL)."""
    os.environ |= {
        "LIAISON_HOME": str(home.folder),
        "DATABASE_URL": database_url(home),
        "LIAISON_DOOR": "web",
        "LIAISON_SECRET_KEY": "bench",
        "LIAISON_BLOB_KEY": base64.b64encode(bytes(32)).decode(),
        "DJANGO_SETTINGS_MODULE": "liaison.config.settings",
    }
    import django

    django.setup()


def table(measured: dict[str, Any]) -> str:
    """Two tables in Markdown, and what was measured on."""
    lines = [
        f"{measured['documents']:,} documents, {measured['sites']} sites, {measured['residents']:,} residents; "
        f"rows {measured['rows']:.0f} s, index {measured['index']:.0f} s; {measured['sizes']}",
        "",
        "| who | query | median ms | p95 | p99 | worst | processor | shown |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for who, by_kind in measured["search"].items():
        for kind, times in by_kind.items():
            figures = " | ".join(str(times[name]) for name in COLUMNS)
            lines.append(f"| {who} | {kind} | {figures} |")
    lines += ["", "| the same words otherwise (the group) | query | ms |", "|---|---|---|"]
    for way, by_kind in measured["peers"].items():
        lines += [f"| {way} | {kind} | {spent} |" for kind, spent in by_kind.items()]
    return "\n".join([*lines, "", str(measured["machine"])])
