"""Mails of ours: a hospital asked for a letter that never came, a doctor told that what he holds is withdrawn."""

from datetime import timedelta

import pytest
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.support import factories
from tests.support.desk import Desk, make_desk
from tests.support.letters import SENDER

from liaison.apps.audit.models import Entry
from liaison.apps.blobs import store
from liaison.apps.exchanges.compose import reference_of
from liaison.apps.exchanges.hospitals import hospital_of, hospitals_of
from liaison.apps.exchanges.models import Note, Recipient
from liaison.apps.exchanges.notes import do_ask_for_letter, do_tell_withdrawal
from liaison.apps.filing.actions import do_file, do_unfile
from liaison.apps.refusals import AlreadyDone, NotAllowed, NotPossible
from liaison.apps.residents.models import Absence, Source
from liaison.apps.residents.stays import do_come_back, do_leave_for_hospital
from liaison.core.mail.message import read_mail
from liaison.core.mail.values import Mail

pytestmark = pytest.mark.django_db

HOSPITAL = "chirurgie@hopital.mssante.fr"


@pytest.fixture
def absence(desk: Desk) -> Absence:
    """A stay that ended yesterday."""
    now = timezone.now()
    do_leave_for_hospital(desk.resident, source=Source.HL7, at=now - timedelta(days=6))
    back = do_come_back(desk.resident, source=Source.HL7, at=now - timedelta(days=1))
    assert back
    return back


def mail_of(note: Note) -> Mail:
    return read_mail(store.get(note.blob))


def test_a_hospital_is_asked_for_the_letter_in_one_act(desk: Desk, absence: Absence) -> None:
    note = do_ask_for_letter(absence, user=desk.secretary, address=HOSPITAL, hospital="CHU – Chirurgie")
    mail = mail_of(note)
    assert (mail.sender.email, [to.email for to in mail.to]) == (desk.mailbox.address, [HOSPITAL])
    assert desk.resident.birth_family in mail.subject
    for words in ("12/04/1938", "R.1112-1-2", str(desk.secretary)):
        assert words in mail.body
    absence.refresh_from_db()
    assert hospital_of(absence)
    assert (absence.hospital, absence.hospital_address) == ("CHU – Chirurgie", HOSPITAL)
    assert ProcrastinateJob.objects.filter(task_name="send_note", args={"note": note.pk}).count() == 1
    entry = Entry.objects.get(action="letter_asked")
    assert (entry.user, entry.resident, entry.subject_id) == (desk.secretary, desk.resident, str(note.uuid))


def test_a_letter_is_asked_again_only_once_the_hospital_had_the_time_to_answer(desk: Desk, absence: Absence) -> None:
    do_ask_for_letter(absence, user=desk.secretary, address=HOSPITAL)
    with pytest.raises(AlreadyDone):
        do_ask_for_letter(absence, user=desk.doctor, address=HOSPITAL)
    Note.objects.update(asked_at=timezone.now() - timedelta(days=1))
    do_ask_for_letter(absence, user=desk.doctor, address=HOSPITAL)
    assert absence.notes.count() == 2


def test_no_letter_is_asked_for_outside_the_trust_circle_or_by_one_who_holds_no_mailbox(
    desk: Desk, absence: Absence
) -> None:
    with pytest.raises(NotPossible):
        do_ask_for_letter(absence, user=desk.secretary, address="chirurgie@orange.fr")
    for person in (desk.nurse, make_desk().secretary):
        with pytest.raises(NotAllowed):
            do_ask_for_letter(absence, user=person, address=HOSPITAL)
    assert not Note.objects.exists()


def test_the_hospitals_known_are_those_that_wrote_and_those_that_were_named(desk: Desk, absence: Absence) -> None:
    assert hospitals_of(desk.site) == []
    desk.letter()
    do_ask_for_letter(absence, user=desk.secretary, address=HOSPITAL, hospital="CHU – Chirurgie")
    assert [(one.name, one.address) for one in hospitals_of(desk.site)] == [
        (SENDER.label, SENDER.email),
        ("CHU – Chirurgie", HOSPITAL),
    ]
    assert hospitals_of(make_desk().site) == []


def unfiled(desk: Desk) -> Recipient:
    """A document sent to the GP, then taken out of the record."""
    recipient = desk.sent()
    filing = recipient.transmission.document.filings.get()
    do_unfile(filing, user=desk.secretary, reason="mauvais dossier")
    recipient.refresh_from_db()
    return recipient


def test_a_doctor_is_told_once_that_what_he_holds_is_out_of_the_record(desk: Desk) -> None:
    recipient = unfiled(desk)
    note = do_tell_withdrawal(recipient, user=desk.secretary)
    mail = mail_of(note)
    assert (note.address, mail.in_reply_to) == (recipient.address, recipient.message_id)
    assert f"[réf {reference_of(recipient.transmission)}]" in mail.subject
    assert "rattaché par erreur" in mail.body
    assert Entry.objects.get(action="correction_told").resident == desk.resident
    with pytest.raises(AlreadyDone):
        do_tell_withdrawal(recipient, user=desk.doctor)


def test_a_document_filed_again_with_somebody_else_is_still_withdrawn_for_the_first(desk: Desk) -> None:
    recipient = unfiled(desk)
    right = factories.make_resident(desk.site, birth_family="MOREAU")
    do_file(recipient.transmission.document, resident=right, user=desk.secretary)
    assert do_tell_withdrawal(recipient, user=desk.secretary)


def test_nobody_is_told_of_the_withdrawal_of_what_stands(desk: Desk) -> None:
    recipient = desk.sent()
    with pytest.raises(NotPossible):
        do_tell_withdrawal(recipient, user=desk.secretary)
    with pytest.raises(NotAllowed):
        do_tell_withdrawal(recipient, user=desk.nurse)
