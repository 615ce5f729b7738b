"""The leaflet's world holds together, whatever its seed."""

from collections import Counter
from datetime import date
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liaison.core.identity.ins import ins_coherent, is_valid_ins
from liaison.core.people import INS_TEST
from liaison.demo.world import World, build_world
from liaison.demo.world.drugs import FORMULARY, entry_of
from liaison.demo.world.identifiers import finess, luhn_key, plain_ascii, rpps
from liaison.demo.world.residents import OLDEST, REFERENCE_DAY, YOUNGEST
from liaison.demo.world.values import Behaviour, Resident

seeds = st.integers(min_value=0, max_value=10**9)
few = settings(max_examples=8, deadline=None)


@pytest.fixture(scope="module")
def world() -> World:
    return build_world()


def test_the_leaflet_is_counted_right(world: World) -> None:
    assert len(world.sites) == 13
    assert world.home.name == "Résidence Jean d'Orbais"
    assert len(world.residents_of(world.home)) == 103
    assert all(len(world.residents_of(site)) == 12 for site in world.sites[1:])
    at_home = [mailbox.kind for mailbox in world.mailboxes if mailbox.site == world.home.key]
    assert Counter(at_home) == {"PER": 4, "ORG": 2}
    assert (len(world.doctors), len(world.hospitals)) == (30, 3)


@few
@given(seeds)
def test_the_same_seed_gives_the_same_world(seed: int) -> None:
    assert build_world(seed) == build_world(seed)


@few
@given(seeds)
def test_another_seed_gives_other_residents(seed: int) -> None:
    assert build_world(seed).residents != build_world(seed + 1).residents


@few
@given(seeds)
def test_every_matricule_is_valid_and_says_what_the_traits_say(seed: int) -> None:
    for resident in build_world(seed).residents:
        if resident.ins:
            assert is_valid_ins(resident.ins)
            assert resident.ins_oid == INS_TEST
            born = resident.birth_date.isoformat()
            assert ins_coherent(resident.ins, resident.sex, born, resident.birth_place) == ()


@few
@given(seeds)
def test_a_matricule_is_held_where_insi_was_called_and_there_alone(seed: int) -> None:
    for resident in build_world(seed).residents:
        assert bool(resident.ins) == (resident.ins_status in {"QUAL", "RECUP"}) == bool(resident.ins_oid)
        assert bool(resident.patient.ins) == (resident.ins_status == "QUAL")


@few
@given(seeds)
def test_nothing_that_must_be_unique_is_twice(seed: int) -> None:
    world = build_world(seed)
    for values in (
        [resident.ins for resident in world.residents if resident.ins],
        [resident.key for resident in world.residents],
        [(resident.site, resident.room) for resident in world.residents],
        [site.finess for site in world.sites] + [hospital.finess for hospital in world.hospitals],
        [member.username for member in world.staff],
        _addresses(world),
        _rpps_numbers(world),
    ):
        assert [value for value, times in Counter(values).items() if times > 1] == []


@few
@given(seeds)
def test_residents_are_of_the_age_of_a_nursing_home(seed: int) -> None:
    for resident in build_world(seed).residents:
        assert YOUNGEST <= (REFERENCE_DAY - resident.birth_date).days / 365.25 <= OLDEST + 1


def test_every_status_of_an_identity_is_met_at_home(world: World) -> None:
    statuses = Counter(resident.ins_status for resident in world.residents_of(world.home))
    assert set(statuses) == {"QUAL", "VALI", "RECUP", "PROV"}
    assert statuses["QUAL"] > 80


def test_there_are_twins_at_home(world: World) -> None:
    births = Counter((person.birth_family, person.birth_date, person.birth_place) for person in _at_home(world))
    family, day, _ = next(birth for birth, times in births.items() if times == 2)
    first, second = (person for person in _at_home(world) if (person.birth_family, person.birth_date) == (family, day))
    assert first.birth_given != second.birth_given
    assert first.ins != second.ins


def test_there_are_homonyms_born_on_different_days(world: World) -> None:
    first, second = (person for person in _at_home(world) if person.given_names == "André Louis")
    assert first.birth_family == second.birth_family
    assert first.birth_date != second.birth_date


@pytest.mark.parametrize("prefix", ["2A", "2B", "99", "974"])
def test_births_in_corsica_overseas_and_abroad_are_met(world: World, prefix: str) -> None:
    assert any(person.birth_place.startswith(prefix) for person in _at_home(world))


