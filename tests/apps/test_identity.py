"""Finding the resident a document is about: by the names kept, behind the wall, and again when an identity changes."""

from dataclasses import replace

import pytest
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.support import factories
from tests.support.desk import Desk, make_desk, read, returned_to
from tests.support.letters import SENDER, discharge_letter, patient_of, sending

from liaison.apps.audit.models import Entry
from liaison.apps.filing.actions import do_file, do_propose, do_unfile
from liaison.apps.filing.jobs import propose_again
from liaison.apps.intake.models import Document
from liaison.apps.organisations import row_security
from liaison.apps.refusals import NotAllowed, NotPossible
from liaison.apps.residents.actions import do_register
from liaison.apps.residents.correcting import Checked, do_correct_identity, do_take_in
from liaison.apps.residents.identity import do_change_identity
from liaison.apps.residents.merging import do_merge_residents, do_undo_merge
from liaison.apps.residents.models import Resident, ResidentName, Source
from liaison.apps.residents.names import name_row
from liaison.apps.residents.search import find_exactly, find_nearly, find_residents, identities_near
from liaison.core.identity.search import names_of
from liaison.core.people import INS_NIR, Patient

pytestmark = pytest.mark.django_db
CLAIM = Patient(birth_family="LEFEVRE", birth_given="SUZANNE", birth_date="1938-04-12", sex="F")


def near(desk: Desk, **claimed: str) -> list[str]:
    claim = replace(CLAIM, **claimed)
    return [identity.key for identity in identities_near(claim, [desk.site.pk])]


def letter_about(patient: Patient, desk: Desk) -> Document:
    raw = returned_to(SENDER.email, sending(patient, discharge_letter(patient)))
    return read(desk.mailbox, raw).documents.get()


@pytest.mark.parametrize(
    "claimed",
    [
        {},
        {"birth_family": "LEFEBVRE"},
        {"birth_family": "LEFVRE", "birth_date": "1938-12-04"},
        {"birth_given": "SUZANE", "birth_date": "1938"},
        {"birth_family": "SUZANNE", "birth_given": "LEFÈVRE", "birth_date": ""},
        {"birth_family": "ROUX", "birth_date": ""},
    ],
)
def test_a_resident_is_found_whatever_the_slip(desk: Desk, claimed: dict[str, str]) -> None:
    do_change_identity(desk.resident, source=Source.CSV, traits={"used_family": "ROUX"}, reason="essai")
    assert near(desk, **claimed) == [str(desk.resident.uuid)]


def test_a_name_and_a_matricule_held_before_still_find_the_resident(desk: Desk) -> None:
    before = desk.resident.ins
    traits = {"birth_family": "PETIT", "ins": factories.make_ins()}
    do_change_identity(desk.resident, source=Source.CSV, traits=traits, reason="essai")
    (found,) = identities_near(replace(CLAIM, birth_date=""), [desk.site.pk])
    assert [former.birth_family for former in found.former] == ["LEFÈVRE"]
    assert near(desk, ins=before, birth_family="X", birth_given="Y", birth_date="1901-01-01") == [found.key]


def test_nobody_of_another_home_and_nobody_gone_is_found(desk: Desk) -> None:
    make_desk()
    assert near(desk) == [str(desk.resident.uuid)]
    Resident.objects.filter(pk=desk.resident.pk).update(present=False)
    assert near(desk) == []


def test_the_names_stay_behind_the_wall_of_their_home(desk: Desk) -> None:
    elsewhere = make_desk()
    with row_security.scope([elsewhere.site.pk]):
        assert identities_near(CLAIM, [desk.site.pk]) == []
        assert not ResidentName.objects.filter(site=desk.site).exists()


