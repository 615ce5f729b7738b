"""From a document to a record and back: all of it or none, once, by those who may, and never at another site."""

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.support import factories
from tests.support.desk import Desk, make_desk, read, returned_to
from tests.support.letters import SENDER, discharge_letter, drug, patient_of, sending

from liaison.apps.audit.models import Entry
from liaison.apps.blobs import store
from liaison.apps.exchanges.models import Answer
from liaison.apps.filing.actions import do_file, do_propose, do_unfile
from liaison.apps.filing.setting_aside import do_set_aside
from liaison.apps.intake.actions import do_mark_handled, do_reopen
from liaison.apps.intake.models import Document, RawMessage
from liaison.apps.organisations.models import Role
from liaison.apps.refusals import AlreadyDone, NotAllowed, NotPossible, Refused
from liaison.apps.residents.actions import do_complete_task, do_confirm_allergy
from liaison.apps.residents.models import FollowUpTask, RecordedAllergy, Stay
from liaison.apps.treatments.models import Reconciliation, TreatmentLine
from liaison.core.mail.message import read_mail
from liaison.core.mail.reports import read_reports
from liaison.core.mail.values import Address

DRUGS = {"at_discharge": (drug("FUROSEMIDE 40 mg"),)}


def nothing_is_written() -> bool:
    derived = (Stay, RecordedAllergy, FollowUpTask, Reconciliation, Answer)
    return not any(model.objects.exists() for model in derived)


def test_filing_writes_what_the_letter_says_each_with_its_source(desk: Desk) -> None:
    document = desk.filed(**DRUGS)
    assert document.state == Document.State.FILED
    stay = desk.resident.stays.get(document=document)
    assert (stay.start, stay.end, stay.hospital) == ("2026-11-12", "2026-11-20", "CHU de Reims")
    assert stay.reason == "Décompensation cardiaque"
    assert "diurétiques" in stay.synthesis
    allergy = desk.resident.allergies.get(document=document)
    assert (allergy.agent, allergy.reaction, allergy.confirmed_at) == ("Pénicilline", "Urticaire", None)
    tasks = desk.resident.follow_up_tasks.filter(document=document)
    assert {(task.kind, task.label, task.due[:10]) for task in tasks} == {
        ("expected_result", "Hémocultures du 19/11", ""),
        ("follow_up", "Consultation de cardiologie", "2026-12-15"),
    }
    assert desk.resident.reconciliations.get(document=document).lines.get().label.startswith("FUROSEMIDE")


def test_filing_changes_no_treatment(desk: Desk) -> None:
    factories.take(desk.resident, "FUROSEMIDE 20 mg")
    before = list(TreatmentLine.objects.values())
    desk.filed(at_discharge=(drug("FUROSEMIDE 40 mg"),), stopped=(drug("FUROSEMIDE 20 mg"),))
    assert list(TreatmentLine.objects.values()) == before


def test_filing_leaves_who_when_and_by_which_rule(desk: Desk) -> None:
    document = desk.filed()
    filing = document.filings.get()
    assert (filing.filed_by, filing.automatic, filing.rule) == (desk.secretary, False, 1)
    entry = Entry.objects.get(action="document_filed")
    assert (entry.user, entry.resident, entry.subject_id) == (desk.secretary, desk.resident, str(document.uuid))
    assert (entry.details["rule"], entry.details["filing"]) == (1, filing.pk)


def test_filing_answers_processed_to_the_hospital_that_asked(desk: Desk) -> None:
    document = desk.filed()
    answer = Answer.objects.get(original=document.message)
    assert (answer.kind, answer.address) == (Answer.Kind.PROCESSED, SENDER.email)
    report = read_reports(read_mail(store.get(answer.blob)))[0]
    assert (report.type, report.action, report.error_code) == ("mdn", "processed", "")
    assert report.original_message_id == document.message.message_id
    assert ProcrastinateJob.objects.filter(task_name="send_answer", args={"answer": answer.pk}).count() == 1


