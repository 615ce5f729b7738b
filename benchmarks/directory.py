"""``bin/bench directory``: taking in a national extraction, and finding somebody in it while he is being typed.

A PostgreSQL of its own is made in a temporary folder, with the settings the product's own one has. The peer of a search
is what PostgreSQL gives without any thought: pg_trgm on the whole line (index built in the same run, its time said).
"""

import os
import statistics
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random
from typing import Any

from benchmarks import machine

KINDS = ("nom", "nom et ville", "début de nom", "faute de frappe", "spécialité et ville", "métier et département")
PEER_ROUNDS = 10


def measure(lines: int, searches: int) -> dict[str, Any]:
    """``lines`` in the extraction, ``searches`` of each kind. Times are in seconds, latencies in milliseconds."""
    with tempfile.TemporaryDirectory() as folder, _installation(Path(folder)):
        from liaison.demo.directory import write_extraction

        path = Path(folder) / "extraction.zip"
        made = _timed(lambda: write_extraction(path, lines))
        first = _import(path)
        write_extraction(path, lines, seed=2)
        second = _import(path)
        _write_next_day(path, lines)
        third = _import(path)
        typed = _typed(searches)
        return {
            "machine": machine.describe(),
            "lines": lines,
            "file_bytes": path.stat().st_size,
            "made_seconds": made,
            "import": {"first": first, "replacing": second, "next_day": third},
            "search": {kind: _latencies(typed[kind], _ours) for kind in KINDS},
            "peer": {"index_seconds": _timed(_index_peer), "search": {kind: _peer(typed[kind]) for kind in KINDS}},
        }


@contextmanager
def _installation(folder: Path) -> Iterator[None]:
    from liaison.cli.setting_up import set_up
    from liaison.runtime.paths import Home
    from liaison.runtime.postgres import EmbeddedPostgres

    home = Home(folder / "home").create()
    server = EmbeddedPostgres(home)
    os.environ.update(LIAISON_HOME=str(home.folder), DATABASE_URL=server.start().as_text())
    try:
        set_up()
        from django.db import connection

        from liaison.apps.operations.setup import migrate

        migrate()
        yield
        connection.close()
    finally:
        server.erase()


def _import(path: Path) -> dict[str, float]:
    from liaison.apps.directory.imports import Progress, do_import_extraction

    started = time.perf_counter()
    read_at: list[float] = []

    def told(progress: Progress) -> None:
        if progress.step == "Index":
            read_at.append(time.perf_counter())

    before = _processor_seconds()
    do_import_extraction(path, told=told)
    ended = time.perf_counter()
    read_by = read_at[0] if read_at else ended
    return {
        "processor": round(_processor_seconds() - before, 2),
        "read": round(read_by - started, 2),
        "index": round(ended - read_by, 2),
        "total": round(ended - started, 2),
    }


def _write_next_day(path: Path, lines: int) -> None:
    """The second extraction, with one line in a hundred changed: what a day or two change."""
    from liaison.demo.directory import FILE_NAME, extraction

    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open(FILE_NAME, "w") as file,
    ):
        pairs = zip(extraction(lines, seed=2), extraction(lines, seed=3), strict=True)
        file.write("".join(other if at % 100 == 1 else line for at, (line, other) in enumerate(pairs)).encode())


def _processor_seconds() -> float:
    """What this process and every process of its PostgreSQL have used, helpers of index builds included.

    On a shared machine the elapsed time says too much.
    """
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        postmaster = _stat(cursor.fetchone()[0])[1]
    ticks = sum(map(int, _stat(postmaster)[11:15]))
    for folder in Path("/proc").iterdir():
        with suppress(OSError):
            if folder.name.isdigit() and (told := _stat(folder.name))[1] == postmaster:
                ticks += int(told[11]) + int(told[12])
    return time.process_time() + ticks / os.sysconf("SC_CLK_TCK")


def _stat(number: str | int) -> list[str]:
    """A process as Linux tells it: state, parent, and from the twelfth on its time and that of its ended children."""
    return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()


