"""What the home's software tells over a demo: those in hospital, those back without a letter, a new room, a merge."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta

from liaison.demo.software.messages import Movement
from liaison.demo.world import World
from liaison.demo.world.dice import Dice
from liaison.demo.world.residents import REMARKABLE
from liaison.demo.world.values import Resident

AWAY, BACK_WITHOUT_LETTER = 3, 2
NEWCOMER, TYPED_TWICE = "nouvelle-admission", "saisie-en-double"


def opening_movements(world: World, now: datetime) -> tuple[Movement, ...]:
    """On the first day: three residents away, two back and no letter came, a newcomer, a new room, one typed twice."""
    chosen = iter(_without_letter(world))
    away = [next(chosen) for _ in range(AWAY)]
    back = [next(chosen) for _ in range(BACK_WITHOUT_LETTER)]
    moved, twice = next(chosen), next(chosen)
    day = now.replace(minute=0, second=0, microsecond=0)
    return (
        *(_movement("A21", each, day - timedelta(days=2 + n, hours=3)) for n, each in enumerate(away)),
        *(_movement("A21", each, day - timedelta(days=9 + n)) for n, each in enumerate(back)),
        *(_movement("A22", each, day - timedelta(days=1 + n)) for n, each in enumerate(back)),
        _movement("A01", newcomer(world), day - timedelta(hours=4)),
        replace(_movement("A08", moved, day - timedelta(hours=2)), room="205"),
        Movement("A28", replace(twice, ins="", ins_status="PROV"), day - timedelta(hours=2), TYPED_TWICE),
        replace(_movement("A40", twice, day - timedelta(hours=1)), former_id=TYPED_TWICE),
    )


def later_movements(world: World, count: int, now: datetime) -> tuple[Movement, ...]:
    """One resident leaves; the one who left the time before comes back."""
    leaving, back = _in_turn(world, count), returning(world, count)
    left = _movement("A21", leaving, now)
    return (left,) if count < 2 else (left, _movement("A22", back, now))  # noqa: PLR2004 (nobody left before the first)


def returning(world: World, count: int) -> Resident:
    """Who comes back at the round ``count``."""
    return _in_turn(world, count - 1)


def newcomer(world: World) -> Resident:
    """Somebody no home of the world held."""
    model = next(each for each in world.residents_of(world.home) if each.ins_status == "VALI")
    return replace(
        model,
        key=NEWCOMER,
        ins="",
        birth_family="Vauthier",
        birth_given="Colette",
        given_names="Colette Marie",
        used_family="",
        used_given="",
        birth_date=date(1939, 10, 3),
        sex="F",
        room="118",
    )


def local_id(resident: Resident) -> str:
    """The home's own number of a resident."""
    return resident.key


def _movement(event: str, resident: Resident, at: datetime) -> Movement:
    return Movement(event, resident, at, local_id(resident))


def _without_letter(world: World) -> Iterator[Resident]:
    """Qualified residents of whom the hospitals' opening says nothing: the end of their list."""
    at_home = world.residents_of(world.home)[len(REMARKABLE) :]
    qualified = [resident for resident in at_home if resident.ins_status == "QUAL"]
    yield from reversed(Dice(world.seed, "opening").sample(qualified, len(qualified)))


def _in_turn(world: World, count: int) -> Resident:
    qualified = list(_without_letter(world))[AWAY + BACK_WITHOUT_LETTER + 2 :]
    return qualified[count % (len(qualified) // 2)]