@pytest.mark.parametrize("character", ["'", "-", "é", "è", "ï", "œ", "ç"])
def test_names_have_the_characters_french_names_have(world: World, character: str) -> None:
    names = " ".join(f"{person.birth_family} {person.given_names} {person.used_family}" for person in world.residents)
    names += " ".join(doctor.name for doctor in world.doctors)
    assert character in names.lower()


def test_only_women_are_given_a_married_name_and_most_have_one(world: World) -> None:
    women = [person for person in world.residents if person.sex == "F"]
    assert not any(person.used_family for person in world.residents if person.sex == "M")
    assert sum(bool(person.used_family) for person in women) > len(women) / 2


@few
@given(seeds)
def test_a_resident_takes_four_to_nine_drugs_of_different_classes(seed: int) -> None:
    for resident in build_world(seed).residents:
        entries = [entry_of(line.drug) for line in resident.treatments]
        assert 4 <= len(entries) <= 9
        groups = [entry.group for entry in entries if entry]
        assert len(set(groups)) == len(entries)
        assert resident.sex == "M" or "prostate" not in groups


@few
@given(seeds)
def test_every_resident_has_a_gp_and_at_most_two_specialists(seed: int) -> None:
    world = build_world(seed)
    for resident in world.residents:
        assert world.doctor(resident.gp).speciality == "Médecine générale"
        assert len(resident.specialists) <= 2
        assert all(world.doctor(rpps).speciality != "Médecine générale" for rpps in resident.specialists)


def test_the_drugs_at_risk_are_met_at_home(world: World) -> None:
    taken = {line.drug.atc[:4] for person in _at_home(world) for line in person.treatments}
    assert {"B01A", "A10A", "C01A", "N05A", "N05B", "N02A"} <= taken


def test_no_drug_code_can_be_taken_for_a_real_one() -> None:
    drugs = [drug for entry in FORMULARY for drug in (entry.drug, entry.other_brand) if drug]
    assert all(len(drug.cis) == 8 and drug.cis.startswith("9") for drug in drugs)
    assert len({drug.cis for drug in drugs}) == len(drugs)


def test_a_third_of_the_doctors_read_their_mail_at_the_other_operator(world: World) -> None:
    at = Counter(world.operator_of(doctor.address).key for doctor in world.doctors)
    assert at == {"champagne": 20, "apicrypt": 10}


def test_every_behaviour_and_every_mail_program_is_met_among_the_doctors(world: World) -> None:
    assert {doctor.behaviour for doctor in world.doctors} == set(get_args(Behaviour))
    assert {doctor.mail_style for doctor in world.doctors} == {"outlook", "thunderbird", "webmail", "phone", "plain"}


def test_every_address_is_served_by_exactly_one_operator(world: World) -> None:
    for address in _addresses(world):
        domain = address.rpartition("@")[2]
        assert sum(domain in operator.domains for operator in world.operators) == 1


def test_a_mailbox_is_held_only_by_people_of_its_site(world: World) -> None:
    people = {member.username: member for member in world.staff}
    for mailbox in world.mailboxes:
        assert mailbox.holders
        for username in mailbox.holders:
            assert mailbox.site in {membership.site for membership in people[username].memberships}


@given(st.integers(0, 99999))
def test_the_key_of_an_rpps_catches_a_wrong_digit(number: int) -> None:
    good = rpps(number)
    assert len(good) == 11
    wrong = good[:8] + str((int(good[8]) + 1) % 10) + good[9:]
    assert luhn_key(wrong[:-1]) != wrong[-1]


def test_the_luhn_key_is_the_one_of_the_known_example() -> None:
    assert luhn_key("7992739871") == "3"
    assert finess("51", 1)[:8] == "51990001"


def test_a_name_becomes_an_address_without_accent_nor_blank() -> None:
    assert plain_ascii("Gwenaëlle") == "gwenaelle"
    assert plain_ascii("L'Œuvre-Da Costa") == "l-oeuvre-da-costa"


def test_no_date_of_the_world_depends_on_today(world: World) -> None:
    starts = [line.started_at for person in world.residents for line in person.treatments]
    assert max(starts) < REFERENCE_DAY == date(2026, 9, 1)


def _at_home(world: World) -> list[Resident]:
    return list(world.residents_of(world.home))


def _addresses(world: World) -> list[str]:
    return [
        *(mailbox.address for mailbox in world.mailboxes),
        *(doctor.address for doctor in world.doctors),
        *(hospital.address for hospital in world.hospitals),
    ]


def _rpps_numbers(world: World) -> list[str]:
    signers = [doctor.rpps for hospital in world.hospitals for doctor in hospital.doctors]
    coordinating = [member.rpps for member in world.staff if member.rpps]
    return [*signers, *coordinating, *(doctor.rpps for doctor in world.doctors)]
