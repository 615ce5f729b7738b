"""What a sender is answered: the MDN on filing, the ANS error otherwise, a read receipt by a person's act alone."""

from dataclasses import replace
from typing import Any

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.support import factories
from tests.support.desk import Desk, make_desk, read, returned_to
from tests.support.letters import SENDER, discharge_letter, patient_of, sending
from tests.support.replies import dsn_of_answer

from liaison.apps.audit.models import Entry
from liaison.apps.blobs import store
from liaison.apps.exchanges.answers import do_acknowledge_reading, do_confirm_answer, do_drop_answer
from liaison.apps.exchanges.models import Answer
from liaison.apps.exchanges.requests import do_ask_for_missing
from liaison.apps.filing.actions import do_file
from liaison.apps.filing.setting_aside import do_send_back, do_set_aside, do_take_up_again
from liaison.apps.intake.models import Document, RawMessage
from liaison.apps.refusals import AlreadyDone, NotAllowed, NotPossible
from liaison.apps.residents.models import Stay
from liaison.core.mail.message import read_mail
from liaison.core.mail.reports import read_reports
from liaison.core.people import Patient

pytestmark = pytest.mark.django_db

State = Document.State


def stranger() -> Patient:
    return patient_of(factories.make_resident(make_desk().site, birth_family="MOREAU", birth_date="1941-02-03"))


def arrived(desk: Desk, patient: Patient, *, without: str = "", **headers: str) -> Document:
    """A letter about this patient; ``without`` is a header the message loses, ``headers`` those it gets."""
    raw = sending(patient, discharge_letter(patient))
    lines = raw.split(b"\r\n")
    kept = [line for line in lines if not (without and line.startswith(without.encode()))]
    added = [f"{name.replace('_', '-')}: {value}".encode() for name, value in headers.items()]
    return read(desk.mailbox, returned_to(SENDER.email, b"\r\n".join([*added, *kept]))).documents.get()


def fresh(document: Document) -> Document:
    document.refresh_from_db()
    return document


def test_not_ours_goes_back_by_an_error_mdn_with_the_code_of_the_rule(desk: Desk) -> None:
    document = arrived(desk, stranger())
    assert (document.state, document.proposal.rule) == (State.TO_MATCH, 5)
    answer = do_send_back(document, user=desk.secretary)
    assert (answer.kind, answer.error_code, answer.document) == (Answer.Kind.ERROR, "902", document)
    mail = read_mail(store.get(answer.blob))
    assert mail.category == "report"
    assert mail.subject.startswith("[KO Intégration système !][902] XDM/1.0/DDM+")
    report = read_reports(mail)[0]
    assert (report.error_code, report.original_message_id) == ("902", document.message.message_id)
    document = fresh(document)
    assert (document.state, "902" in document.set_aside_reason) == (State.SET_ASIDE, True)
    assert document.message.handling == RawMessage.Handling.DONE
    assert not Stay.objects.exists()
    assert Entry.objects.get(action="document_sent_back").details["error_code"] == "902"


@pytest.mark.parametrize(
    ("claim", "code"),
    [({"ins": "", "ins_oid": ""}, "903"), ({"birth_date": "1938-04-13"}, "904"), ({"birth_place": ""}, "905")],
    ids=["no INS", "a trait differs", "incomplete INS"],
)
def test_the_code_sent_back_is_that_of_the_rule(desk: Desk, claim: dict[str, Any], code: str) -> None:
    document = arrived(desk, replace(patient_of(desk.resident), **claim))
    assert do_send_back(document, user=desk.secretary).error_code == code


def test_where_the_rule_has_no_code_the_patient_is_unknown_here(desk: Desk) -> None:
    document = desk.letter()
    assert document.proposal.rule == 1
    assert do_send_back(document, user=desk.secretary).error_code == "902"


def test_an_error_is_told_by_an_ordinary_mail_where_no_receipt_was_asked_for(desk: Desk) -> None:
    document = arrived(desk, stranger(), without="Disposition-Notification-To")
    assert not document.message.requests_mdn
    answer = do_send_back(document, user=desk.secretary)
    mail = read_mail(store.get(answer.blob))
    assert answer.address == SENDER.email
    assert mail.subject.startswith("[KO Intégration système !][902]")
    assert b"multipart/mixed" in store.get(answer.blob)
    assert mail.in_reply_to == document.message.message_id


def test_filing_answers_nothing_where_no_receipt_was_asked_for(desk: Desk) -> None:
    document = arrived(desk, patient_of(desk.resident), without="Disposition-Notification-To")
    do_file(document, resident=desk.resident, user=desk.secretary)
    assert not Answer.objects.exists()


@pytest.mark.parametrize("header", ["Auto_Submitted", "X_Autoreply"])
def test_an_automatic_message_is_never_answered(desk: Desk, header: str) -> None:
    document = arrived(desk, stranger(), **{header: "auto-replied"})
    assert document.message.category == RawMessage.Category.AUTOMATIC
    with pytest.raises(NotPossible):
        do_send_back(document, user=desk.secretary)
    with pytest.raises(NotPossible):
        do_acknowledge_reading(document.message, user=desk.secretary)
    with pytest.raises(NotPossible):
        do_ask_for_missing(document, user=desk.secretary, lacking=["Il manque la synthèse."])
    do_file(document, resident=desk.resident, user=desk.secretary)
    assert not Answer.objects.exists()


