"""Residents taken in and kept up to date: all of a file or nothing, and an identity that keeps its past."""

import json
from pathlib import Path

import pytest
from tests.apps.test_commands import Here, here
from tests.support import factories
from tests.support.desk import Desk

from liaison.apps.audit.models import Entry
from liaison.apps.refusals import NotAllowed, NotPossible
from liaison.apps.residents.identity import do_change_identity, do_place
from liaison.apps.residents.imports import ImportReport, do_import_residents
from liaison.apps.residents.merging import do_merge_residents
from liaison.apps.residents.models import IdentityChange, Resident, Source
from liaison.core.people import INS_NIR
from liaison.core.roster import Roster, read_roster

__all__ = ["here"]

pytestmark = pytest.mark.django_db

HEADER = "identifiant;matricule_ins;nom_naissance;premier_prenom;date_naissance;sexe;chambre;present"


def roster(*lines: str, header: str = HEADER) -> Roster:
    read = read_roster("\n".join([header, *lines]).encode())
    assert isinstance(read, Roster), read
    return read


def taken(desk: Desk, *lines: str, dry_run: bool = False) -> ImportReport:
    return do_import_residents(desk.site, roster(*lines), dry_run=dry_run)


def line_of(resident: Resident, *, local_id: str = "R1", family: str = "LEFÈVRE", room: str = "") -> str:
    return f"{local_id};{resident.ins};{family};SUZANNE;1938-04-12;F;{room};"


def test_an_unknown_resident_is_added_with_a_provisional_identity(desk: Desk) -> None:
    report = taken(desk, "R9;;ROUX;PAUL;02/03/1941;M;214;oui")
    added = Resident.objects.get(site=desk.site, local_id="R9")
    assert (report.added, report.done) == (1, True)
    assert (added.birth_date, added.room, added.present, added.ins_status) == ("1941-03-02", "214", True, "PROV")
    assert added.given_names == "PAUL"


def test_the_same_file_twice_changes_nothing_the_second_time(desk: Desk) -> None:
    lines = ("R9;;ROUX;PAUL;02/03/1941;M;214;oui", "R8;;PETIT;ANNE;1941;F;;")
    taken(desk, *lines)
    again = taken(desk, *lines)
    assert (again.added, again.changed, again.unchanged) == (0, 0, 2)
    assert not IdentityChange.objects.exists()


def test_a_dry_run_says_what_the_import_then_does_and_writes_nothing(desk: Desk) -> None:
    lines = (line_of(desk.resident, room="7"), "R9;;ROUX;PAUL;02/03/1941;M;214;oui")
    entries = Entry.objects.count()
    tried = taken(desk, *lines, dry_run=True)
    assert (tried.added, tried.changed, tried.done) == (1, 1, False)
    assert Resident.objects.filter(site=desk.site).count() == 1
    assert Entry.objects.count() == entries
    done = taken(desk, *lines)
    assert (done.added, done.changed, done.done) == (1, 1, True)


def test_one_bad_line_and_nothing_of_the_file_is_written(desk: Desk) -> None:
    report = taken(desk, "R9;;ROUX;PAUL;02/03/1941;M;214;oui", "R8;;PETIT;ANNE;;F;;")
    assert (report.lines, report.done) == (2, False)
    assert [problem.line for problem in report.problems] == [3]
    assert not Resident.objects.filter(local_id="R9").exists()


def test_a_resident_is_known_by_ins_first_and_receives_the_identifier_of_the_home(desk: Desk) -> None:
    taken(desk, line_of(desk.resident, room="7"))
    desk.resident.refresh_from_db()
    assert (desk.resident.local_id, desk.resident.room, desk.resident.ins_status) == ("R1", "7", "QUAL")


def test_a_matricule_new_to_the_home_and_without_its_oid_is_a_nir(desk: Desk) -> None:
    ins = factories.make_ins()
    taken(desk, f"R1;{ins};ROUX;SUZANNE;1938-04-12;F;;")
    added = Resident.objects.get(site=desk.site, local_id="R1")
    assert (added.ins, added.ins_oid) == (ins, INS_NIR)


