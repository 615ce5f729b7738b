"""Asking a hospital for what its letter lacks: one mail to the sender, by one who may, traced."""

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.support import factories
from tests.support.desk import Desk, make_desk, read
from tests.support.letters import SENDER, discharge_letter, patient_of, sending

from liaison.apps.audit.models import Entry
from liaison.apps.blobs import store
from liaison.apps.exchanges.models import Answer
from liaison.apps.exchanges.requests import do_ask_for_missing
from liaison.apps.refusals import AlreadyDone, NotAllowed, NotPossible
from liaison.core.mail.message import read_mail
from liaison.core.mail.values import Address

LACKING = ("La lettre ne dit rien des suites à donner.",)


def test_the_sender_is_asked_once_in_answer_to_his_mail(desk: Desk) -> None:
    document = desk.letter()
    answer = do_ask_for_missing(document, user=desk.secretary, lacking=LACKING)
    mail = read_mail(store.get(answer.blob))
    assert (mail.sender.email, [to.email for to in mail.to]) == (desk.mailbox.address, [SENDER.email])
    assert mail.in_reply_to == document.message.message_id
    assert LACKING[0] in mail.body
    assert str(desk.secretary) in mail.body
    entry = Entry.objects.get(action="missing_asked")
    assert (entry.user, entry.subject_id, entry.details["lines"]) == (desk.secretary, str(document.uuid), 1)
    assert ProcrastinateJob.objects.filter(task_name="send_answer", args={"answer": answer.pk}).count() == 1
    with pytest.raises(AlreadyDone):
        do_ask_for_missing(document, user=desk.secretary, lacking=LACKING)
    assert Answer.objects.filter(kind=Answer.Kind.REQUEST).count() == 1


def test_only_those_who_file_and_hold_the_mailbox_ask(desk: Desk) -> None:
    document = desk.letter()
    for person in (desk.nurse, factories.make_user(desk.site), make_desk().secretary):
        with pytest.raises(NotAllowed):
            do_ask_for_missing(document, user=person, lacking=LACKING)
    assert not Answer.objects.exists()


def test_nothing_is_asked_when_nothing_lacks(desk: Desk) -> None:
    with pytest.raises(NotPossible):
        do_ask_for_missing(desk.letter(), user=desk.secretary, lacking=())


def test_nothing_is_asked_outside_the_trust_circle(desk: Desk) -> None:
    patient = patient_of(desk.resident)
    raw = sending(patient, discharge_letter(patient), sender=Address("inconnu@ailleurs.example"))
    with pytest.raises(NotPossible):
        do_ask_for_missing(read(desk.mailbox, raw).documents.get(), user=desk.secretary, lacking=LACKING)
    assert not Answer.objects.exists()
