"""What persons said of a letter stays true in its next version; tasks have a day, are done, undone and put off."""

from datetime import date, timedelta

import pytest
from django.utils import timezone
from tests.support import factories
from tests.support.desk import Desk, make_desk, read, returned_to
from tests.support.letters import SENDER, discharge_letter, patient_of, sending

from liaison.apps.audit.models import Entry
from liaison.apps.filing.actions import do_file, do_unfile
from liaison.apps.intake.models import Document
from liaison.apps.refusals import AlreadyDone, NotAllowed, NotPossible
from liaison.apps.residents.actions import (
    do_complete_task,
    do_confirm_allergy,
    do_put_off_task,
    do_refuse_allergy,
    do_reopen_task,
)
from liaison.apps.residents.letters import day_to_look
from liaison.apps.residents.models import FollowUpTask, RecordedAllergy

pytestmark = pytest.mark.django_db


def filed(desk: Desk, number: int) -> Document:
    patient = patient_of(desk.resident)
    raw = sending(patient, discharge_letter(patient, number=740, version=number))
    document = read(desk.mailbox, returned_to(SENDER.email, raw)).documents.get()
    desk.file(document)
    return document


def allergy_of(document: Document) -> RecordedAllergy:
    return document.allergies.get(withdrawn_at__isnull=True)


def task_of(document: Document, kind: FollowUpTask.Kind = FollowUpTask.Kind.FOLLOW_UP) -> FollowUpTask:
    return document.follow_up_tasks.get(withdrawn_at__isnull=True, kind=kind)


def test_a_confirmed_allergy_and_a_task_done_are_carried_to_the_version_that_replaces(desk: Desk) -> None:
    old = filed(desk, 1)
    do_confirm_allergy(allergy_of(old), user=desk.nurse)
    do_complete_task(task_of(old), user=desk.nurse)
    new = filed(desk, 2)
    assert (allergy_of(new).confirmed_by, task_of(new).done_by) == (desk.nurse, desk.nurse)
    assert task_of(new, FollowUpTask.Kind.EXPECTED_RESULT).done_at is None


def test_what_was_said_of_the_newer_version_goes_back_with_the_older_one(desk: Desk) -> None:
    old, new = filed(desk, 1), filed(desk, 2)
    do_refuse_allergy(allergy_of(new), user=desk.doctor, reason="intolérance digestive")
    do_unfile(new.filings.get(), user=desk.secretary, reason="mauvaise version")
    assert (allergy_of(old).refused_by, allergy_of(old).refused_reason) == (desk.doctor, "intolérance digestive")


def test_a_document_filed_again_finds_what_was_said_of_it(desk: Desk) -> None:
    document = filed(desk, 1)
    do_complete_task(task_of(document), user=desk.nurse)
    do_unfile(document.filings.get(), user=desk.secretary, reason="erreur")
    desk.file(document)
    assert task_of(document).done_by == desk.nurse


def test_what_was_said_in_the_wrong_record_does_not_follow_into_the_right_one(desk: Desk) -> None:
    document = filed(desk, 1)
    do_confirm_allergy(allergy_of(document), user=desk.nurse)
    do_unfile(document.filings.get(), user=desk.secretary, reason="mauvais dossier")
    other = factories.make_resident(desk.site, birth_family="MOREAU")
    do_file(document, resident=other, user=desk.secretary)
    assert allergy_of(document).confirmed_at is None


def test_each_thing_written_has_its_place_in_the_letter(desk: Desk) -> None:
    document = filed(desk, 1)
    for row in (allergy_of(document), task_of(document)):
        assert row.section
        assert row.place
    stay = document.stays.get()
    assert (stay.service, stay.discharge_mode) == ("Gériatrie", "EHPAD")


@pytest.mark.parametrize(
    ("due", "day"),
    [
        ("2026-12-15", date(2026, 12, 15)),
        ("2026-12-15T10:00:00+01:00", date(2026, 12, 15)),
        ("2026-12", date(2026, 12, 1)),
        ("2027", date(2027, 1, 1)),
        ("", date(2026, 11, 27)),
        ("2026-13-45", date(2026, 11, 27)),
    ],
)
def test_a_task_is_looked_at_on_its_day_or_a_week_after_the_letter(due: str, day: date) -> None:
    assert day_to_look(due, "2026-11-20T10:30:00+01:00") == day


def test_a_letter_without_any_date_is_looked_at_in_a_week() -> None:
    assert day_to_look("", "") == timezone.localdate() + timedelta(days=7)


def test_a_task_is_done_undone_and_put_off_by_those_who_care(desk: Desk) -> None:
    task = task_of(filed(desk, 1))
    do_complete_task(task, user=desk.nurse)
    with pytest.raises(NotPossible):
        do_put_off_task(task, user=desk.nurse, until=timezone.localdate() + timedelta(days=1))
    do_reopen_task(task, user=desk.doctor)
    with pytest.raises(AlreadyDone):
        do_reopen_task(task, user=desk.doctor)
    with pytest.raises(NotPossible):
        do_put_off_task(task, user=desk.nurse, until=timezone.localdate() - timedelta(days=1))
    later = timezone.localdate() + timedelta(days=9)
    do_put_off_task(task, user=desk.nurse, until=later)
    task.refresh_from_db()
    assert (task.done_at, task.look_on, task.due) == (None, later, "2026-12-15")
    for act in (do_complete_task, do_reopen_task):
        with pytest.raises(NotAllowed):
            act(task, user=make_desk().nurse)
    said = Entry.objects.filter(resident=desk.resident, subject_type="followuptask").values_list("action", flat=True)
    assert set(said) == {"task_completed", "task_reopened", "task_put_off"}


def test_an_allergy_is_refused_with_a_reason_and_may_be_confirmed_after(desk: Desk) -> None:
    allergy = allergy_of(filed(desk, 1))
    with pytest.raises(NotPossible):
        do_refuse_allergy(allergy, user=desk.nurse, reason=" ")
    do_refuse_allergy(allergy, user=desk.nurse, reason="jamais allergique")
    with pytest.raises(AlreadyDone):
        do_refuse_allergy(allergy, user=desk.nurse, reason="jamais allergique")
    do_confirm_allergy(allergy, user=desk.doctor)
    allergy.refresh_from_db()
    assert (allergy.confirmed_by, allergy.refused_at) == (desk.doctor, None)