def test_a_known_resident_is_found_by_the_homes_identifier_when_the_line_has_no_ins(desk: Desk) -> None:
    taken(desk, line_of(desk.resident))
    taken(desk, "R1;;LEFÈVRE;SUZANNE;1938-04-12;F;33;non")
    desk.resident.refresh_from_db()
    assert (desk.resident.room, desk.resident.present) == ("33", False)


def test_an_identifier_given_to_another_person_is_refused(desk: Desk) -> None:
    taken(desk, line_of(desk.resident))
    (problem,) = taken(desk, f"R1;{factories.make_ins()};ROUX;ANNE;1950-01-01;F;;").problems
    assert "autre résident" in problem.message


def test_a_matricule_and_an_identifier_of_two_residents_are_refused(desk: Desk) -> None:
    other = factories.make_resident(desk.site, local_id="R2", birth_family="ROUX")
    (problem,) = taken(desk, line_of(desk.resident, local_id=other.local_id)).problems
    assert "deux résidents" in problem.message


def test_two_lines_about_one_resident_are_refused(desk: Desk) -> None:
    taken(desk, line_of(desk.resident))
    (problem,) = taken(desk, line_of(desk.resident, local_id=""), "R1;;LEFÈVRE;SUZANNE;1938-04-12;F;;").problems
    assert (problem.line, "ligne 2" in problem.message) == (3, True)


def test_a_matricule_two_residents_bear_is_refused(desk: Desk) -> None:
    factories.make_resident(desk.site, ins=desk.resident.ins, birth_family="ROUX")
    (problem,) = taken(desk, line_of(desk.resident)).problems
    assert "Plusieurs résidents" in problem.message


def test_the_residents_of_another_home_are_neither_found_nor_changed(desk: Desk) -> None:
    elsewhere = factories.make_resident(factories.make_site(), local_id="R1")
    assert taken(desk, line_of(elsewhere)).added == 1
    assert not elsewhere.identity_changes.exists()


def test_a_line_about_a_record_merged_here_changes_nothing_and_blocks_nothing(desk: Desk) -> None:
    twin = factories.make_resident(desk.site, local_id="R2", ins="", ins_status="PROV")
    do_merge_residents(survivor=desk.resident, absorbed=twin, source=Source.HL7, reason="essai")
    report = taken(desk, line_of(desk.resident), "R2;;LEFEBVRE;SUZANNE;1938-04-12;F;99;")
    desk.resident.refresh_from_db()
    assert (report.added, report.changed, report.unchanged, report.problems) == (0, 1, 1, ())
    assert (desk.resident.local_id, desk.resident.room) == ("R1", "112")


def test_a_change_of_identity_keeps_what_was_before(desk: Desk) -> None:
    traits = {"birth_family": "LEFEBVRE", "birth_given": "SUZANNE"}
    do_change_identity(desk.resident, source=Source.PERSON, traits=traits, reason="Carte vue", user=desk.secretary)
    change = desk.resident.identity_changes.get()
    assert change.before == {"birth_family": "LEFÈVRE", "ins_status": "QUAL"}
    assert change.after == {"birth_family": "LEFEBVRE", "ins_status": "PROV"}
    assert (change.changed_by, change.reason) == (desk.secretary, "Carte vue")


def test_a_checked_trait_that_changes_brings_the_status_down_unless_a_new_one_is_stated(desk: Desk) -> None:
    do_change_identity(desk.resident, source=Source.CSV, traits={"used_family": "ROUX"}, reason="essai")
    desk.resident.refresh_from_db()
    assert desk.resident.ins_status == "QUAL"
    stated = {"birth_place": "51108", "ins_status": "QUAL"}
    do_change_identity(desk.resident, source=Source.CSV, traits=stated, reason="essai")
    desk.resident.refresh_from_db()
    assert desk.resident.ins_status == "QUAL"
    do_change_identity(desk.resident, source=Source.CSV, traits={"sex": "M"}, reason="essai")
    desk.resident.refresh_from_db()
    assert desk.resident.ins_status == "PROV"


