"""A real mailbox drained to durable, read, matched, searchable rows, beside tools that only store and a straight line.

The corpus is cut in mailboxes; every contender drains one before the next comes, so that a passing load weighs on all
alike. Every connection is TLS on loopback, every one waits for the disk. CPU is that of the contender's processes and
of its PostgreSQL, children included, the mail server's left out; waits for the disk are counted apart, under strace.
"""

import os
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from benchmarks import intake_drain, intake_scale, machine
from benchmarks.intake_contenders import Contender, Ground, Product, StraightLine, Tool, ground, tools
from benchmarks.intake_cost import idle, say, take
from benchmarks.intake_dovecot import Server, running
from benchmarks.intake_mails import digest, mails
from benchmarks.table import aligned

TRACED = "fsync,fdatasync,sync_file_range,syncfs,sync"
TRACED_MESSAGES = 100


NEXT_MESSAGES = 200
MESSAGES_HELD = (1_000, 10_000, 100_000)
RESIDENTS_HELD = (1_000, 100_000, 1_000_000)


def measure(
    messages: int, workers: Sequence[int], mailboxes: int, residents: int, *, scale: bool = False, drain: int = 0
) -> dict[str, Any]:
    """One of the three benches of the intake, with what its table and its judgement need to know it by."""
    if scale:
        return {"bench": "scale", **intake_scale.measure(NEXT_MESSAGES, MESSAGES_HELD, RESIDENTS_HELD)}
    if drain:
        return {"bench": "drain", **intake_drain.measure(drain)}
    return {"bench": "speed", **_compare(messages, workers, mailboxes, residents)}


def is_sound(measured: dict[str, Any]) -> bool:
    return measured["bench"] != "drain" or intake_drain.is_sound(measured)


def table(measured: dict[str, Any]) -> str:
    """The same figures for a person."""
    tables = {"scale": intake_scale.table, "drain": intake_drain.table, "speed": _table}
    return tables[measured["bench"]](measured)


def _compare(messages: int, workers: Sequence[int], mailboxes: int, residents: int) -> dict[str, Any]:
    """Messages per second, CPU and waits for the disk per message of each contender, and the product's steps."""
    peers = tools()
    say(f"Corpus de {messages} messages…")
    traced = min(messages, TRACED_MESSAGES)
    made = list(mails(messages + 2 * traced))
    corpus, for_waits, for_steps = made[:messages], made[messages : messages + traced], made[messages + traced :]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="liaison-bench-")))
        server = stack.enter_context(running(folder))
        grounds = {count: stack.enter_context(ground(folder / f"home-{count}")) for count in workers}
        say(f"Résidents : {residents}…")
        contenders = list(_contenders(peers, grounds, residents))
        say("Démarrages seuls…")
        server.fill("empty", [])
        for contender in contenders:
            contender.prepare(server, "empty", folder / f"empty-{contender.name}-{contender.workers}")
            contender.start_cpu = idle(contender)
        for number in range(mailboxes):
            lot = corpus[number::mailboxes]
            server.fill(f"bal{number}", lot)
            for contender in contenders:
                if contender.slow and number:
                    continue
                say(f"boîte {number + 1} sur {mailboxes} : {contender.name} × {contender.workers}")
                _time(contender, server, f"bal{number}", lot, folder / f"{number}-{contender.name}-{contender.workers}")
        server.fill("traced", for_waits)
        say("Attentes du disque, étapes…")
        synced = {_label(each): _waits(each, server, traced, folder) for each in contenders}
        product = next(each for each in contenders if isinstance(each, Product))
        steps = _steps(product, server, for_steps)
        return _told(contenders, corpus, synced, steps) | {"residents": residents}


def _contenders(peers: list[Tool], grounds: dict[int, Ground], residents: int) -> Iterator[Contender]:
    yield StraightLine("IMAP FETCH seul", "fetch", 1, next(iter(grounds.values())))
    yield from peers
    for count, own in grounds.items():
        yield StraightLine("ligne droite, lecteurs rapides", "bare", count, own)
        yield StraightLine("ligne droite, nos lecteurs", "whole", count, own)
        yield Product(count, own, residents)


def _time(contender: Contender, server: Server, user: str, lot: list[bytes], folder: Path) -> None:
    contender.prepare(server, user, folder)
    take(contender, len(lot))
    if contender.name != "IMAP FETCH seul":
        whole = {digest(raw) for raw in lot} <= contender.stored()
        contender.kept = whole and contender.kept is not False