def test_every_look_up_may_use_an_index_behind_the_wall(desk: Desk) -> None:
    """The operators of the search are leakproof: PostgreSQL plans an index for each block."""
    from liaison.apps.residents.search import _looks_like

    ResidentName.objects.bulk_create(
        name_row(desk.resident.pk, desk.site.pk, name)
        for number in range(3000)
        for name in names_of(Patient(birth_family=f"NOM{number}", birth_given="X", birth_date=f"{1000 + number}"))
    )
    query = ResidentName.objects.filter(_looks_like(CLAIM), site__in=[desk.site.pk]).values("pk")
    statement, parameters = query.query.sql_with_params()
    with row_security.scope([desk.site.pk]), connection.cursor() as cursor:
        cursor.execute("ANALYZE residents_residentname")
        cursor.execute(f"EXPLAIN {statement}", parameters)
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "Seq Scan" not in plan
    for block in ("birth_date", "sound", "family_head", "family_tail", "given_head", "given_tail"):
        assert f"names_by_{block}" in plan


def test_the_names_of_a_merged_record_follow_the_one_that_stands_and_come_back(desk: Desk) -> None:
    twin = factories.make_resident(desk.site, birth_family="PETIT", birth_given="ODETTE", ins="", ins_status="PROV")
    claimed = {"birth_family": "PETIT", "birth_given": "ODETTE", "birth_date": ""}
    merge = do_merge_residents(survivor=desk.resident, absorbed=twin, source=Source.HL7, reason="essai")
    assert near(desk, **claimed) == [str(desk.resident.uuid)]
    do_undo_merge(merge, user=desk.secretary, reason="essai")
    assert near(desk, **claimed) == [str(twin.uuid)]


@pytest.mark.parametrize(
    "text", ["lefe", "suz lef", "LEFÈVRE Suzanne", "12/04/1938", "1938-04-12 lefevre", "112", "lef 112"]
)
def test_a_person_finds_by_beginnings_a_room_or_a_date_in_any_order(desk: Desk, text: str) -> None:
    factories.make_resident(desk.site, birth_family="MARTIN", birth_given="JEAN", birth_date="1934-06-05", room="7")
    assert find_exactly(Resident.objects.all(), [desk.site.pk], text) == [desk.resident]


@pytest.mark.parametrize(
    "text", ["lefaivre", "lefevre suzane", "suzane lefèvre", "lefvere suzane", "lefebre suzanne 12/04/1938"]
)
def test_a_person_finds_a_misspelt_name_when_none_begins_so(desk: Desk, text: str) -> None:
    factories.make_resident(desk.site, birth_family="MARTIN", birth_given="JEAN", birth_date="1934-06-05", room="7")
    assert find_exactly(Resident.objects.all(), [desk.site.pk], text) == []
    assert find_residents(Resident.objects.all(), [desk.site.pk], text) == [desk.resident]


def test_what_is_no_name_finds_nobody(desk: Desk) -> None:
    for text in ("", "   ", "!!!", "xyz", "99/99/9999"):
        assert find_residents(Resident.objects.all(), [desk.site.pk], text) == []
    assert find_nearly(Resident.objects.none(), [desk.site.pk], "lefevre suzanne") == []


def test_homonyms_are_noted_on_both_sides_and_journalled(desk: Desk) -> None:
    namesake = factories.make_resident(
        desk.site, birth_family="Lefevre", birth_date="1944-01-01", ins="", ins_status="PROV"
    )
    desk.resident.refresh_from_db()
    assert (desk.resident.homonym, namesake.homonym) == (True, True)
    assert Entry.objects.filter(action="homonym_noted").count() == 2
    document = letter_about(patient_of(desk.resident), desk)
    assert [alert["code"] for alert in document.proposal.alerts] == ["identity_homonym", "identity_namesake"]


def test_a_homonym_a_person_took_away_comes_back_with_a_new_name_only(desk: Desk) -> None:
    factories.make_resident(desk.site, birth_family="Lefevre", birth_date="1944-01-01", ins="", ins_status="PROV")
    desk.resident.refresh_from_db()
    assert corrected(desk, homonym=False).homonym is False
    assert corrected(desk, homonym=False, birth_place="75056").homonym is False
    do_change_identity(desk.resident, source=Source.HL7, traits={"used_family": "LEFEVRE"}, reason="Message A31")
    desk.resident.refresh_from_db()
    assert desk.resident.homonym


