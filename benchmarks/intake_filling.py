"""A base filled for ``bin/bench intake --scale``: messages copied from those the product read, residents made up."""

import os

import psycopg
from django.db import connection

from benchmarks.identity_filling import name_rows, resident_row
from benchmarks.identity_people import People
from benchmarks.search_world import copy
from liaison.apps.organisations.models import Group, Site
from liaison.apps.residents.models import Resident, ResidentName

STEP = 1_000_000
"""Between the number of a row and that of its copy; those that the product wrote first are below."""
HOMES_OF_A_GROUP, RESIDENTS_OF_A_HOME = 100, 100
FIRST_HOME = 1000
LOT = 20_000
_NEXT = "{} + copy * 1000000"
_OTHER_BYTES = "encode(sha256(convert_to({} || copy, 'UTF8')), 'hex')"
_OTHER_NAME = "CASE WHEN {0} = '' THEN '' ELSE {0} || '-' || copy END"
"""With a dash: a number set right behind that of one document would be that of another."""
_COPIES = {
    "intake_rawmessage": {
        "id": _NEXT, "uid": _NEXT, "uuid": "gen_random_uuid()", "blob": _OTHER_BYTES, "message_id": _OTHER_NAME
    },
    "intake_leaf": {"id": _NEXT, "message_id": _NEXT, "blob": _OTHER_BYTES},
    "intake_document": {
        "id": _NEXT, "message_id": _NEXT, "source_leaf_id": _NEXT, "pdf_leaf_id": _NEXT, "uuid": "gen_random_uuid()",
        "sha256": _OTHER_BYTES, "document_id": _OTHER_NAME, "set_id": _OTHER_NAME,
    },
    "search_indexedmessage": {"message_id": _NEXT},
    "search_indexeddocument": {"document_id": _NEXT},
    "filing_proposal": {"id": _NEXT, "document_id": _NEXT},
    "treatments_textreading": {"id": _NEXT, "document_id": _NEXT},
    "filing_proposedfact": {"id": _NEXT, "document_id": _NEXT},
    "audit_entry": {"id": _NEXT, "seq": _NEXT},
}  # fmt: skip
_TRIGGERED = ("intake_rawmessage", "intake_document")
_RESIDENTS = ("residents_resident", "residents_residentname")


def fill_messages(count: str) -> None:
    """Bring the messages to ``count`` by copies of those below STEP, with their words, in every table they are in."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), count(*) FILTER (WHERE id < %s), max(id) / %s FROM intake_rawmessage", [STEP] * 2
        )
        held, first, last = cursor.fetchone()
        for table in _TRIGGERED:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for number in range(last + 1, last + 1 + max(int(count) - held, 0) // first):
            for table, changed in _COPIES.items():
                _copy_rows(table, changed, number)
        for table in _TRIGGERED:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        for table, changed in _COPIES.items():
            if "id" in changed:
                cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}")  # noqa: S608 (ours)
        cursor.execute("VACUUM (ANALYZE)")


def _copy_rows(table: str, changed: dict[str, str], number: int) -> None:
    with connection.cursor() as cursor:
        columns = [column.name for column in connection.introspection.get_table_description(cursor, table)]
        quoted = {name: connection.ops.quote_name(name) for name in columns}
        values = ", ".join(changed.get(name, "{}").format(column) for name, column in quoted.items())
        key = next(iter(changed))
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(quoted.values())})"  # noqa: S608 (names of our own tables)
            f" SELECT {values} FROM {table}, (SELECT %s::bigint AS copy) c WHERE {key} < %s",
            [number, STEP],
        )


def fill_residents(count: str) -> None:
    """Bring the residents to ``count``: homes of a hundred, a hundred to a group, the first one the bench's."""
    numbers = range(Resident.objects.count(), int(count))
    _add_homes(numbers)
    people = People(0)
    with psycopg.connect(os.environ["DATABASE_URL"], options="-c liaison.sites=*") as own:
        for table in _RESIDENTS:  # COPY does not go through a policy
            own.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY".encode())
        for start in range(numbers.start, numbers.stop, LOT):
            lot = [people.person(number) for number in range(start, min(start + LOT, numbers.stop))]
            copy(own, Resident, (resident_row(person, _home(person.number)) for person in lot))
            copy(own, ResidentName, (row for person in lot for row in name_rows([person], _home(person.number))))
        own.commit()
        for table in _RESIDENTS:
            own.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY".encode())
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")


def _home(number: int) -> int:
    return FIRST_HOME + number // RESIDENTS_OF_A_HOME


def _add_homes(numbers: range) -> None:
    first = Group.objects.order_by("pk").values_list("pk", flat=True)[0]
    homes = range(_home(numbers.start), _home(numbers.stop - 1) + 1) if numbers else range(0)
    groups = {home: first + (home - FIRST_HOME) // HOMES_OF_A_GROUP for home in homes}
    Group.objects.bulk_create((Group(pk=pk, name=f"Groupe {pk}") for pk in {*groups.values()}), ignore_conflicts=True)
    sites = [
        Site(pk=home, group_id=group, name=f"Résidence {home}", city="Reims", finess=f"{home:09}")
        for home, group in groups.items()
    ]
    Site.objects.bulk_create(sites, ignore_conflicts=True)
