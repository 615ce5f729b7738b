"""The leaflet's world as values: a group of homes in Champagne, their residents, doctors, hospitals and mailboxes.

Pure and deterministic: no database, no clock, no file. The same seed gives the same world.
"""

from liaison.demo.world import people, places
from liaison.demo.world.residents import residents, with_unique_matricules
from liaison.demo.world.values import World

DEFAULT_SEED = 2026

__all__ = ["DEFAULT_SEED", "World", "build_world"]


def build_world(seed: int = DEFAULT_SEED) -> World:
    """The world of a seed."""
    doctors = tuple(people.doctors(seed))
    everyone = [person for site in places.SITES for person in residents(site, doctors, seed)]
    return World(
        seed=seed,
        group="Groupe des résidences de Champagne",
        sites=places.SITES,
        residents=tuple(with_unique_matricules(everyone)),
        doctors=doctors,
        hospitals=places.HOSPITALS,
        staff=people.STAFF,
        mailboxes=tuple(people.mailboxes()),
        operators=people.OPERATORS,
    )
