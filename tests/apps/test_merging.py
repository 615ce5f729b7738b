"""Two records of one person become one, with everything, and become two again as they were."""

from typing import Any

import pytest
from django.db import connection
from tests.apps.test_row_security import full
from tests.support import factories
from tests.support.desk import Desk, make_desk

from liaison.apps.audit.models import Entry
from liaison.apps.filing.actions import do_file
from liaison.apps.organisations.access import access_journal, access_residents
from liaison.apps.refusals import AlreadyDone, NotAllowed, NotPossible
from liaison.apps.residents.merging import do_merge_residents, do_undo_merge, standing_record
from liaison.apps.residents.models import Resident, ResidentMerge, Source

__all__ = ["full"]

pytestmark = pytest.mark.django_db

STAYING = {"audit_entry", "residents_identitychange", "residents_residentmerge", "residents_residentname"}


def columns_to_a_resident() -> list[tuple[str, str]]:
    """Every column of the database that points at a resident, asked of PostgreSQL itself."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass::text, attname FROM pg_constraint"
            " JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1]"
            " WHERE contype = 'f' AND confrelid = 'residents_resident'::regclass"
            " AND conrelid <> 'residents_resident'::regclass"
        )
        return [(table, column) for table, column in cursor.fetchall() if table not in STAYING]


def rows_of(resident: Resident) -> dict[str, list[Any]]:
    found = {}
    with connection.cursor() as cursor:
        for table, column in columns_to_a_resident():
            cursor.execute(f"SELECT id FROM {table} WHERE {column} = %s ORDER BY id", [resident.pk])  # noqa: S608 (the names PostgreSQL gave)
            found[f"{table}.{column}"] = [number for (number,) in cursor.fetchall()]
    return found


def merged(desk: Desk, survivor: Resident, absorbed: Resident) -> ResidentMerge:
    merge = do_merge_residents(
        survivor=survivor, absorbed=absorbed, source=Source.PERSON, reason="Même personne", user=desk.secretary
    )
    survivor.refresh_from_db()
    absorbed.refresh_from_db()
    return merge


@pytest.fixture
def twin(full: Desk) -> Resident:
    """A second record of the same person, with a care team of its own."""
    return factories.make_resident(full.site, gp=full.cardiologist, birth_given="SUZANE", ins="", ins_status="PROV")


def test_a_merge_moves_every_row_of_every_table_and_its_undoing_moves_them_all_back(full: Desk, twin: Resident) -> None:
    before, before_twin = rows_of(full.resident), rows_of(twin)
    assert [name for name, numbers in before.items() if not numbers] == []
    merge = merged(full, twin, full.resident)
    assert not any(rows_of(full.resident).values())
    assert rows_of(twin) == {name: sorted(before[name] + before_twin[name]) for name in before}
    do_undo_merge(merge, user=full.secretary, reason="Erreur")
    assert rows_of(full.resident) == before
    assert rows_of(twin) == before_twin


def test_a_doctor_of_both_records_is_once_in_the_merged_team_and_again_in_both_after(desk: Desk) -> None:
    twin = factories.make_resident(desk.site, gp=desk.gp, ins="", ins_status="PROV")
    merge = merged(desk, twin, desk.resident)
    assert twin.care_team.count() == 1
    do_undo_merge(merge, user=desk.secretary, reason="Erreur")
    assert (twin.care_team.count(), desk.resident.care_team.count()) == (1, 1)


def test_what_was_written_since_the_merge_stays_with_the_survivor(full: Desk, twin: Resident) -> None:
    merge = merged(full, full.resident, twin)
    document = full.letter()
    filing = do_file(document, resident=full.resident, user=full.secretary)
    do_undo_merge(merge, user=full.secretary, reason="Erreur")
    filing.refresh_from_db()
    assert filing.resident_id == full.resident.pk


def test_an_absorbed_record_is_seen_no_more_and_receives_no_document(full: Desk, twin: Resident) -> None:
    document = full.letter()
    merge = merged(full, full.resident, twin)
    assert list(access_residents(full.secretary)) == [full.resident]
    assert standing_record(twin) == full.resident
    with pytest.raises(NotPossible):
        do_file(document, resident=twin, user=full.secretary)
    do_undo_merge(merge, user=full.secretary, reason="Erreur")
    assert set(access_residents(full.secretary)) == {full.resident, twin}


def test_presence_comes_back_with_the_undoing(desk: Desk) -> None:
    gone = factories.make_resident(desk.site, birth_family="ROUX", present=False)
    merge = merged(desk, gone, desk.resident)
    assert (gone.present, desk.resident.present) == (True, False)
    do_undo_merge(merge, user=desk.secretary, reason="Erreur")
    gone.refresh_from_db()
    desk.resident.refresh_from_db()
    assert (gone.present, desk.resident.present) == (False, True)


def test_the_journal_of_the_survivor_holds_that_of_the_absorbed_and_no_entry_is_rewritten(
    full: Desk, twin: Resident
) -> None:
    own = set(Entry.objects.filter(resident=twin).values_list("pk", flat=True))
    merged(full, full.resident, twin)
    assert own <= set(access_journal(full.secretary, full.resident).values_list("pk", flat=True))
    assert own <= set(Entry.objects.filter(resident=twin).values_list("pk", flat=True))


def test_merges_upon_merges_are_undone_from_the_last(desk: Desk) -> None:
    second = factories.make_resident(desk.site, birth_family="ROUX")
    third = factories.make_resident(desk.site, birth_family="PETIT")
    first_merge = merged(desk, second, desk.resident)
    last_merge = merged(desk, third, second)
    with pytest.raises(NotPossible):
        do_undo_merge(first_merge, user=desk.secretary, reason="Erreur")
    do_undo_merge(last_merge, user=desk.secretary, reason="Erreur")
    do_undo_merge(first_merge, user=desk.secretary, reason="Erreur")
    assert desk.resident.care_team.get().professional == desk.gp
    with pytest.raises(AlreadyDone):
        do_undo_merge(first_merge, user=desk.secretary, reason="Erreur")


def test_a_merge_is_refused_with_itself_twice_across_homes_or_without_a_reason(desk: Desk) -> None:
    twin = factories.make_resident(desk.site, birth_family="ROUX")
    for absorbed in (desk.resident, make_desk().resident):
        with pytest.raises(NotPossible):
            merged(desk, desk.resident, absorbed)
    with pytest.raises(NotPossible):
        do_merge_residents(survivor=desk.resident, absorbed=twin, source=Source.HL7, reason=" ")
    merged(desk, desk.resident, twin)
    with pytest.raises(AlreadyDone):
        merged(desk, desk.resident, twin)


def test_a_nurse_neither_merges_nor_undoes(desk: Desk) -> None:
    twin = factories.make_resident(desk.site, birth_family="ROUX")
    with pytest.raises(NotAllowed):
        do_merge_residents(survivor=desk.resident, absorbed=twin, source=Source.PERSON, reason="essai", user=desk.nurse)
    merge = merged(desk, desk.resident, twin)
    with pytest.raises(NotAllowed):
        do_undo_merge(merge, user=desk.nurse, reason="essai")
