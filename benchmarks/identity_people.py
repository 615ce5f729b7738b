"""People as they are named and born in France, by the million, and the slips of those who write them down.

Names follow the shape of the real frequencies (the commonest family name about one person in two hundred, the commonest
given name of a generation one woman in ten): the commonest are real, the others invented from syllables. Twins, married
names, identities corrected since, partial dates. The same seed gives the same people.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import accumulate

from liaison.core.identity.ins import ins_key
from liaison.core.people import INS_NIR, Patient
from liaison.demo.world.names import FAMILIES, FEMALE_GIVEN, MALE_GIVEN

COMMON_FAMILIES = (
    "MARTIN BERNARD THOMAS PETIT ROBERT RICHARD DURAND DUBOIS MOREAU LAURENT SIMON MICHEL LEFEBVRE LEROY ROUX DAVID "
    "BERTRAND MOREL FOURNIER GIRARD BONNET DUPONT LAMBERT FONTAINE ROUSSEAU VINCENT MULLER FAURE MERCIER BLANC GUÉRIN "
    "BOYER GARNIER CHEVALIER GAUTHIER GARCIA PERRIN ROBIN CLÉMENT MORIN NICOLAS HENRY ROUSSEL MATHIEU GAUTIER MASSON"
)
COMMON_GIVEN = {
    "F": "Marie Jeanne Simone Jacqueline Monique Denise Suzanne Yvette Madeleine Germaine Paulette Odette",
    "M": "Jean Pierre André Michel Jacques René Roger Robert Marcel Maurice Louis Georges",
}
ONSETS = "B BR C CH CL D DR F FL G GR J L M N P PL PR QU R S T TR V"
CORES = "A AI AN AU E EAU EN EU É È I IN O OI ON OU U"
CODAS = ["", "", "", "D", "L", "N", "R", "RD", "RT", "S", "T", "X", "LLE", "TTE", "NNE"]
FAMILY_COUNT = 60_000
PLACE_COUNT = 4_000
FIRST_YEAR, LAST_YEAR = 1922, 1956
WOMEN, MARRIED_NAMES, DOUBLE_NAMES, QUALIFIED, CORRECTED, PARTIAL_DATES = 0.72, 0.75, 0.02, 0.85, 0.01, 0.003
TWIN_EVERY = 250


@dataclass(frozen=True, slots=True)
class Person:
    """A resident as the home holds him; ``former_family`` is the family name before a correction, or empty."""

    number: int
    identity: Patient
    qualified: bool
    former_family: str = ""


class _Weighted:
    """Draws by Zipf's law, flattened by ``offset``."""

    def __init__(self, values: list[str], offset: float, power: float) -> None:
        self.values = values
        self.weights = list(accumulate(1 / (rank + offset) ** power for rank in range(len(values))))

    def draw(self, dice: random.Random) -> str:
        return dice.choices(self.values, cum_weights=self.weights)[0]


