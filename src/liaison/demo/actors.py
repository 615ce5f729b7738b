"""What the actors' processes have in common: read the configuration, say they are ready, stop on a signal."""

import argparse
import logging
import sys
import threading
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from liaison.demo.config import DemoConfig
from liaison.demo.world import World, build_world
from liaison.runtime.signals import run_until_signal

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
    try:
        config = DemoConfig.load(path)
    except ValueError as error:
        sys.stderr.write(f"Impossible de démarrer : {error}\n")
        return 2
    world = build_world(config.seed)
    sys.stdout.write(f"{name} ready\n")
    sys.stdout.flush()
    run_until_signal(partial(run, config, world))
    return 0
