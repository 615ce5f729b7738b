"""Whether a message costs the same beside a thousand others or a hundred thousand, and among a million residents.

The base is filled with what the product itself wrote of a first lot of mails, copied row by row under other numbers in
every table that the intake touches; residents are made by the million in homes of a hundred, a hundred homes a group.
Then the next mails are drained by ``liaison drain``, and what they cost is set against what was there.
"""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from benchmarks import machine
from benchmarks.intake_contenders import Product, ground
from benchmarks.intake_cost import idle, say, take
from benchmarks.intake_dovecot import Server, running
from benchmarks.intake_mails import mails
from benchmarks.table import aligned

PICTURE = Path("docs/benchmarks/intake-scale.svg")
SEED_MESSAGES = 100
Point = dict[str, float]


def measure(next_messages: int, messages: Sequence[int], residents: Sequence[int]) -> dict[str, Any]:
    """Milliseconds a message of the next ones, at each number of messages, then at each number of residents."""
    lots = max(len(messages), len(residents))
    made = list(mails(SEED_MESSAGES + lots * next_messages))
    seed, rest = made[:SEED_MESSAGES], made[SEED_MESSAGES:]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="liaison-bench-")))
        server = stack.enter_context(running(folder))
        for number in range(lots):
            server.fill(f"empty{number}", [])
            server.fill(f"lot{number}", rest[number * next_messages : (number + 1) * next_messages])
        server.fill("seed", seed)
        by = {"messages": (messages, "fill_messages"), "residents": (residents, "fill_residents")}
        curves = {
            name: list(_curve(folder / name, server, steps, next_messages, filling))
            for name, (steps, filling) in by.items()
        }
    return {"machine": machine.describe(), "next": next_messages, **curves}


def _curve(folder: Path, server: Server, steps: Sequence[int], next_messages: int, filling: str) -> Iterator[Point]:
    with ground(folder) as own:
        product = Product(1, own, residents=SEED_MESSAGES)
        _drain(product, server, "seed", SEED_MESSAGES)
        for lot, number in enumerate(sorted(steps)):
            say(f"{filling} : {number}…")
            product.ask(filling, str(number))
            product.prepare(server, f"empty{lot}", folder)
            start = idle(product)
            _drain(product, server, f"lot{lot}", next_messages)
            yield {
                "held": number,
                "wall": round(product.clocks[-1].steady / next_messages * 1000, 2),
                "cpu": round((product.cpu[-1] - start) / next_messages * 1000, 2),
            }


def _drain(product: Product, server: Server, user: str, messages: int) -> None:
    product.prepare(server, user, Path())
    take(product, messages)


def table(measured: dict[str, Any]) -> str:
    """The same figures for a person."""
    told = measured["machine"]
    heads = {"messages": "messages déjà là", "residents": "résidents déjà là"}
    lines = [f"{told['processor']}, {told['cores']} cœurs (charge {told['load']}), Python {told['python']}"]
    for name, head in heads.items():
        rows = [
            (f"{point['held']:,}".replace(",", " "), str(point["wall"]), str(point["cpu"])) for point in measured[name]
        ]
        lines += ["", *aligned([(head, "ms", "CPU ms"), *rows])]
    draw(measured, PICTURE)
    return "\n".join([*lines, "", f"Tracé : {PICTURE}"])


def draw(measured: dict[str, Any], picture: Path) -> None:
    """Two plots: the cost of a message against the messages held, and against the residents."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 4), layout="constrained")
    said = {"messages": "Messages déjà dans la base", "residents": "Résidents déjà dans la base"}
    for axes, (name, label) in zip(figure.subplots(1, 2), said.items(), strict=True):
        held = [point["held"] for point in measured[name]]
        for column, legend in (("wall", "temps écoulé"), ("cpu", "temps de processeur")):
            axes.plot(held, [point[column] for point in measured[name]], marker="o", label=legend)
        axes.set(xscale="log", xlabel=label, ylabel="Millisecondes par message", ylim=(0, None))
        axes.legend()
    picture.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(picture, metadata={"Date": None})