@pytest.mark.parametrize("sender", ["", "autre@hopital.mssante.fr"], ids=["no return path", "another return path"])
def test_no_answer_goes_by_itself_where_the_envelope_did_not_come_from(desk: Desk, sender: str) -> None:
    patient = patient_of(desk.resident)
    raw = sending(patient, discharge_letter(patient))
    document = read(desk.mailbox, returned_to(sender, raw) if sender else raw).documents.get()
    desk.file(document)
    assert Answer.objects.get().state == Answer.State.HELD
    assert not ProcrastinateJob.objects.filter(task_name="send_answer").exists()


def test_no_answer_leaves_the_trust_circle(desk: Desk) -> None:
    patient = patient_of(desk.resident)
    outside = Address("inconnu@ailleurs.example")
    raw = returned_to(outside.email, sending(patient, discharge_letter(patient), sender=outside))
    desk.file(read(desk.mailbox, raw).documents.get())
    assert not Answer.objects.exists()


def test_a_message_is_handled_once_all_its_documents_are(desk: Desk) -> None:
    document = desk.letter()
    assert document.message.handling == RawMessage.Handling.TO_DO
    desk.file(document)
    message = RawMessage.objects.get(pk=document.message_id)
    assert (message.handling, message.handled_by) == (RawMessage.Handling.DONE, desk.secretary)
    do_reopen(message, user=desk.secretary)
    with pytest.raises(AlreadyDone):
        do_reopen(message, user=desk.secretary)
    do_mark_handled(message, user=desk.secretary)
    with pytest.raises(AlreadyDone):
        do_mark_handled(message, user=desk.secretary)


def test_a_document_filed_is_not_filed_again(desk: Desk) -> None:
    document = desk.filed()
    with pytest.raises(AlreadyDone):
        desk.file(document)
    assert document.filings.count() == Stay.objects.count() == 1


@pytest.mark.parametrize("role", [Role.NURSE, Role.ADMINISTRATOR])
def test_neither_nurse_nor_administrator_files_or_sets_aside(desk: Desk, role: Role) -> None:
    document, person = desk.letter(), factories.make_user(desk.site, role)
    with pytest.raises(NotAllowed):
        do_file(document, resident=desk.resident, user=person)
    with pytest.raises(NotAllowed):
        do_set_aside(document, user=person, reason="erreur")
    assert nothing_is_written()


def test_a_coordinating_doctor_files(desk: Desk) -> None:
    assert do_file(desk.letter(), resident=desk.resident, user=desk.doctor).filed_by == desk.doctor


def test_a_secretary_of_another_site_files_nothing_here(desk: Desk) -> None:
    with pytest.raises(NotAllowed):
        do_file(desk.letter(), resident=desk.resident, user=make_desk().secretary)
    assert nothing_is_written()


def test_a_document_never_goes_into_the_record_of_another_site(desk: Desk) -> None:
    document, elsewhere = desk.letter(), make_desk()
    with pytest.raises(NotPossible):
        do_file(document, resident=elsewhere.resident, user=desk.secretary)
    assert nothing_is_written()


def test_the_software_files_nobody_but_the_resident_of_rule_1(desk: Desk) -> None:
    document = desk.letter()
    other = factories.make_resident(desk.site, birth_family="MOREAU")
    with pytest.raises(NotAllowed):
        do_file(document, resident=other, user=None)
    document.proposal.rule = 2
    document.proposal.save()
    with pytest.raises(NotAllowed):
        do_file(document, resident=desk.resident, user=None)
    assert nothing_is_written()