def test_a_document_of_somebody_known_elsewhere_is_never_filed_and_only_shows_there(desk: Desk) -> None:
    desk.site.files_certain_matches = True
    desk.site.save()
    there = make_desk()
    resident = factories.make_resident(there.site, birth_family="MOREAU", birth_given="ODETTE", birth_date="1941-02-03")
    document = letter_about(patient_of(resident), desk)
    assert (document.state, document.proposal.rule, document.proposal.resident) == ("to_match", 5, None)
    assert [candidate["key"] for candidate in document.proposal.elsewhere] == [str(resident.uuid)]
    assert document.proposal.candidates == []


def test_a_document_that_waits_is_proposed_again_when_its_resident_is_registered(desk: Desk) -> None:
    stranger = factories.make_resident(make_desk().site, birth_family="MOREAU", birth_date="1941-02-03")
    document = letter_about(patient_of(stranger), desk)
    assert document.proposal.rule == 5
    ProcrastinateJob.objects.all()
    traits = {name: getattr(stranger, name) for name in ("ins", "ins_oid", "ins_status", "birth_family", "birth_given")}
    traits |= {name: getattr(stranger, name) for name in ("given_names", "birth_date", "sex", "birth_place")}
    do_register(site=desk.site, identity=traits, care_team=[])
    job = ProcrastinateJob.objects.get(task_name="propose_again", args__site=desk.site.pk, status="todo")
    propose_again.func(**job.args)
    assert ProcrastinateJob.objects.filter(task_name="propose_document", args={"document": document.pk}).exists()
    do_propose(document)
    document.refresh_from_db()
    assert (document.state, document.proposal.rule) == ("proposed", 1)


def test_many_changes_ask_for_one_look(desk: Desk) -> None:
    for family in ("PETIT", "ROUX", "MOREL"):
        do_change_identity(desk.resident, source=Source.CSV, traits={"birth_family": family}, reason="essai")
    jobs = ProcrastinateJob.objects.filter(task_name="propose_again", args__site=desk.site.pk, status="todo")
    assert jobs.count() == 1


def test_a_second_look_that_says_nothing_new_writes_nothing(desk: Desk) -> None:
    document = desk.letter()
    entries, decided = Entry.objects.count(), document.proposal.decided_at
    do_propose(document)
    document.proposal.refresh_from_db()
    assert (Entry.objects.count(), document.proposal.decided_at) == (entries, decided)


def test_what_a_person_took_out_of_a_record_is_not_put_back_by_the_software(desk: Desk) -> None:
    document = desk.filed()
    do_unfile(document.filings.get(), user=desk.secretary, reason="erreur")
    desk.site.files_certain_matches = True
    desk.site.save()
    do_change_identity(desk.resident, source=Source.CSV, traits={"used_family": "ROUX"}, reason="essai")
    document.proposal.delete()
    do_propose(document)
    document.refresh_from_db()
    assert document.state == Document.State.PROPOSED
    assert document.filings.count() == 1


def test_rule_8_filing_a_letter_never_changes_the_identity_it_is_filed_with(desk: Desk) -> None:
    Resident.objects.filter(pk=desk.resident.pk).update(ins_status="PROV", birth_place="")
    before = Resident.objects.filter(pk=desk.resident.pk).values().get()
    claim = replace(patient_of(desk.resident), birth_family="LEFEBVRE", birth_date="1938-04-21", birth_place="51454")
    document = letter_about(claim, desk)
    do_file(document, resident=desk.resident, user=desk.secretary)
    assert Resident.objects.filter(pk=desk.resident.pk).values().get() == before
    assert not desk.resident.identity_changes.exists()


def corrected(desk: Desk, *, checked: Checked = Checked(), homonym: bool = False, **traits: str) -> Resident:  # noqa: B008 (frozen)
    do_correct_identity(
        desk.resident, user=desk.secretary, traits=traits, checked=checked, homonym=homonym, reason="Carte vue"
    )
    desk.resident.refresh_from_db()
    return desk.resident