def test_the_journal_names_the_traits_that_changed_and_no_value(desk: Desk) -> None:
    do_change_identity(desk.resident, source=Source.CSV, traits={"birth_family": "LEFEBVRE"}, reason="essai")
    entry = Entry.objects.get(action="identity_changed")
    assert entry.details["traits"] == ["birth_family", "ins_status"]
    assert "LEFEBVRE" not in json.dumps(entry.details)


def test_a_person_who_may_not_file_changes_no_identity(desk: Desk) -> None:
    for person in (desk.nurse, None):
        with pytest.raises(NotAllowed):
            do_change_identity(desk.resident, source=Source.PERSON, traits={"sex": "M"}, reason="x", user=person)
    with pytest.raises(NotPossible):
        do_change_identity(desk.resident, source=Source.CSV, traits={"sex": "M"}, reason=" ")
    assert not IdentityChange.objects.exists()


def test_a_place_said_again_is_no_act(desk: Desk) -> None:
    assert do_place(desk.resident, source=Source.CSV, room="7", present=False)
    entries = Entry.objects.count()
    assert not do_place(desk.resident, source=Source.CSV, room="7", present=False)
    assert Entry.objects.count() == entries


def written(folder: Path, *lines: str) -> str:
    file = folder / "residents.csv"
    file.write_text("\n".join([HEADER, *lines]))
    return str(file)


def test_the_command_takes_a_file_and_says_so(desk: Desk, here: Here, tmp_path: Path) -> None:
    file = written(tmp_path, "R9;;ROUX;PAUL;02/03/1941;M;214;oui")
    options = ("import", "residents", file, "--site", desk.site.finess)
    tried = here(*options, "--dry-run", "--json")
    assert (tried.exit_code, json.loads(tried.stdout)["done"]) == (0, False)
    done = here(*options, "--json")
    assert (done.exit_code, json.loads(done.stdout)["added"]) == (0, 1)
    assert "inchangés 1" in here(*options).stdout


def test_the_command_ends_with_1_and_the_line_at_fault(desk: Desk, here: Here, tmp_path: Path) -> None:
    done = here("import", "residents", written(tmp_path, "R8;;PETIT;ANNE;;F;;"), "--site", desk.site.finess)
    assert done.exit_code == 1
    assert "Ligne 2 : La case date_naissance est vide." in done.stdout
    assert "PETIT" not in done.output


def test_the_command_ends_with_2_without_the_site_or_a_file_it_can_use(desk: Desk, here: Here, tmp_path: Path) -> None:
    assert here("import", "residents", written(tmp_path), "--site", "000000000").exit_code == 2
    empty = tmp_path / "vide.csv"
    empty.touch()
    assert here("import", "residents", str(empty), "--site", desk.site.finess).exit_code == 2


def test_the_attributes_of_a_list_are_taken_and_taken_away_and_a_dry_run_counts_them(desk: Desk) -> None:
    header = "identifiant;nom_naissance;premier_prenom;date_naissance;sexe;attributs_identite"

    def take(cell: str, *, dry_run: bool = False) -> ImportReport:
        line = f"R7;PETIT;ODETTE;1931-02-03;F;{cell}"
        return do_import_residents(desk.site, roster(line, header=header), dry_run=dry_run)

    take("")
    assert take("douteuse homonyme", dry_run=True).changed == 1
    take("douteuse homonyme")
    held = Resident.objects.get(local_id="R7")
    assert (held.doubt, held.ins_status, held.homonym) == ("DOUT", "PROV", True)
    assert take("douteuse homonyme").unchanged == 1
    take("aucun")
    held.refresh_from_db()
    assert (held.doubt, held.homonym) == ("", True)
