"""A mailbox of tens of thousands of small messages drained by one process, killed on the way, ended by another.

The memory of the process is sampled while it works: it must not grow with the mailbox. After the kill, the second
process takes up where the first was: nothing is lost, nothing is there twice.
"""

import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import machine
from benchmarks.intake_contenders import Product, Progress, ground
from benchmarks.intake_cost import say
from benchmarks.intake_dovecot import running
from benchmarks.table import aligned

SAMPLE_SECONDS = 0.2
QUARTERS = ("quarter", "half", "three_quarters", "end")
MOST_GROWTH = 1.25
_SMALL = (
    "From: a{0}@exemple.fr\r\nTo: bal@banc.example\r\nSubject: Message {0}\r\n"
    "Message-ID: <{0}@banc>\r\n\r\nBonjour.\r\n"
)


def measure(messages: int) -> dict[str, Any]:
    """What is kept and read after a kill and a second drain, and the memory of both processes at four moments."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="liaison-bench-")))
        server = stack.enter_context(running(folder))
        say(f"Boîte de {messages} messages…")
        server.fill("big", (_SMALL.format(number).encode() for number in range(messages)))
        product = Product(1, stack.enter_context(ground(folder / "home")), residents=1)
        product.prepare(server, "big", folder)
        say("Première vidange, tuée en chemin…")
        killed = _drain(product, stop_at=messages // 2)
        when_killed = product.ask("count")
        say("Seconde vidange…")
        ended = _drain(product, stop_at=None)
        return {
            "machine": machine.describe(),
            "messages": messages,
            "when_killed": when_killed,
            "in_the_end": product.ask("count"),
            "megabytes": {"killed": _course(killed.kilobytes), "ended": _course(ended.kilobytes)},
            "seconds": {"killed": round(killed.seconds, 1), "ended": round(ended.seconds, 1)},
        }


@dataclass(slots=True)
class Run:
    """One process at work: its memory from the first message it keeps, sample after sample, and for how long."""

    kilobytes: list[int] = field(default_factory=list)
    seconds: float = 0.0


def _drain(product: Product, stop_at: int | None) -> Run:
    """``liaison drain`` to its end, or killed once so many are kept. What it takes to start is left out."""
    run, began = Run(), 0.0
    with Progress.opened(product.ground.url, 0) as progress, product.started("drain") as process:
        while process.poll() is None:
            time.sleep(SAMPLE_SECONDS)
            if began or progress.has_begun():
                began = began or time.monotonic()
                run.kilobytes += _resident_kilobytes(process.pid)
            if stop_at and progress.kept() >= stop_at:
                process.kill()
        run.seconds = time.monotonic() - began if began else 0.0
    return run


def _resident_kilobytes(pid: int) -> list[int]:
    """One number, or none when the process is ending."""
    status = Path(f"/proc/{pid}/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return [int(line.split()[1]) for line in lines if line.startswith("VmRSS:")]


def _course(samples: list[int]) -> dict[str, float]:
    """Megabytes after each quarter of the time."""
    places = {name: len(samples) * quarter // 4 - 1 for quarter, name in enumerate(QUARTERS, start=1)}
    return {name: round(samples[max(place, 0)] / 1024, 1) if samples else 0.0 for name, place in places.items()}


def is_sound(measured: dict[str, Any]) -> bool:
    """Whether every message is there once and read, and the memory at the end is that of the first quarter."""
    counted = measured["in_the_end"]
    whole = counted["received"] == counted["read"] == counted["distinct"] == measured["messages"]
    courses = measured["megabytes"].values()
    return whole and all(course["end"] <= MOST_GROWTH * course["quarter"] for course in courses)


def table(measured: dict[str, Any]) -> str:
    """The same figures for a person."""
    told, killed, counted = measured["machine"], measured["when_killed"], measured["in_the_end"]
    spent = sum(measured["seconds"].values())
    rows = [(name, *map(str, course.values())) for name, course in measured["megabytes"].items()]
    return "\n".join(
        [
            f"{told['processor']}, {told['cores']} cœurs (charge {told['load']}), Python {told['python']}",
            f"{measured['messages']} messages ; tué quand {killed['received']} étaient gardés, {killed['read']} lus.",
            f"À la fin : {counted['received']} gardés, {counted['distinct']} différents, {counted['read']} lus.",
            f"{spent:.0f} s, soit {measured['messages'] / spent:.1f} messages par seconde.",
            "",
            *aligned([("Mo de mémoire", "quart", "moitié", "trois quarts", "fin"), *rows]),
            "" if is_sound(measured) else "La mémoire grandit, ou il manque des messages.",
        ]
    )