@pytest.mark.parametrize(
    ("checked", "status"),
    [
        (Checked(), "PROV"),
        (Checked(proof="passport"), "VALI"),
        (Checked(insi_called=True), "RECUP"),
        (Checked(proof="cni", insi_called=True), "QUAL"),
    ],
)
def test_the_status_of_a_corrected_identity_is_what_was_checked(desk: Desk, checked: Checked, status: str) -> None:
    assert corrected(desk, checked=checked, birth_family="LEFEBVRE").ins_status == status
    change = desk.resident.identity_changes.get()
    assert change.before["birth_family"] == "LEFÈVRE"
    assert ("Passeport" in change.reason) == (checked.proof == "passport")


def test_a_name_in_use_leaves_the_status(desk: Desk) -> None:
    assert corrected(desk, used_family="ROUX").ins_status == "QUAL"


def test_a_doubtful_identity_is_provisional_and_gives_its_matricule_up(desk: Desk) -> None:
    ins = desk.resident.ins
    held = corrected(desk, doubt="DOUT")
    assert (held.ins_status, held.ins, held.ins_oid, held.doubt) == ("PROV", "", "", "DOUT")
    assert desk.resident.identity_changes.get().before["ins"] == ins
    document = letter_about(replace(patient_of(held), ins=ins, ins_oid=INS_NIR), desk)
    assert document.proposal.rule in {6, 12}
    assert document.proposal.resident == held


def test_a_wrong_matricule_or_a_qualified_identity_without_its_traits_is_refused(desk: Desk) -> None:
    with pytest.raises(NotPossible, match="matricule INS est faux"):
        corrected(desk, ins="238045145412300")
    with pytest.raises(NotPossible, match="cinq traits"):
        corrected(desk, birth_place="", checked=Checked(proof="cni", insi_called=True))
    assert not desk.resident.identity_changes.exists()


def test_correcting_wants_a_right_and_a_reason(desk: Desk) -> None:
    for user in (desk.nurse, make_desk().secretary):
        with pytest.raises(NotAllowed):
            do_correct_identity(desk.resident, user=user, traits={}, checked=Checked(), homonym=False, reason="x")
    with pytest.raises(NotPossible):
        do_correct_identity(desk.resident, user=desk.secretary, traits={}, checked=Checked(), homonym=False, reason=" ")


def test_a_person_marks_a_homonym(desk: Desk) -> None:
    assert corrected(desk, homonym=True).homonym
    assert Entry.objects.get(action="homonym_changed").user == desk.secretary


TRAITS = {
    "birth_family": "MOREAU",
    "birth_given": "ODETTE",
    "given_names": "ODETTE",
    "birth_date": "1941-02-03",
    "sex": "F",
}


def test_a_resident_taken_in_without_anything_checked_is_provisional_and_searched_at_once(desk: Desk) -> None:
    taken = do_take_in(desk.site, user=desk.secretary, traits=TRAITS, checked=Checked(), room="7")
    assert (taken.ins_status, taken.room) == ("PROV", "7")
    assert near(desk, birth_family="MORAU", birth_given="ODETTE", birth_date="1941-02-03") == [str(taken.uuid)]
    assert Entry.objects.get(action="resident_registered", resident=taken).user == desk.secretary


def test_a_second_record_of_one_person_is_refused_unless_they_are_two(desk: Desk) -> None:
    do_take_in(desk.site, user=desk.secretary, traits=TRAITS, checked=Checked(), room="")
    with pytest.raises(NotPossible, match="autre personne"):
        do_take_in(desk.site, user=desk.secretary, traits=TRAITS, checked=Checked(), room="")
    again = {"traits": TRAITS, "checked": Checked(), "room": "", "another_person": True}
    assert do_take_in(desk.site, user=desk.secretary, **again).homonym
    same_ins = {**TRAITS, "ins": desk.resident.ins, "ins_oid": INS_NIR, "birth_given": "X"}
    with pytest.raises(NotPossible, match="déjà ce matricule"):
        do_take_in(desk.site, user=desk.secretary, traits=same_ins, checked=Checked(), room="")
    with pytest.raises(NotAllowed):
        do_take_in(desk.site, user=desk.nurse, traits=TRAITS, checked=Checked(), room="")