class People:
    """Residents by their number: each is made from it alone, so that two processes make halves of one world."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        dice = random.Random(seed)  # noqa: S311 (a corpus, no secret)
        known = [*COMMON_FAMILIES.split(), *(name.upper() for name in FAMILIES)]
        self.families = _Weighted(_invented(known, dice), 12, 0.86)
        self.given = {
            "F": _Weighted([*COMMON_GIVEN["F"].split(), *FEMALE_GIVEN], 3, 0.95),
            "M": _Weighted([*COMMON_GIVEN["M"].split(), *MALE_GIVEN], 3, 0.95),
        }
        places = [f"{dice.randint(1, 95):02d}{dice.randint(1, 600):03d}" for _ in range(PLACE_COUNT)]
        self.places = _Weighted(places, 8, 0.8)

    def person(self, number: int) -> Person:
        """Every 250th is the twin of the one before."""
        dice = random.Random(f"{self.seed}/{number}")  # noqa: S311 (as above)
        made = self._made(dice)
        if number % TWIN_EVERY == 1:
            elder = self.person(number - 1).identity
            born = {"birth_date": elder.birth_date, "birth_place": elder.birth_place}
            made = replace(made, birth_family=elder.birth_family, **born)
        qualified = dice.random() < QUALIFIED
        former = self.families.draw(dice) if dice.random() < CORRECTED else ""
        if dice.random() < PARTIAL_DATES:
            made = replace(made, birth_date=made.birth_date[:4])
        return Person(number, _with_ins(made, number) if qualified else made, qualified, former)

    def _made(self, dice: random.Random) -> Patient:
        sex = "F" if dice.random() < WOMEN else "M"
        given = [self.given[sex].draw(dice) for _ in range(dice.randint(1, 3))]
        born = f"{dice.randint(FIRST_YEAR, LAST_YEAR)}-{dice.randint(1, 12):02d}-{dice.randint(1, 28):02d}"
        family = self.families.draw(dice)
        if dice.random() < DOUBLE_NAMES:
            family = f"{family}-{self.families.draw(dice)}"
        return Patient(
            birth_family=family,
            birth_given=given[0],
            given_names=" ".join(dict.fromkeys(given)),
            used_family=self.families.draw(dice) if sex == "F" and dice.random() < MARRIED_NAMES else "",
            birth_date=born,
            sex=sex,
            birth_place=self.places.draw(dice),
        )


def _with_ins(person: Patient, number: int) -> Patient:
    digit = "2" if person.sex == "F" else "1"
    month = person.birth_date[5:7] or "31"
    root = f"{digit}{person.birth_date[2:4]}{month}{person.birth_place}{number % 1000:03d}"
    return replace(person, ins=root + ins_key(root), ins_oid=INS_NIR)


def _invented(known: list[str], dice: random.Random) -> list[str]:
    names, onsets, cores = dict.fromkeys(known), ONSETS.split(), CORES.split()
    while len(names) < FAMILY_COUNT:
        syllables = "".join(dice.choice(onsets) + dice.choice(cores) for _ in range(dice.choice((1, 2, 2, 2, 3))))
        names[syllables + dice.choice(CODAS)] = None
    return list(names)


Slip = Callable[[Patient, random.Random], Patient]


def typo(name: str, dice: random.Random) -> str:
    """One letter dropped, doubled, changed, or swapped with the next."""
    place = dice.randrange(max(len(name) - 1, 1))
    letter = dice.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    ways = (
        name[:place] + name[place + 1 :],
        name[:place] + name[place] + name[place:],
        name[:place] + letter + name[place + 1 :],
        name[:place] + name[place + 1 : place + 2] + name[place] + name[place + 2 :],
    )
    changed = [way for way in ways if way and way != name]
    return dice.choice(changed) if changed else name


def _digit(date: str, dice: random.Random, places: tuple[int, ...]) -> str:
    place = dice.choice(places)
    return date[:place] + dice.choice([digit for digit in "123456789" if digit != date[place]]) + date[place + 1 :]


def _heard(name: str) -> str:
    """The same sound, written otherwise."""
    for written, other in (("PH", "F"), ("TH", "T"), ("EAU", "O"), ("AU", "O"), ("QU", "K"), ("LL", "L"), ("NN", "N")):
        if written in name.upper():
            return name.upper().replace(written, other, 1)
    return name.upper().replace("Y", "I").replace("S", "SS", 1) if "Y" in name.upper() else name.upper() + "E"


def _without_ins(person: Patient) -> Patient:
    return replace(person, ins="", ins_oid="", given_names="")


def _swap_day_and_month(date: str) -> str:
    return f"{date[:4]}-{date[8:10]}-{date[5:7]}" if int(date[8:10]) <= 12 else date  # noqa: PLR2004 (the months)


SLIPS: dict[str, Slip] = {
    "as the home writes it": lambda of, _: of,
    "typo in the family name": lambda of, dice: replace(of, birth_family=typo(of.birth_family, dice)),
    "typo in the given name": lambda of, dice: replace(of, birth_given=typo(of.birth_given.upper(), dice)),
    "typos in both names": lambda of, dice: replace(
        of, birth_family=typo(of.birth_family, dice), birth_given=typo(of.birth_given.upper(), dice)
    ),
    "written as heard": lambda of, _: replace(of, birth_family=_heard(of.birth_family)),
    "names the other way round": lambda of, _: replace(of, birth_family=of.birth_given, birth_given=of.birth_family),
    "name in use as birth name": lambda of, _: replace(of, birth_family=of.used_family, used_family=""),
    "second given name": lambda of, _: replace(of, birth_given=of.given_names.split(" ")[-1]),
    "day and month swapped": lambda of, _: replace(of, birth_date=_swap_day_and_month(of.birth_date)),
    "wrong day or month": lambda of, dice: replace(of, birth_date=_digit(of.birth_date, dice, (6, 9))),
    "wrong year": lambda of, dice: replace(of, birth_date=_digit(of.birth_date, dice, (2, 3))),
    "year alone": lambda of, _: replace(of, birth_date=of.birth_date[:4]),
    "no date": lambda of, _: replace(of, birth_date=""),
    "typo and wrong day": lambda of, dice: replace(
        of, birth_family=typo(of.birth_family, dice), birth_date=_digit(of.birth_date, dice, (9,))
    ),
}
WITH_INS = "with the INS"
FORMER = "name before a correction"
UNKNOWN, UNKNOWN_TWIN = "unknown person", "unknown twin of a resident"
KINDS = (WITH_INS, *SLIPS, FORMER, UNKNOWN, UNKNOWN_TWIN)
_NEEDS: dict[str, Callable[[Patient], bool]] = {
    "name in use as birth name": lambda of: bool(of.used_family),
    "second given name": lambda of: " " in of.given_names,
    "day and month swapped": lambda of: len(of.birth_date) > 4 and of.birth_date[5:7] != of.birth_date[8:10] <= "12",  # noqa: PLR2004 (a whole date)
}


@dataclass(frozen=True, slots=True)
class Query:
    """What somebody wrote, and who it is about: the number of the resident, or None for nobody of the home."""

    kind: str
    claim: Patient
    truth: int | None


def draw_queries(people: People, residents: int, count: int) -> Iterator[Query]:
    """``count`` queries, each kind in turn. Without accents or case for one in two, whatever the kind."""
    dice = random.Random(f"{people.seed}/queries/{residents}")  # noqa: S311 (as above)
    for number in range(count):
        kind = KINDS[number % len(KINDS)]
        yield _query(kind, people, residents, dice)


def _query(kind: str, people: People, residents: int, dice: random.Random) -> Query:
    if kind in {UNKNOWN, UNKNOWN_TWIN}:
        stranger = people.person(residents + 2 + dice.randrange(10 * residents) * 2 + 1).identity
        if kind == UNKNOWN_TWIN:
            elder = people.person(dice.randrange(residents)).identity
            stranger = replace(stranger, birth_family=elder.birth_family, birth_date=elder.birth_date)
        return Query(kind, _without_ins(stranger), None)
    person = _suitable(kind, people, residents, dice)
    if kind == WITH_INS:
        return Query(kind, person.identity, person.number)
    if kind == FORMER:
        return Query(kind, replace(_without_ins(person.identity), birth_family=person.former_family), person.number)
    slipped = SLIPS[kind](person.identity, dice)
    return Query(kind, _without_ins(slipped), person.number)


def _suitable(kind: str, people: People, residents: int, dice: random.Random) -> Person:
    """A resident on whom the slip shows."""
    while True:
        person = people.person(dice.randrange(residents))
        whole = len(person.identity.birth_date) > 4  # noqa: PLR2004 (a year alone)
        wanted = person.qualified if kind == WITH_INS else bool(person.former_family) if kind == FORMER else True
        if wanted and whole and _NEEDS.get(kind, bool)(person.identity):
            return person