def test_a_filing_that_breaks_half_way_leaves_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    document, entries = desk.letter(), Entry.objects.count()

    def broken(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("liaison.apps.filing.derived.open_reconciliation", broken)
    with pytest.raises(RuntimeError):
        desk.file(document)
    document.refresh_from_db()
    assert (document.state, Entry.objects.count()) == (Document.State.PROPOSED, entries)
    assert nothing_is_written()


def test_unfiling_strikes_all_that_the_letter_wrote(desk: Desk) -> None:
    document = desk.filed(**DRUGS)
    do_unfile(document.filings.get(), user=desk.secretary, reason=" mauvais dossier ")
    document.refresh_from_db()
    filing = document.filings.get()
    assert (filing.withdrawn_by, filing.withdrawn_reason) == (desk.secretary, "mauvais dossier")
    assert document.state == Document.State.TO_MATCH
    for model in (Stay, RecordedAllergy, FollowUpTask):
        assert model.objects.exists()
        assert not model.objects.filter(withdrawn_at__isnull=True).exists()
    assert desk.resident.reconciliations.get().state == Reconciliation.State.WITHDRAWN
    document.message.refresh_from_db()
    assert document.message.handling == RawMessage.Handling.TO_DO
    assert Entry.objects.get(action="document_unfiled").resident == desk.resident


def test_unfiling_wants_a_reason_a_right_and_happens_once(desk: Desk) -> None:
    filing = desk.filed().filings.get()
    with pytest.raises(NotPossible):
        do_unfile(filing, user=desk.secretary, reason="  ")
    with pytest.raises(NotAllowed):
        do_unfile(filing, user=desk.nurse, reason="erreur")
    do_unfile(filing, user=desk.secretary, reason="erreur")
    with pytest.raises(AlreadyDone):
        do_unfile(filing, user=desk.secretary, reason="erreur")


def test_a_document_unfiled_is_filed_again_in_the_right_record_and_answered_once(desk: Desk) -> None:
    document = desk.filed(**DRUGS)
    do_unfile(document.filings.get(), user=desk.secretary, reason="mauvais dossier")
    right = factories.make_resident(desk.site, birth_family="MOREAU")
    do_file(document, resident=right, user=desk.secretary)
    assert [filing.resident for filing in document.filings.filter(withdrawn_at__isnull=True)] == [right]
    assert document.filings.count() == 2
    assert right.stays.filter(withdrawn_at__isnull=True).count() == right.reconciliations.count() == 1
    assert not desk.resident.stays.filter(withdrawn_at__isnull=True).exists()
    assert Answer.objects.count() == 1


def test_a_duplicate_is_never_filed_and_its_message_waits_for_nobody(desk: Desk) -> None:
    patient = patient_of(desk.resident)
    letter = discharge_letter(patient)
    desk.file(read(desk.mailbox, sending(patient, letter)).documents.get())
    again = read(desk.mailbox, sending(patient, letter)).documents.get()
    assert again.state == Document.State.DUPLICATE
    assert RawMessage.objects.get(pk=again.message_id).handling == RawMessage.Handling.DONE
    with pytest.raises(AlreadyDone):
        desk.file(again)
    assert Stay.objects.count() == 1


def test_the_same_letter_received_by_two_sites_is_no_duplicate(desk: Desk) -> None:
    patient = patient_of(desk.resident)
    letter = discharge_letter(patient)
    read(desk.mailbox, sending(patient, letter))
    elsewhere = read(make_desk().mailbox, sending(patient, letter)).documents.get()
    assert elsewhere.state != Document.State.DUPLICATE


def test_proposing_again_changes_nothing_once_a_person_decided(desk: Desk) -> None:
    document = desk.filed()
    assert do_propose(document) is None
    assert document.filings.count() == 1


def test_an_allergy_is_confirmed_and_a_task_done_once_each_with_its_name(desk: Desk) -> None:
    desk.filed()
    allergy, task = desk.resident.allergies.get(), desk.resident.follow_up_tasks.first()
    assert task is not None
    do_confirm_allergy(allergy, user=desk.doctor)
    do_complete_task(task, user=desk.nurse)
    allergy.refresh_from_db()
    task.refresh_from_db()
    assert (allergy.confirmed_by, task.done_by) == (desk.doctor, desk.nurse)
    with pytest.raises(Refused):
        do_confirm_allergy(allergy, user=desk.doctor)
    with pytest.raises(Refused):
        do_complete_task(task, user=desk.nurse)
    assert set(Entry.objects.filter(resident=desk.resident).values_list("action", flat=True)) >= {
        "allergy_confirmed",
        "task_completed",
    }
