"""``python -m liaison.demo.software CONFIG``: the home's software of the demo, until SIGTERM or SIGINT."""

import json
import logging
import sys
import threading
from pathlib import Path

from liaison.demo.actors import paris_now, play
from liaison.demo.config import DemoConfig
from liaison.demo.software.diary import later_movements, opening_movements
from liaison.demo.software.messages import Movement, control_id, write_adt
from liaison.demo.software.talk import say
from liaison.demo.world import World

log = logging.getLogger(__name__)

RETRY_SECONDS = 2.0


def tell_movements(config: DemoConfig, world: World, stopping: threading.Event) -> None:
    """The first day once, then a leaving and a return now and then."""
    file = config.home / "software.json"
    told = int(json.loads(file.read_text(encoding="utf-8"))["told"]) if file.exists() else 0
    if told == 0:
        _tell_all(config, world, opening_movements(world, paris_now()), stopping)
        told = _note(file, 1, stopping)
    while config.letter_every and not stopping.wait(config.letter_every):
        _tell_all(config, world, later_movements(world, told, paris_now()), stopping)
        told = _note(file, told + 1, stopping)


def _tell_all(config: DemoConfig, world: World, movements: tuple[Movement, ...], stopping: threading.Event) -> None:
    for movement in movements:
        message = write_adt(world.home, movement)
        while not stopping.is_set() and _tell(config, message, control_id(movement)) not in {"AA", "AE"}:
            stopping.wait(RETRY_SECONDS)


def _tell(config: DemoConfig, message: bytes, number: str) -> str:
    """The acknowledgment, or nothing when the connector is not there; a message not taken is told again."""
    try:
        code = say(config.host, config.mllp_port, message)
    except OSError as error:
        log.warning("%s not told: %s", number, type(error).__name__)
        return ""
    log.info("%s: %s", number, code)
    return code


def _note(file: Path, told: int, stopping: threading.Event) -> int:
    """On the disk when it returns; a round cut short is told again, which does nothing twice."""
    if not stopping.is_set():
        partial = file.with_name(f"{file.name}.partial")
        partial.write_text(json.dumps({"told": told}), encoding="utf-8")
        partial.replace(file)
    return told


if __name__ == "__main__":
    sys.exit(play("software", "Le logiciel de l'établissement de la démonstration.", tell_movements))
