"""The ways a hospital may name a patient, right and wrong: what the identity table of Liaison is tried on."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Literal

from liaison.core.identity.traits import strict_name
from liaison.core.people import INS_TEST, Identifier, Patient
from liaison.demo.world import World
from liaison.demo.world.dice import Dice
from liaison.demo.world.identifiers import matricule
from liaison.demo.world.names import FAMILIES, FEMALE_GIVEN
from liaison.demo.world.values import Hospital, Resident

IdentityCase = Literal["certain", "trait_differs", "no_ins", "incomplete_ins", "unknown"]
IDENTITY_CASES: tuple[IdentityCase, ...] = ("certain", "trait_differs", "no_ins", "incomplete_ins", "unknown")


def typed_twice(world: World) -> Resident:
    """The resident of whom the home holds two records: no letter of hers may file itself (rule 7)."""
    return world.residents[7]


def corrected(world: World) -> Resident:
    """The resident whose home put right the birth date and the matricule; the hospitals still write what they were
    (rule 12)."""
    return world.residents[8]


def correction(world: World) -> dict[str, str]:
    """The traits put right."""
    resident = corrected(world)
    born = resident.birth_date + timedelta(days=1)
    right = matricule(sex=resident.sex, year=born.year, month=born.month, place=resident.birth_place, order=950)
    return {"birth_date": born.isoformat(), "ins": right, "ins_oid": INS_TEST, "ins_status": resident.ins_status}


def hospital_patient(
    world: World, resident: Resident, hospital: Hospital, *, case: IdentityCase = "certain", number: int = 0
) -> Patient:
    """The resident as the hospital's software states him, from INSi: capitals, no accents, its own number (IPP) beside.

    ``trait_differs`` keeps the matricule and gets the birth date (even numbers) or the given name (odd ones) wrong.
    ``unknown`` is another person altogether, whom no site of the world holds.
    """
    if case == "unknown":
        return _stranger(world, hospital, number)
    patient = _from_insi(resident, _ipp(hospital, resident.key))
    if case == "trait_differs":
        return _with_a_wrong_trait(patient, number)
    if case == "no_ins":
        return replace(patient, ins="", ins_oid="", birth_place="")
    if case == "incomplete_ins":
        return replace(patient, birth_place="")
    return patient


def _from_insi(resident: Resident, ipp: Identifier) -> Patient:
    return Patient(
        ins=resident.ins or _matricule(resident),
        ins_oid=INS_TEST,
        ids=(ipp,),
        birth_family=strict_name(resident.birth_family),
        birth_given=strict_name(resident.birth_given),
        given_names=strict_name(resident.given_names),
        used_family=strict_name(resident.used_family),
        used_given=strict_name(resident.used_given),
        birth_date=resident.birth_date.isoformat(),
        sex=resident.sex,
        birth_place=resident.birth_place,
    )


def _matricule(resident: Resident) -> str:
    """What INSi answers the hospital for someone whose home never asked; orders from 900 are nobody else's."""
    born = resident.birth_date
    order = 900 + Dice(resident.key, "insi").below(100)
    return matricule(sex=resident.sex, year=born.year, month=born.month, place=resident.birth_place, order=order)


def _ipp(hospital: Hospital, key: str) -> Identifier:
    return Identifier(f"{hospital.oid}.1", str(10000000 + Dice(hospital.key, key).below(80000000)))


def _with_a_wrong_trait(patient: Patient, number: int) -> Patient:
    if number % 2:
        others = patient.given_names.split()[1:]
        wrong = "JACQUES" if patient.sex == "M" else "JACQUELINE"
        wrong = wrong if patient.birth_given != wrong else "MARIE"
        return replace(patient, birth_given=wrong, given_names=" ".join([wrong, *others]))
    other_day = date.fromisoformat(patient.birth_date) + timedelta(days=1)
    return replace(patient, birth_date=other_day.isoformat())


def _stranger(world: World, hospital: Hospital, number: int) -> Patient:
    dice = Dice(world.seed, "stranger", number)
    born = date(1930, 1, 1) + timedelta(days=dice.below(6000))
    held = {resident.ins for resident in world.residents}
    orders = (order for order in range(900, 1000))
    numbers = (matricule(sex="F", year=born.year, month=born.month, place="51454", order=order) for order in orders)
    given = [strict_name(name) for name in dice.sample(FEMALE_GIVEN, 2)]
    return Patient(
        ins=next(each for each in numbers if each not in held),
        ins_oid=INS_TEST,
        ids=(_ipp(hospital, f"stranger-{number}"),),
        birth_family=strict_name(dice.pick(FAMILIES)),
        birth_given=given[0],
        given_names=" ".join(given),
        birth_date=born.isoformat(),
        sex="F",
        birth_place="51454",
    )
