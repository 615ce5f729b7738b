"""A resident's stay in hospital, and what becomes there of each of his treatments."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from liaison.demo.stories import STORIES, Story
from liaison.demo.world import World
from liaison.demo.world.dice import Dice
from liaison.demo.world.drugs import Posology, entry_of
from liaison.demo.world.values import Drug, Hospital, HospitalDoctor, Resident, Treatment

AT_MOST = 2
SUITED_STORIES = 3
ENOUGH_TO_FORGET_ONE = 3
NO_REASON_TO_GO_ON = "indication non retrouvée pendant le séjour"
ADAPTED = "adaptation pendant le séjour"


@dataclass(frozen=True, slots=True)
class Stay:
    """One stay of one resident: what happened, where, who signs. ``number`` tells two stays of a resident apart."""

    story: Story
    hospital: Hospital
    doctor: HospitalDoctor
    start: datetime
    end: datetime
    number: int


@dataclass(frozen=True, slots=True)
class Stopped:
    treatment: Treatment
    reason: str


@dataclass(frozen=True, slots=True)
class Changed:
    treatment: Treatment
    posology: Posology
    reason: str


@dataclass(frozen=True, slots=True)
class Rebranded:
    """The same substance under another brand, its posology unchanged."""

    treatment: Treatment
    drug: Drug


@dataclass(frozen=True, slots=True)
class Plan:
    """What becomes of the current treatments; those in no field go on. The letter says nothing of ``forgotten``."""

    continued: tuple[Treatment, ...]
    stopped: tuple[Stopped, ...]
    changed: tuple[Changed, ...]
    rebranded: tuple[Rebranded, ...]
    forgotten: tuple[Treatment, ...]


def stay_of(world: World, resident: Resident, *, number: int, now: datetime) -> Stay:
    """The stay that ends a little before ``now``, which must be aware of its zone."""
    dice = Dice(world.seed, resident.key, number, "stay")
    suited = sorted(STORIES, key=lambda story: _fitness(story, resident), reverse=True)[:SUITED_STORIES]
    story = suited[number % SUITED_STORIES]
    hospital = world.hospital(story.hospital)
    end = now.replace(microsecond=0) - timedelta(minutes=dice.between(35, 150))
    start = end - timedelta(days=dice.between(4, 16), hours=dice.between(1, 9))
    return Stay(story, hospital, dice.pick(hospital.doctors), start, end, number)


def group_of(treatment: Treatment) -> str:
    """The therapeutic class, as the formulary has it."""
    entry = entry_of(treatment.drug)
    return entry.group if entry else ""


def _fitness(story: Story, resident: Resident) -> tuple[bool, int]:
    """How well a resident can play a story: treatments to stop and to change, and no allergy found that was known."""
    groups = {group_of(line) for line in resident.treatments}
    stops, changes = groups & story.stops.keys(), groups & story.changes.keys()
    known = bool(story.new_allergy and resident.allergies)
    return bool(stops) and bool(changes) and not known, len(stops) + len(changes)


def plan_of(world: World, resident: Resident, stay: Stay) -> Plan:
    """The same for a world, a resident and the number of the stay."""
    dice = Dice(world.seed, resident.key, stay.number, "treatments")
    left = list(resident.treatments)
    stopped = [*_stopped_by(stay.story, left)][:AT_MOST] or [*_stopped_anyway(left, dice)]
    left = _without(left, (each.treatment for each in stopped))
    changed = [*_changed_by(stay.story, left)][:AT_MOST] or [*_changed_anyway(left)][:1]
    left = _without(left, (each.treatment for each in changed))
    forgotten = dice.sample(left, 1) if len(left) >= ENOUGH_TO_FORGET_ONE else []
    left = _without(left, forgotten)
    rebranded = [*_rebranded(left)][:1]
    left = _without(left, (each.treatment for each in rebranded))
    return Plan(tuple(left), tuple(stopped), tuple(changed), tuple(rebranded), tuple(forgotten))


def _without(lines: Iterable[Treatment], gone: Iterable[Treatment]) -> list[Treatment]:
    taken = set(gone)
    return [line for line in lines if line not in taken]


def _stopped_by(story: Story, lines: Iterable[Treatment]) -> Iterator[Stopped]:
    for line in lines:
        reason = story.stops.get(group_of(line))
        if reason:
            yield Stopped(line, reason)


def _stopped_anyway(lines: Sequence[Treatment], dice: Dice) -> Iterator[Stopped]:
    for line in dice.sample(lines, 1):
        yield Stopped(line, NO_REASON_TO_GO_ON)


def _changed_by(story: Story, lines: Iterable[Treatment]) -> Iterator[Changed]:
    for line in lines:
        change = story.changes.get(group_of(line))
        if change and change.posology != (line.dose, line.frequency):
            yield Changed(line, change.posology, change.reason)


def _changed_anyway(lines: Iterable[Treatment]) -> Iterator[Changed]:
    for line in lines:
        entry = entry_of(line.drug)
        others = [other for other in entry.posologies if other != (line.dose, line.frequency)] if entry else []
        if others:
            yield Changed(line, others[0], ADAPTED)


def _rebranded(lines: Iterable[Treatment]) -> Iterator[Rebranded]:
    for line in lines:
        entry = entry_of(line.drug)
        if entry and entry.other_brand:
            yield Rebranded(line, entry.other_brand if line.drug == entry.drug else entry.drug)