def _typed(searches: int) -> dict[str, list[str]]:
    """What people type, about people who are there: the same for every reader."""
    from liaison.apps.directory.models import DirectoryEntry

    dice = Random(7)  # noqa: S311 (which names are typed, not a secret)
    people = list(DirectoryEntry.objects.filter(kind="PER").order_by("email")[: searches * 40 : 40])
    return {
        "nom": [one.family for one in people],
        "nom et ville": [f"{one.family} {one.city}" for one in people],
        "début de nom": [one.family[: dice.randint(2, 4)] for one in people],
        "faute de frappe": [f"{_slip(one.family, dice)} {one.given}" for one in people],
        "spécialité et ville": [f"{one.speciality or one.profession} {one.city}" for one in people],
        "métier et département": [f"{one.profession} {one.postal_code[:2]}" for one in people],
    }


def _slip(word: str, dice: Random) -> str:
    """Two letters the wrong way round, or one forgotten."""
    at = dice.randrange(1, max(2, len(word) - 1))
    if dice.random() < 0.5:  # noqa: PLR2004 (one in two)
        return word[:at] + word[at + 1 :]
    return word[:at] + word[at : at + 2][::-1] + word[at + 2 :]


def _ours(text: str) -> int:
    from liaison.apps.directory.queries import search_directory

    return len(search_directory(text, department="51"))


def _latencies(typed: list[str], search: Callable[[str], int]) -> dict[str, float]:
    search(typed[0])
    times, found, before = [], 0, _processor_seconds()
    for text in typed:
        started = time.perf_counter()
        found += bool(search(text))
        times.append((time.perf_counter() - started) * 1000)
    cuts = statistics.quantiles(times, n=100, method="inclusive") if len(times) > 1 else times * 99
    return {
        "processor": round((_processor_seconds() - before) * 1000 / len(typed), 1),
        "median": round(statistics.median(times), 1),
        "p95": round(cuts[94], 1),
        "most": round(max(times), 1),
        "found": round(found / len(typed), 3),
    }


def _index_peer() -> None:
    _execute(
        "CREATE TABLE bench_peer AS SELECT email, lower(unaccent(concat_ws(' ', family, given, profession,"
        " speciality, city, structure))) AS line FROM directory_directoryentry",
        "SET maintenance_work_mem = '256MB'",
        "SET statement_timeout = 0",
        "CREATE INDEX ON bench_peer USING gin (line gin_trgm_ops)",
        "ANALYZE bench_peer",
    )


def _peer(typed: list[str]) -> dict[str, float]:
    return _latencies(typed[:PEER_ROUNDS], _search_peer)


def _search_peer(text: str) -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT email FROM bench_peer WHERE lower(unaccent(%s)) <%% line"
            " ORDER BY word_similarity(lower(unaccent(%s)), line) DESC LIMIT 20",
            [text, text],
        )
        return len(cursor.fetchall())


def _execute(*statements: str) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return round(time.perf_counter() - started, 2)


def table(measured: dict[str, Any]) -> str:
    rows = [f"{measured['lines']} lignes, fichier de {measured['file_bytes'] / 1e6:.1f} Mo"]
    for name, label in (
        ("first", "import (base vide)"),
        ("replacing", "import (remplace une copie)"),
        ("next_day", "import (un centième change)"),
    ):
        one = measured["import"][name]
        rows.append(
            f"{label} : {one['total']} s (lecture {one['read']}, index {one['index']}), processeur {one['processor']} s"
        )
    rows.append(f"index pg_trgm de la ligne entière (autre moyen) : {measured['peer']['index_seconds']} s")
    rows.append(
        f"{'recherche (ms)':<26}{'médiane':>9}{'p95':>9}{'max':>9}{'process.':>10}{'trouve':>9}   autre : médiane"
    )
    for kind in KINDS:
        ours, peer = measured["search"][kind], measured["peer"]["search"][kind]
        rows.append(
            f"{kind:<26}{ours['median']:>9}{ours['p95']:>9}{ours['most']:>9}{ours['processor']:>10}{ours['found']:>9.0%}"
            f"   {peer['median']:>9} {peer['found']:>8.0%}"
        )
    return "\n".join(rows)
