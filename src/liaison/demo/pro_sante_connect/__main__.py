"""``python -m liaison.demo.pro_sante_connect CONFIG``: the stand-in for Pro Santé Connect, until SIGTERM or SIGINT."""

import sys
import threading

from liaison.demo.actors import play
from liaison.demo.config import DemoConfig
from liaison.demo.pro_sante_connect.provider import StandIn, people_of, serving
from liaison.demo.world import World


def identify(config: DemoConfig, world: World, stopping: threading.Event) -> None:
    with serving(StandIn(people_of(world)), config.identity_port):
        stopping.wait()


if __name__ == "__main__":
    sys.exit(play("pro_sante_connect", "Le Pro Santé Connect de la démonstration.", identify))