def test_what_came_from_nobody_is_never_answered(desk: Desk) -> None:
    patient = stranger()
    document = read(desk.mailbox, returned_to("", sending(patient, discharge_letter(patient)))).documents.get()
    with pytest.raises(NotPossible):
        do_send_back(document, user=desk.secretary)


def test_a_sender_outside_the_trust_circle_is_never_answered(desk: Desk) -> None:
    patient = stranger()
    raw = sending(patient, discharge_letter(patient)).replace(SENDER.email.encode(), b"gens@ailleurs.fr")
    document = read(desk.mailbox, returned_to("gens@ailleurs.fr", raw)).documents.get()
    with pytest.raises(NotPossible):
        do_send_back(document, user=desk.secretary)
    assert fresh(document).state == State.TO_MATCH


def test_a_receipt_asked_for_at_another_address_waits_for_a_person(desk: Desk) -> None:
    patient = patient_of(desk.resident)
    raw = returned_to("autre@hopital.mssante.fr", sending(patient, discharge_letter(patient)))
    document = read(desk.mailbox, raw).documents.get()
    do_file(document, resident=desk.resident, user=desk.secretary)
    answer = Answer.objects.get()
    assert answer.state == Answer.State.HELD
    assert not ProcrastinateJob.objects.filter(task_name="send_answer").exists()
    with pytest.raises(NotAllowed):
        do_confirm_answer(answer, user=desk.nurse)
    do_confirm_answer(answer, user=desk.secretary)
    answer.refresh_from_db()
    assert (answer.state, answer.asked_by) == (Answer.State.TO_SEND, desk.secretary)
    assert ProcrastinateJob.objects.filter(task_name="send_answer", args={"answer": answer.pk}).count() == 1
    with pytest.raises(AlreadyDone):
        do_drop_answer(answer, user=desk.secretary)


def test_a_read_receipt_is_a_persons_act_done_once(desk: Desk) -> None:
    message = desk.letter().message
    assert not Answer.objects.exists()
    with pytest.raises(NotAllowed):
        do_acknowledge_reading(message, user=desk.nurse)
    answer = do_acknowledge_reading(message, user=desk.secretary)
    report = read_reports(read_mail(store.get(answer.blob)))[0]
    assert (report.action, report.original_message_id) == ("displayed", message.message_id)
    assert b"manual-action/MDN-sent-manually; displayed" in store.get(answer.blob)
    entry = Entry.objects.get(action="answer_prepared")
    assert (entry.user, entry.details["kind"]) == (desk.secretary, "displayed")
    with pytest.raises(AlreadyDone):
        do_acknowledge_reading(message, user=desk.doctor)


def test_an_answer_is_linked_to_its_document_and_in_the_journal_of_the_resident(desk: Desk) -> None:
    document = desk.filed()
    answer = Answer.objects.get()
    assert (answer.kind, answer.document) == (Answer.Kind.PROCESSED, document)
    entry = Entry.objects.get(action="answer_prepared")
    assert (entry.resident, entry.subject_id) == (desk.resident, str(document.uuid))


def test_not_medical_wants_a_reason_tells_nobody_and_can_be_undone(desk: Desk) -> None:
    document = desk.letter()
    with pytest.raises(NotPossible):
        do_set_aside(document, user=desk.secretary, reason=" ")
    do_set_aside(document, user=desk.secretary, reason="publicité")
    assert (fresh(document).state, document.message.handling) == (State.SET_ASIDE, RawMessage.Handling.DONE)
    assert not Answer.objects.exists()
    with pytest.raises(AlreadyDone):
        do_set_aside(document, user=desk.secretary, reason="publicité")
    do_take_up_again(document, user=desk.secretary)
    document = Document.objects.get(pk=document.pk)
    assert (document.state, document.set_aside_reason) == (State.PROPOSED, "")
    assert document.message.handling == RawMessage.Handling.TO_DO
    with pytest.raises(AlreadyDone):
        do_take_up_again(document, user=desk.secretary)
    desk.file(document)
    with pytest.raises(NotPossible):
        do_set_aside(document, user=desk.secretary, reason="erreur")


def test_a_document_sent_back_by_mistake_is_taken_up_filed_and_the_sender_told(desk: Desk) -> None:
    document = arrived(desk, patient_of(desk.resident))
    do_send_back(document, user=desk.secretary)
    do_take_up_again(document, user=desk.secretary)
    do_file(document, resident=desk.resident, user=desk.secretary)
    kinds = list(document.answers.values_list("kind", flat=True))
    assert kinds == [Answer.Kind.ERROR, Answer.Kind.PROCESSED]


def test_only_those_who_file_send_back_set_aside_and_take_up(desk: Desk) -> None:
    document = desk.letter()
    for act in (do_send_back, do_take_up_again):
        with pytest.raises(NotAllowed):
            act(document, user=desk.nurse)
    with pytest.raises(NotAllowed):
        do_set_aside(document, user=make_desk().secretary, reason="publicité")


def test_an_answer_that_did_not_arrive_says_so_and_shows_the_report(desk: Desk) -> None:
    desk.filed()
    answer = Answer.objects.get()
    message = read(desk.mailbox, dsn_of_answer(answer))
    answer.refresh_from_db()
    assert answer.undelivered_at
    assert message.handling == RawMessage.Handling.TO_DO
    assert Entry.objects.filter(action="answer_undelivered").count() == 1