def _waits(contender: Contender, server: Server, messages: int, folder: Path) -> float | None:
    """Calls that wait for the disk, per message, counted by strace on a small mailbox; None without strace."""
    if shutil.which("strace") is None or contender.name == "IMAP FETCH seul":
        return None
    contender.prepare(server, "traced", folder / f"traced-{contender.name}-{contender.workers}")
    report = folder / f"strace-{contender.name}-{contender.workers}"
    watched = [os.getpid(), *contender.servers()]
    attached = [argument for pid in watched for argument in ("-p", str(pid))]
    tracer = subprocess.Popen(  # noqa: S603 (a program of the system, our own arguments)
        ["strace", "-f", "-q", "-o", str(report), "-e", f"trace={TRACED}", *attached],  # noqa: S607
        stderr=subprocess.DEVNULL,
    )
    time.sleep(2)
    contender.drain(messages)
    tracer.terminate()
    tracer.wait()
    lines = report.read_text(errors="replace").splitlines()
    return round(sum("sync" in line and "resumed" not in line for line in lines) / messages, 2)


def _steps(product: Product, server: Server, corpus: list[bytes]) -> dict[str, float]:
    server.fill("steps", corpus)
    product.prepare(server, "steps", Path())
    found: dict[str, float] = product.ask("stages", product.user, str(len(corpus)))
    return found


def _told(
    contenders: list[Contender], corpus: list[bytes], synced: dict[str, float | None], steps: dict[str, float]
) -> dict[str, Any]:
    size = sum(map(len, corpus))
    rates = {_label(each): _rate(each) for each in contenders}
    storing = max(rates[_label(each)] for each in contenders if isinstance(each, Tool))
    products = [each for each in contenders if isinstance(each, Product)]
    return {
        "machine": machine.describe(),
        "messages": len(corpus),
        "megabytes": round(size / 1e6, 1),
        "median_bytes": round(statistics.median(map(len, corpus))),
        "contenders": {
            _label(each): {
                "messages_per_second": round(rates[_label(each)], 1),
                "megabytes_per_second": round(rates[_label(each)] * size / len(corpus) / 1e6, 1),
                "start_seconds": round(statistics.median(clock.start for clock in each.clocks), 2),
                "cpu_milliseconds": _cpu(each),
                "waits_for_the_disk": synced[_label(each)],
                "every_byte_kept": each.kept,
            }
            for each in contenders
        },
        "to_fastest_storing_only": {_label(each): round(rates[_label(each)] / storing, 2) for each in products},
        "to_straight_line": {
            _label(each): {
                line.name: round(rates[_label(each)] / rates[_label(line)], 2)
                for line in contenders
                if isinstance(line, StraightLine) and line.workers == each.workers and line.reader != "fetch"
            }
            for each in products
        },
        "steps_milliseconds": steps,
    }


def _rate(contender: Contender) -> float:
    """Messages per second once the first is kept: the median of the mailboxes."""
    return statistics.median(
        drained / clock.steady for clock, drained in zip(contender.clocks, contender.drained, strict=True)
    )


def _cpu(contender: Contender) -> float:
    """Milliseconds of processor a message, those of starting left out."""
    spent = sum(contender.cpu) - len(contender.cpu) * contender.start_cpu
    return round(spent / sum(contender.drained) * 1000, 2)


def _label(contender: Contender) -> str:
    return f"{contender.name} × {contender.workers}"


def _table(measured: dict[str, Any]) -> str:
    told = measured["machine"]
    heads = ("", "messages/s", "Mo/s", "démarrage s", "CPU ms", "attentes du disque", "octets")
    rows = [
        (
            name,
            str(one["messages_per_second"]),
            str(one["megabytes_per_second"]),
            str(one["start_seconds"]),
            str(one["cpu_milliseconds"]),
            "—" if one["waits_for_the_disk"] is None else str(one["waits_for_the_disk"]),
            {True: "tous", False: "modifiés", None: "—"}[one["every_byte_kept"]],
        )
        for name, one in measured["contenders"].items()
    ]
    return "\n".join(
        [
            f"{told['processor']}, {told['cores']} cœurs (charge {told['load']}), Python {told['python']}",
            f"{measured['messages']} messages, {measured['megabytes']} Mo, {measured['residents']} résidents.",
            "",
            *aligned([heads, *rows]),
            "",
            *(
                f"{name} : {ratio} × l'outil qui stocke le plus vite"
                for name, ratio in measured["to_fastest_storing_only"].items()
            ),
            *(
                f"{name} : {ratio} × {line}"
                for name, lines in measured["to_straight_line"].items()
                for line, ratio in lines.items()
            ),
            "",
            "Étapes de Liaison, un processus, ms par message :",
            *(f"  {name:20} {value:8.2f}" for name, value in measured["steps_milliseconds"].items()),
        ]
    )
