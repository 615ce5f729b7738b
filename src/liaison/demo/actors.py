"""What the actors' processes have in common: read the configuration, say they are ready, stop on a signal."""

import argparse
import logging
import signal
import sys
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from liaison.demo.config import DemoConfig
from liaison.demo.world import World, build_world

PARIS = ZoneInfo("Europe/Paris")

Play = Callable[[DemoConfig, World, threading.Event], None]


def paris_now() -> datetime:
    """The time in France, with its zone."""
    return datetime.now(PARIS)


def play(name: str, description: str, run: Play) -> int:
    """Run one actor until SIGTERM or SIGINT. Prints ``NAME ready``; exit code 2 when it cannot start."""
    parser = argparse.ArgumentParser(prog=f"python -m liaison.demo.{name}", description=description)
    parser.add_argument("config", type=Path, help="fichier de configuration (JSON)")
    path = parser.parse_args().config
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: _stop(stopping))
    try:
        config = DemoConfig.load(path)
    except ValueError as error:
        sys.stderr.write(f"Impossible de démarrer : {error}\n")
        return 2
    world = build_world(config.seed)
    sys.stdout.write(f"{name} ready\n")
    sys.stdout.flush()
    run(config, world, stopping)
    return 0


def _stop(stopping: threading.Event) -> None:
    """From a thread of its own: the signal may have come while the main one holds the lock of the event."""
    threading.Thread(target=stopping.set, daemon=True).start()
