"""The identities the demo troubles on purpose: a letter of each meets the rule its row of the guide promises."""

from datetime import datetime
from pathlib import Path

import pytest
from tests.support import factories
from tests.support.desk import Desk, make_desk, read

from liaison.apps.residents.identity import do_change_identity
from liaison.apps.residents.models import Resident as Record
from liaison.apps.residents.models import Source
from liaison.core.people import INS_TEST
from liaison.demo import seed
from liaison.demo.actors import PARIS
from liaison.demo.hospital import compose_sending
from liaison.demo.identity_cases import corrected, correction, typed_twice
from liaison.demo.pki import ensure_authority
from liaison.demo.world import build_world
from liaison.demo.world.values import Resident

WORLD = build_world()
NOW = datetime(2026, 11, 22, 15, 4, tzinfo=PARIS)


def held(desk: Desk, resident: Resident, *, put_right: dict[str, str] | None = None) -> None:
    """The home's record of a resident of the world."""
    record = factories.make_resident(
        desk.site,
        ins=resident.ins,
        ins_oid=INS_TEST,
        birth_family=resident.birth_family,
        birth_given=resident.birth_given,
        given_names=resident.given_names,
        used_family=resident.used_family,
        birth_date=resident.birth_date.isoformat(),
        sex=resident.sex,
        birth_place=resident.birth_place,
    )
    if put_right:
        do_change_identity(record, source=Source.HL7, traits=put_right, reason="Acte de naissance")


def rule_met(desk: Desk, resident: Resident, folder: Path) -> int:
    sending = compose_sending(WORLD, resident, kind="LDL", now=NOW, authority=ensure_authority(folder))
    return int(read(desk.mailbox, sending.raw).documents.get().proposal.rule)


@pytest.mark.django_db
def test_the_resident_typed_twice_meets_rule_7_and_the_corrected_one_rule_12(tmp_path: Path) -> None:
    desk = make_desk()
    for _ in range(2):
        held(desk, typed_twice(WORLD))
    held(desk, corrected(WORLD), put_right=correction(WORLD))
    assert rule_met(desk, typed_twice(WORLD), tmp_path) == 7
    assert rule_met(desk, corrected(WORLD), tmp_path) == 12


@pytest.mark.django_db
def test_the_seed_writes_both_troubles() -> None:
    sites = {WORLD.home.key: factories.make_site()}
    professionals = seed._add_doctors(WORLD)
    for resident in (typed_twice(WORLD), corrected(WORLD)):
        seed._register(resident, sites[resident.site], professionals)
    seed._trouble_identities(WORLD, sites, professionals)
    assert Record.objects.filter(ins=typed_twice(WORLD).ins).count() == 2
    changed = Record.objects.get(ins=correction(WORLD)["ins"])
    assert changed.identity_changes.get().before["ins"] == corrected(WORLD).ins
