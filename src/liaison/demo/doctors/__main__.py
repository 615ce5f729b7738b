"""``python -m liaison.demo.doctors CONFIG``: every doctor of the world at his mailbox, until SIGTERM or SIGINT."""

import sys
import threading

from liaison.demo.actors import paris_now, play
from liaison.demo.config import DemoConfig
from liaison.demo.doctors.practice import Practice, desk_of
from liaison.demo.post import person_account
from liaison.demo.world import World


def practices(config: DemoConfig, world: World) -> list[Practice]:
    """One practice for each doctor; they answer the homes of the group and nobody else."""
    homes = frozenset(mailbox.address for mailbox in world.mailboxes)
    return [
        Practice(
            doctor,
            person_account(config, world, doctor.address),
            desk_of(config.home / "doctors", doctor),
            homes=homes,
            answer_after=config.answer_after,
            clock=paris_now,
        )
        for doctor in world.doctors
    ]


def run(config: DemoConfig, world: World, stopping: threading.Event) -> None:
    threads = [threading.Thread(target=each.run, args=[stopping]) for each in practices(config, world)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    sys.exit(play("doctors", "Les médecins de ville de la démonstration.", run))
