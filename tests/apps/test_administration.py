"""What the home's software says of its residents by HL7: kept, done once, and refused with its reason."""

import pytest
from django.utils import timezone
from tests.support import factories
from tests.support.desk import Desk
from tests.support.hl7 import INS, adt

from liaison.apps.audit.models import Entry
from liaison.apps.blobs import store
from liaison.apps.residents.administration import (
    NO_LEAVING_TO_CANCEL,
    NO_RETURN_TO_CANCEL,
    NOTHING_TO_MERGE,
    Taken,
    do_take_message,
)
from liaison.apps.residents.models import Absence, AdministrativeMessage, Resident, ResidentMerge, Source
from liaison.apps.residents.stays import do_come_back, do_leave_for_hospital
from liaison.core.hl7v2.message import read_hl7

pytestmark = pytest.mark.django_db


def take(desk: Desk, content: bytes) -> Taken:
    return do_take_message(desk.site, content, read_hl7(content))


def known(desk: Desk, local_id: str = "R12") -> Resident:
    return Resident.objects.get(site=desk.site, local_id=local_id)


@pytest.mark.parametrize("code", ["A01", "A04", "A08", "A28", "A31", "Z99"])
def test_an_unknown_resident_is_registered_with_all_that_is_stated(desk: Desk, code: str) -> None:
    assert take(desk, adt(code)).fault is None
    resident = known(desk)
    assert (resident.ins, resident.ins_status, resident.birth_family) == (INS, "QUAL", "LEFÈVRE")
    assert (resident.used_family, resident.birth_place, resident.present) == ("ROUX", "51454", True)


def test_a_resident_already_here_is_known_by_his_matricule_and_takes_the_homes_identifier(desk: Desk) -> None:
    held = factories.make_resident(desk.site, ins=INS, ins_oid="1.2.250.1.213.1.4.8")
    take(desk, adt("A08", room="31"))
    held.refresh_from_db()
    assert (held.local_id, held.room) == ("R12", "31")
    assert Resident.objects.filter(site=desk.site).count() == 2


def test_an_update_keeps_the_identity_there_was(desk: Desk) -> None:
    take(desk, adt("A28"))
    take(desk, adt("A31", family="LEFEBVRE"))
    change = known(desk).identity_changes.get()
    assert (change.before, change.after) == ({"birth_family": "LEFÈVRE"}, {"birth_family": "LEFEBVRE"})
    assert change.source == "hl7"


def test_a_discharge_takes_the_resident_out_and_an_admission_brings_him_in(desk: Desk) -> None:
    take(desk, adt("A01"))
    take(desk, adt("A03"))
    assert not known(desk).present
    take(desk, adt("A01", control_id="M2"))
    assert known(desk).present


def test_an_absence_for_hospital_is_opened_once_and_closed_by_the_return(desk: Desk) -> None:
    take(desk, adt("A01"))
    take(desk, adt("A21"))
    take(desk, adt("A21", control_id="M2"))
    absence = Absence.objects.get(resident=known(desk))
    assert (absence.left_at.isoformat(), absence.returned_at) == ("2026-11-22T09:30:00+00:00", None)
    take(desk, adt("A22"))
    absence.refresh_from_db()
    assert absence.returned_at is not None
    assert known(desk).present


def test_a_transfer_changes_the_room_and_a_transfer_to_the_hospital_opens_an_absence(desk: Desk) -> None:
    take(desk, adt("A01"))
    take(desk, adt("A02", room="214"))
    assert known(desk).room == "214"
    take(desk, adt("A02", place="HOSPIT", room="1", control_id="M2"))
    assert Absence.objects.get(resident=known(desk)).returned_at is None
    assert (known(desk).room, known(desk).present) == ("214", True)
    take(desk, adt("A02", room="215", control_id="M3"))
    assert Absence.objects.get(resident=known(desk)).returned_at is not None
    assert known(desk).room == "215"


