"""``python -m liaison.demo.hospital CONFIG``: the hospitals of the demo, until SIGTERM or SIGINT."""

import sys
import threading

from liaison.demo.actors import paris_now, play
from liaison.demo.config import DemoConfig
from liaison.demo.hospital.rounds import Rounds
from liaison.demo.world import World


def send_rounds(config: DemoConfig, world: World, stopping: threading.Event) -> None:
    Rounds(config, world, paris_now).run(stopping)


if __name__ == "__main__":
    sys.exit(play("hospital", "Les hôpitaux de la démonstration.", send_rounds))
