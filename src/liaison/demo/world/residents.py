"""The residents: identities that hold together, and treatments a geriatrician would recognise."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from liaison.core.people import INS_TEST
from liaison.demo.world.dice import Dice
from liaison.demo.world.drugs import ALLERGIES, COMMON_GROUPS, FORMULARY, MEN_ONLY, Entry
from liaison.demo.world.identifiers import matricule
from liaison.demo.world.names import FAMILIES, FEMALE_GIVEN, MALE_GIVEN
from liaison.demo.world.places import AJACCIO, BASTIA, BIRTH_PLACES, HOME, PORTUGAL, REIMS
from liaison.demo.world.values import Doctor, InsStatus, Resident, Site, Treatment

AT_HOME, ELSEWHERE = 103, 12
REFERENCE_DAY = date(2026, 9, 1)
YOUNGEST, OLDEST = 75, 102

_STATUSES: tuple[tuple[InsStatus, int], ...] = (("QUAL", 86), ("VALI", 6), ("RECUP", 4), ("PROV", 4))


@dataclass(frozen=True, slots=True)
class Traits:
    """The identity of one person, before any matricule is given."""

    family: str
    given: str
    given_names: str
    used_family: str
    used_given: str
    birth_date: date
    sex: Literal["F", "M"]
    place: str
    status: InsStatus


def _first(given_names: str) -> str:
    return given_names.partition(" ")[0]


def _woman(family: str, given_names: str, born: date, place: str, *, used: str = "", given: str = "") -> Traits:
    return Traits(family, given or _first(given_names), given_names, used, "", born, "F", place, "QUAL")


def _man(family: str, given_names: str, born: date, place: str, *, given: str = "") -> Traits:
    return Traits(family, given or _first(given_names), given_names, "", "", born, "M", place, "QUAL")


REMARKABLE = (
    # Twin sisters: one day, one place, one birth name.
    _woman("Chardonnet", "Marie-Louise Jeanne", date(1938, 4, 17), REIMS, used="Legendre"),
    _woman("Chardonnet", "Marie-Rose Jeanne", date(1938, 4, 17), REIMS),
    # Homonyms: one name, two persons.
    _man("Lefèvre", "André Louis", date(1936, 11, 2), REIMS),
    _man("Lefèvre", "André Louis", date(1941, 6, 23), "51230"),
    # Births that try the rules: Corsica, abroad, a composed given name with a blank, apostrophes and hyphens.
    _woman("Casanova", "Letizia Maria", date(1940, 9, 8), AJACCIO, used="D'Hautefeuille"),
    _man("Mattei", "Ange-Toussaint Pascal", date(1937, 11, 1), BASTIA),
    _woman("Ferreira-da-Silva", "Maria de Fátima", date(1945, 5, 13), PORTUGAL, used="L'Hoste"),
    _woman("N'Diaye-Robert", "Marie France Aminata", date(1944, 2, 29), "51454", given="Marie France"),
    _man("D'Orgeval", "Jean Pierre Marie", date(1933, 7, 14), "51108", given="Jean Pierre"),
    _woman("Saint-Œuvre", "Zoé Noëlle", date(1924, 12, 25), "08105", used="Lebœuf"),
)


def residents(site: Site, doctors: Sequence[Doctor], seed: int) -> Iterator[Resident]:
    """The residents of one site, the same for a seed."""
    if site == HOME:
        every_traits = [*REMARKABLE, *(_traits(Dice(seed, site.key, n)) for n in range(len(REMARKABLE), AT_HOME))]
    else:
        every_traits = [_traits(Dice(seed, site.key, n)) for n in range(ELSEWHERE)]
    for number, traits in enumerate(every_traits):
        yield _resident(site, number, traits, doctors, Dice(seed, site.key, number, "care"))


def _traits(dice: Dice) -> Traits:
    sex: Literal["F", "M"] = "F" if dice.chance(74) else "M"
    pool = FEMALE_GIVEN if sex == "F" else MALE_GIVEN
    given = dice.pick(pool)
    others = [name for name in dice.sample(pool, dice.between(0, 2)) if name != given]
    family = dice.pick(FAMILIES)
    married = sex == "F" and dice.chance(78)
    return Traits(
        family=family,
        given=given,
        given_names=" ".join([given, *others]),
        used_family=dice.pick([name for name in FAMILIES if name != family]) if married else "",
        used_given=dice.pick(others) if others and dice.chance(8) else "",
        birth_date=_birth_date(dice),
        sex=sex,
        place=dice.weighted(BIRTH_PLACES),
        status=dice.weighted(_STATUSES),
    )


def _birth_date(dice: Dice) -> date:
    """Ages lean towards the middle, as two dice do."""
    spread = OLDEST - YOUNGEST
    age = YOUNGEST + (dice.below(spread) + dice.below(spread)) // 2
    return REFERENCE_DAY - timedelta(days=round(age * 365.25) + dice.between(1, 364))


def _resident(site: Site, number: int, traits: Traits, doctors: Sequence[Doctor], dice: Dice) -> Resident:
    gp = _gp(site, doctors, dice)
    specialists = _specialists(doctors, dice)
    called_insi = traits.status in ("QUAL", "RECUP")
    return Resident(
        key=f"{site.key}-{number + 1:03d}",
        site=site.key,
        ins=_matricule(traits, dice) if called_insi else "",
        ins_oid=INS_TEST if called_insi else "",
        ins_status=traits.status,
        birth_family=traits.family,
        birth_given=traits.given,
        given_names=traits.given_names,
        used_family=traits.used_family,
        used_given=traits.used_given,
        birth_date=traits.birth_date,
        sex=traits.sex,
        birth_place=traits.place,
        room=f"{number // 35 + 1}{number % 35 + 1:02d}",
        gp=gp.rpps,
        specialists=tuple(doctor.rpps for doctor in specialists),
        treatments=tuple(_treatments(traits, gp, dice)),
        allergies=tuple(dice.sample(ALLERGIES, 1 if dice.chance(28) else 0)),
    )


def _matricule(traits: Traits, dice: Dice) -> str:
    born = traits.birth_date
    return matricule(sex=traits.sex, year=born.year, month=born.month, place=traits.place, order=dice.between(1, 899))


def with_unique_matricules(people: Sequence[Resident]) -> Iterator[Resident]:
    """The same people; where two drew one matricule, the second takes the next order number."""
    seen: set[str] = set()
    for person in people:
        unique = person
        while unique.ins and unique.ins in seen:
            unique = replace(unique, ins=_next_order(unique))
        seen.add(unique.ins)
        yield unique


def _next_order(person: Resident) -> str:
    born, order = person.birth_date, int(person.ins[10:13]) + 1
    return matricule(sex=person.sex, year=born.year, month=born.month, place=person.birth_place, order=order)


def _gp(site: Site, doctors: Sequence[Doctor], dice: Dice) -> Doctor:
    near = [doctor for doctor in doctors if doctor.speciality == "Médecine générale" and doctor.city == site.city]
    anyone = [doctor for doctor in doctors if doctor.speciality == "Médecine générale"]
    return dice.pick(near or anyone)


def _specialists(doctors: Sequence[Doctor], dice: Dice) -> list[Doctor]:
    specialists = [doctor for doctor in doctors if doctor.speciality != "Médecine générale"]
    return dice.sample(specialists, dice.weighted(((0, 40), (1, 40), (2, 20))))


def _treatments(traits: Traits, gp: Doctor, dice: Dice) -> Iterator[Treatment]:
    for entry in _chosen(traits, dice.between(4, 9), dice):
        dose, frequency = entry.posologies[0] if dice.chance(70) else dice.pick(entry.posologies)
        drug = entry.other_brand if entry.other_brand and dice.chance(15) else entry.drug
        started = REFERENCE_DAY - timedelta(days=dice.between(20, 1500))
        yield Treatment(drug, dose, frequency, entry.reason, gp.name, started, entry.as_needed)


def _chosen(traits: Traits, count: int, dice: Dice) -> list[Entry]:
    """``count`` lines, the commonest classes first thought of, never two of one class."""
    chosen: list[Entry] = []
    common = [entry for entry in FORMULARY if entry.group in COMMON_GROUPS]
    while len(chosen) < count:
        entry = dice.pick(common if dice.chance(45) else FORMULARY)
        taken = {other.group for other in chosen}
        if entry.group not in taken and (traits.sex == "M" or entry.group not in MEN_ONLY):
            chosen.append(entry)
    return chosen