def test_a_leaving_cancelled_is_withdrawn_and_a_return_cancelled_goes_on(desk: Desk) -> None:
    take(desk, adt("A01"))
    take(desk, adt("A21"))
    assert take(desk, adt("A52")).message.problem == ""
    assert Absence.objects.get().withdrawn_at is not None
    take(desk, adt("A21", control_id="M2"))
    take(desk, adt("A22"))
    assert take(desk, adt("A53")).message.problem == ""
    absence = Absence.objects.get(withdrawn_at__isnull=True)
    assert absence.returned_at is None
    assert Entry.objects.filter(action="absence_goes_on").count() == 1


def test_a_cancellation_of_what_was_not_told_is_taken_with_a_remark_and_undoes_no_person(desk: Desk) -> None:
    take(desk, adt("A01"))
    assert take(desk, adt("A52")).message.problem == NO_LEAVING_TO_CANCEL
    assert take(desk, adt("A53")).message.problem == NO_RETURN_TO_CANCEL
    noted = do_leave_for_hospital(known(desk), source=Source.PERSON, at=timezone.now(), user=desk.nurse)
    assert take(desk, adt("A52", control_id="M2")).message.problem == NO_LEAVING_TO_CANCEL
    do_come_back(known(desk), source=Source.PERSON, at=timezone.now(), user=desk.nurse)
    assert take(desk, adt("A53", control_id="M2")).message.problem == NO_RETURN_TO_CANCEL
    noted.refresh_from_db()
    assert (noted.withdrawn_at, noted.returned_by) == (None, desk.nurse)


def test_a_transfer_cancelled_gives_back_the_room_and_takes_back_the_leaving_it_was(desk: Desk) -> None:
    take(desk, adt("A01", room="112"))
    take(desk, adt("A02", place="HOSPITALISATION"))
    take(desk, adt("A12", room="112"))
    assert Absence.objects.get().withdrawn_at is not None
    take(desk, adt("A02", room="31", control_id="M2"))
    take(desk, adt("A12", room="112", control_id="M2"))
    assert known(desk).room == "112"


def test_a_return_by_transfer_cancelled_goes_on_with_the_absence(desk: Desk) -> None:
    take(desk, adt("A01"))
    take(desk, adt("A02", place="HOSPITALISATION"))
    take(desk, adt("A02", room="112", control_id="M2"))
    assert Absence.objects.get().returned_at is not None
    take(desk, adt("A12", place="HOSPITALISATION"))
    assert Absence.objects.get().returned_at is None


def test_an_absence_told_apart_is_not_undone_by_a_transfer_cancelled(desk: Desk) -> None:
    take(desk, adt("A01"))
    take(desk, adt("A02", room="31"))
    take(desk, adt("A21"))
    take(desk, adt("A12", room="112"))
    assert Absence.objects.get().withdrawn_at is None


def test_an_admission_cancelled_takes_the_resident_out_and_a_discharge_cancelled_brings_him_back(desk: Desk) -> None:
    take(desk, adt("A01"))
    take(desk, adt("A11"))
    assert not known(desk).present
    take(desk, adt("A01", control_id="M2"))
    take(desk, adt("A03", control_id="M3"))
    take(desk, adt("A13", control_id="M4"))
    assert known(desk).present


def test_the_attributes_of_the_identity_are_taken_and_taken_away(desk: Desk) -> None:
    take(desk, adt("A28", status="PROV~DOUT~HOMA", ins=""))
    assert (known(desk).doubt, known(desk).homonym) == ("DOUT", True)
    take(desk, adt("A31", status="VALI"))
    assert (known(desk).doubt, known(desk).ins_status, known(desk).homonym) == ("", "QUAL", True)


@pytest.mark.parametrize("code", ["A03", "A21", "A22", "A02", "A11", "A13"])
def test_a_movement_of_nobody_known_is_refused_with_its_reason(desk: Desk, code: str) -> None:
    taken = take(desk, adt(code))
    assert taken.fault is not None
    assert (taken.fault.code, taken.message.verdict) == ("207", "AE")
    assert "pas connu" in taken.message.problem
    assert not Resident.objects.filter(local_id="R12").exists()


