"""What the home's software tells over a demo: who comes, goes and returns, who is put right, what is taken back."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta

from liaison.demo.software.messages import Movement
from liaison.demo.world import World
from liaison.demo.world.dice import Dice
from liaison.demo.world.residents import REMARKABLE
from liaison.demo.world.values import Resident

AWAY, BACK_WITHOUT_LETTER = 3, 2
TOLD_OTHERWISE = slice(43, 57, 2)
"""Beyond those who leave in turn; the hospitals' opening writes of the others there."""
NEWCOMER, TYPED_TWICE = "nouvelle-admission", "saisie-en-double"
GUEST, EXPECTED_IN_VAIN = "accueil-temporaire", "admission-annulee"


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
        *_other_ways(world, day),
        *_taken_back(world, day),
    )


def _other_ways(world: World, day: datetime) -> tuple[Movement, ...]:
    """The same things as other software says them: a stay by A04, a hospital by A02, an identity by A31 or Z99."""
    gone, renamed, put_right, *_ = _told_otherwise(world)
    return (
        _movement("A04", guest(world), day - timedelta(hours=6)),
        replace(_movement("A02", gone, day - timedelta(hours=5)), room="HOPITAL"),
        _movement("A31", replace(renamed, used_given=renamed.given_names.split()[-1]), day - timedelta(hours=4)),
        _movement("Z99", replace(put_right, used_given=put_right.given_names.split()[-1]), day - timedelta(hours=4)),
    )


def _taken_back(world: World, day: datetime) -> tuple[Movement, ...]:
    """What was told by mistake and is cancelled: an arrival, a leaving, a change of place, an absence, a return."""
    *_, departed, moved, never_left, still_away = _told_otherwise(world)
    in_vain = replace(
        guest(world), key=EXPECTED_IN_VAIN, birth_family="Marchal", birth_given="Louise", given_names="Louise"
    )
    early, late = day - timedelta(hours=7), day - timedelta(hours=3)
    return (
        _movement("A01", in_vain, early),
        _movement("A11", in_vain, late),
        _movement("A03", departed, early),
        _movement("A13", departed, late),
        replace(_movement("A02", moved, early), room="HOPITAL"),
        _movement("A12", moved, late),
        _movement("A21", never_left, early),
        _movement("A52", never_left, late),
        _movement("A21", still_away, early - timedelta(days=2)),
        _movement("A22", still_away, early),
        _movement("A53", still_away, late),
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


def guest(world: World) -> Resident:
    """Somebody who comes for some weeks."""
    return replace(
        newcomer(world),
        key=GUEST,
        birth_family="Hocquet",
        birth_given="Raymond",
        given_names="Raymond Paul",
        birth_date=date(1936, 2, 17),
        sex="M",
        room="121",
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


def _told_otherwise(world: World) -> list[Resident]:
    """Seven residents of whom nothing else is told."""
    return list(_without_letter(world))[TOLD_OTHERWISE]


def _in_turn(world: World, count: int) -> Resident:
    qualified = list(_without_letter(world))[AWAY + BACK_WITHOUT_LETTER + 2 :]
    return qualified[count % (len(qualified) // 2)]
