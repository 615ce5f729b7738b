"""``python -m liaison.demo.neighbour CONFIG``: the secretary of the second home at work, until SIGTERM or SIGINT.

She is a user of the product like another: what she does goes through the same act as the button of the screen.
"""

import sys
import threading

from liaison.demo.actors import play
from liaison.demo.config import DemoConfig
from liaison.demo.world import World

EVERY_SECONDS = 5.0


def sort_the_mail(config: DemoConfig, world: World, stopping: threading.Event) -> None:
    """Look at the mailbox now and then."""
    del config
    import django

    django.setup()
    from django.db import close_old_connections

    from liaison.demo.neighbour.desk import hand_over_what_is_of, secretary_of

    while not stopping.wait(EVERY_SECONDS):
        close_old_connections()
        hand_over_what_is_of(world.home.finess, secretary_of(world.sites[1].finess))


if __name__ == "__main__":
    sys.exit(play("neighbour", "La secrétaire d'un autre établissement du groupe.", sort_the_mail))
