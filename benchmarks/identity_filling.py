"""Filling the tables of the bench with residents, by two processes, past the wall, and the table plain trigrams ask."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from multiprocessing import get_context
from typing import Any
from uuid import UUID

import django
import psycopg
from django.apps import apps

from benchmarks.identity_people import People, Person
from benchmarks.search_world import copy
from liaison.core.identity.search import KEY_NAMES, names_of
from liaison.core.identity.traits import LocalIdentity

TABLES = ("residents_resident", "residents_residentname", "residents_identitychange")
PLAIN = "bench_plain_names"


def fill(url: str, seed: int, site: int, residents: int) -> None:
    """COPY does not go through a policy: the wall is down for the owner while the tables are filled, and up again."""
    with psycopg.connect(url, autocommit=True, options="-c maintenance_work_mem=512MB") as own:
        for table in TABLES:
            own.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
        for table in reversed(TABLES):
            own.execute(f"DELETE FROM {table}")  # noqa: S608 (what a run cut short left, in tables of our own)
        cuts = [0, residents // 2, residents]
        with get_context("spawn").Pool(2) as pool:
            pool.starmap(_fill_half, [(url, seed, site, range(cuts[half], cuts[half + 1])) for half in (0, 1)])
        _copy_plainly(own)
        for table in TABLES:
            own.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def settle(url: str) -> None:
    """The figures the planner goes by."""
    with psycopg.connect(url, autocommit=True) as own:
        for table in (*TABLES, PLAIN):
            own.execute(f"VACUUM (ANALYZE) {table}")


def _copy_plainly(own: psycopg.Connection) -> None:
    """What plain trigram search asks: one text of both names in a table without any wall, and its GIN index."""
    own.execute(f"DROP TABLE IF EXISTS {PLAIN}")
    own.execute(
        f"CREATE TABLE {PLAIN} AS SELECT resident_id, family || ' ' || given AS names, birth_date"  # noqa: S608 (our own)
        " FROM residents_residentname WHERE kind <> 'former'"
    )
    own.execute(f"CREATE INDEX ON {PLAIN} USING gin (names gin_trgm_ops)")


def _fill_half(url: str, seed: int, site: int, numbers: range) -> None:
    django.setup()
    people = People(seed)
    residents, names, changes = (
        apps.get_model("residents", name) for name in ("Resident", "ResidentName", "IdentityChange")
    )
    with psycopg.connect(url, options="-c liaison.sites=*") as own:
        for start in range(numbers.start, numbers.stop, 20_000):
            lot = [people.person(number) for number in range(start, min(start + 20_000, numbers.stop))]
            copy(own, residents, (resident_row(person, site) for person in lot))
            copy(own, names, name_rows(lot, site))
            copy(own, changes, (_change(person) for person in lot if person.former_family))
        own.commit()


def resident_row(person: Person, site: int) -> dict[str, Any]:
    of = person.identity
    return {
        "id": person.number + 1,
        "uuid": UUID(int=person.number + 1),
        "site_id": site,
        "ins": of.ins,
        "ins_oid": of.ins_oid,
        "ins_status": "QUAL" if person.qualified else "PROV",
        "birth_family": of.birth_family,
        "birth_given": of.birth_given,
        "given_names": of.given_names,
        "used_family": of.used_family,
        "birth_date": of.birth_date,
        "sex": of.sex,
        "birth_place": of.birth_place,
        "present": True,
    }


def name_rows(lot: list[Person], site: int) -> Iterator[dict[str, Any]]:
    for person in lot:
        for place, name in enumerate(names_of(_identity(person))):
            yield {
                "id": 8 * (person.number + 1) + place,
                "resident_id": person.number + 1,
                "site_id": site,
                "kind": name.kind,
                "family": name.family,
                "given": name.given,
                "birth_date": name.birth_date,
                "sex": name.sex,
                "ins": name.ins,
                **dict(zip(KEY_NAMES, name.keys, strict=True)),
            }


def _change(person: Person) -> dict[str, Any]:
    family = person.identity.birth_family
    return {
        "id": person.number + 1,
        "resident_id": person.number + 1,
        "source": "csv",
        "changed_at": datetime(2025, 1, 1, tzinfo=UTC),
        "reason": "banc",
        "before": f'{{"birth_family": "{person.former_family}"}}',
        "after": f'{{"birth_family": "{family}"}}',
    }


def _identity(person: Person) -> LocalIdentity:
    of = person.identity
    held = LocalIdentity(
        key="",
        site="",
        ins=of.ins,
        ins_oid=of.ins_oid,
        birth_family=of.birth_family,
        birth_given=of.birth_given,
        given_names=of.given_names,
        used_family=of.used_family,
        birth_date=of.birth_date,
        sex=of.sex,
        birth_place=of.birth_place,
    )
    if not person.former_family:
        return held
    return replace(held, former=(replace(held, birth_family=person.former_family),))