def test_a40_puts_the_former_record_into_the_one_that_stays(desk: Desk) -> None:
    take(desk, adt("A28", local_id="R13", ins=""))
    take(desk, adt("A28"))
    assert take(desk, adt("A40", former="R13")).fault is None
    merge = ResidentMerge.objects.get()
    assert (merge.survivor.local_id, merge.absorbed.local_id, merge.source) == ("R12", "R13", "hl7")


def test_a40_about_a_record_never_seen_here_is_taken_and_says_so(desk: Desk) -> None:
    take(desk, adt("A28"))
    taken = take(desk, adt("A40", former="R99"))
    assert (taken.fault, taken.message.problem) == (None, NOTHING_TO_MERGE)


def test_a_message_about_a_merged_record_moves_the_one_that_stands_and_changes_no_identity(desk: Desk) -> None:
    take(desk, adt("A28", local_id="R13", ins=""))
    take(desk, adt("A28"))
    take(desk, adt("A40", former="R13"))
    take(desk, adt("A21", local_id="R13", ins="", family="AUTRE"))
    resident = known(desk)
    assert (resident.birth_family, resident.absences.count()) == ("LEFÈVRE", 1)


def test_the_identifier_of_one_with_the_matricule_of_another_is_refused_and_changes_nothing(desk: Desk) -> None:
    take(desk, adt("A28"))
    other = factories.make_resident(desk.site, local_id="R50", birth_family="PETIT")
    taken = take(desk, adt("A08", local_id="R50", room="99"))
    other.refresh_from_db()
    assert taken.fault is not None
    assert (other.birth_family, other.room) == ("PETIT", "112")


def test_an_identifier_given_to_another_person_is_refused(desk: Desk) -> None:
    held = factories.make_resident(desk.site, local_id="R12", birth_date="1950-01-01")
    assert take(desk, adt("A08")).fault is not None
    held.refresh_from_db()
    assert held.birth_date == "1950-01-01"


def test_the_same_message_again_is_answered_and_done_once(desk: Desk) -> None:
    content = adt("A01")
    first = take(desk, content)
    take(desk, adt("A03"))
    again = take(desk, content)
    assert (again.message, again.fault) == (first.message, None)
    assert not known(desk).present


def test_every_message_is_kept_as_it_came_and_journalled_whatever_the_answer(desk: Desk) -> None:
    contents = [adt("A01"), adt("A99"), adt("A08", local_id="", ins=""), b"bonjour"]
    for content in contents:
        take(desk, content)
    kept = list(AdministrativeMessage.objects.filter(site=desk.site).order_by("pk"))
    assert [store.get(message.blob) for message in kept] == contents
    assert [(message.verdict, message.error_code) for message in kept] == [
        ("AA", ""),
        ("AE", "201"),
        ("AE", "101"),
        ("AE", "100"),
    ]
    entries = Entry.objects.filter(subject_type="administrativemessage").order_by("seq")
    assert [entry.action.rpartition("_")[2] for entry in entries] == ["taken", "refused", "refused", "refused"]


def test_no_name_and_no_matricule_is_in_the_journal_or_in_what_was_refused(desk: Desk) -> None:
    take(desk, adt("A28"))
    take(desk, adt("A21", local_id="R77", ins=""))
    said = str([(entry.action, entry.details) for entry in Entry.objects.all()])
    said += str(list(AdministrativeMessage.objects.values_list("problem", flat=True)))
    assert "LEFÈVRE" not in said
    assert INS not in said


def test_a_home_hears_only_of_its_own_residents(desk: Desk) -> None:
    elsewhere = factories.make_resident(factories.make_site(), local_id="R12", ins=INS)
    take(desk, adt("A08", family="LEFEBVRE"))
    elsewhere.refresh_from_db()
    assert elsewhere.birth_family == "LEFÈVRE"
    assert known(desk).birth_family == "LEFEBVRE"
