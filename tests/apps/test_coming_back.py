"""What comes back, attached to its exchange: reports move a recipient forward only, answers are found and read."""

from itertools import permutations
from typing import cast

import pytest
from tests.support.desk import Desk, make_desk, read
from tests.support.letters import NOW, discharge_letter, drug, package, patient_of
from tests.support.replies import dsn_about, mdn_about, message_to, reply_to

from liaison.apps.audit.models import Entry
from liaison.apps.blobs import store
from liaison.apps.exchanges.actions import do_deliver, do_handle_reply
from liaison.apps.exchanges.compose import reference_of
from liaison.apps.exchanges.models import Answer, Receipt, Recipient, Reply
from liaison.apps.intake.models import Document, RawMessage
from liaison.apps.intake.pipeline import do_read
from liaison.apps.refusals import AlreadyDone
from liaison.core.mail.compose import compose
from liaison.core.mail.message import read_mail
from liaison.core.mail.report_writing import compose_mdn
from liaison.core.mail.values import Address, Attachment, OutgoingMail
from liaison.demo.operator.reports import Action

pytestmark = pytest.mark.django_db

State = Recipient.State


@pytest.fixture
def sent(desk: Desk) -> Recipient:
    """A message of ours that the server took."""
    recipient = desk.sent(at_discharge=(drug("APIXABAN 5 mg"), drug("RAMIPRIL 5 mg")))
    return set_state(recipient, State.SENT)


def set_state(recipient: Recipient, state: State) -> Recipient:
    recipient.state = state
    recipient.save()
    return recipient


def come_back(desk: Desk, recipient: Recipient, raw: bytes) -> RawMessage:
    message = read(desk.mailbox, raw)
    recipient.refresh_from_db()
    return message


def report(recipient: Recipient, said: str) -> bytes:
    return mdn_about(recipient) if said == "displayed" else dsn_about(recipient, cast("Action", said))


def test_a_delivery_report_says_delivered(desk: Desk, sent: Recipient) -> None:
    message = come_back(desk, sent, dsn_about(sent, "delivered"))
    assert (sent.state, message.category) == (State.DELIVERED, RawMessage.Category.REPORT)
    assert sent.delivered_at
    receipt = sent.receipts.get()
    assert (receipt.type, receipt.action, receipt.message) == ("dsn", "delivered", message)
    assert message.handling == RawMessage.Handling.DONE
    entry = Entry.objects.get(action="receipt_attached")
    assert (entry.resident, entry.details["message_id"]) == (desk.resident, sent.message_id)


def test_a_read_report_says_read(desk: Desk, sent: Recipient) -> None:
    come_back(desk, sent, mdn_about(sent))
    assert sent.state == State.READ
    assert sent.read_at


@pytest.mark.parametrize("order", list(permutations(["delivered", "displayed", "delayed"])), ids="-".join)
def test_reports_in_any_order_end_in_the_same_state(desk: Desk, sent: Recipient, order: tuple[str, ...]) -> None:
    for said in order:
        come_back(desk, sent, report(sent, said))
    assert sent.state == State.READ
    assert sent.delivered_at
    assert sent.read_at
    assert sent.receipts.count() == 3


def test_a_report_received_twice_is_kept_twice_and_changes_nothing(desk: Desk, sent: Recipient) -> None:
    come_back(desk, sent, dsn_about(sent, "delivered"))
    first = sent.delivered_at
    come_back(desk, sent, dsn_about(sent, "delivered"))
    assert (sent.state, sent.delivered_at) == (State.DELIVERED, first)
    assert sent.receipts.count() == 2


def test_a_report_faster_than_the_servers_answer_is_not_undone_by_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipient = desk.sent()

    def send(*_args: object, **_kwargs: object) -> str:
        come_back(desk, recipient, dsn_about(recipient, "delivered"))
        return "250 ok"

    monkeypatch.setattr("liaison.apps.mailboxes.smtp.send", send)
    do_deliver(recipient)
    recipient.refresh_from_db()
    assert recipient.state == State.DELIVERED
    assert recipient.sent_at
    assert recipient.sending_since is None


@pytest.mark.parametrize("state", [State.SENT, State.IN_DOUBT])
def test_a_failure_report_makes_a_failure_that_waits_for_a_person(desk: Desk, sent: Recipient, state: State) -> None:
    message = come_back(desk, set_state(sent, state), dsn_about(sent, "failed"))
    assert sent.state == State.FAILED
    assert sent.failed_at
    assert sent.receipts.get().error_code == "5.1.1"
    assert message.handling == RawMessage.Handling.TO_DO


@pytest.mark.parametrize("state", [State.DELIVERED, State.READ, State.ANSWERED])
def test_a_failure_report_takes_nothing_back_from_what_arrived(desk: Desk, sent: Recipient, state: State) -> None:
    come_back(desk, set_state(sent, state), dsn_about(sent, "failed"))
    assert sent.state == state


@pytest.mark.parametrize("state", [State.FAILED, State.IN_DOUBT])
def test_a_delivery_report_lifts_a_doubt_or_a_failure(desk: Desk, sent: Recipient, state: State) -> None:
    come_back(desk, set_state(sent, state), dsn_about(sent, "delivered"))
    assert sent.state == State.DELIVERED


def test_a_refusal_of_the_doctors_software_shows_its_code_and_waits_for_a_person(desk: Desk, sent: Recipient) -> None:
    message = come_back(desk, sent, mdn_about(sent, "processed", error_code="902"))
    assert sent.receipts.get().error_code == "902"
    assert message.handling == RawMessage.Handling.TO_DO


def test_a_report_of_nothing_we_sent_stays_for_a_person_to_see(desk: Desk, sent: Recipient) -> None:
    raw = dsn_about(sent, "failed").replace(sent.message_id.encode(), b"<perdu@ailleurs.fr>")
    message = come_back(desk, sent, raw)
    receipt = Receipt.objects.get()
    assert (receipt.recipient, receipt.site, message.handling) == (None, desk.site, RawMessage.Handling.TO_DO)
    assert sent.state == State.SENT
    assert Entry.objects.filter(action="receipt_unmatched").count() == 1


def test_a_report_received_by_another_site_touches_nothing_here(sent: Recipient) -> None:
    elsewhere = make_desk()
    read(elsewhere.mailbox, dsn_about(sent, "failed"))
    sent.refresh_from_db()
    assert sent.state == State.SENT
    assert Receipt.objects.get().recipient is None


def test_a_read_report_that_carries_our_archive_back_makes_no_document(desk: Desk, sent: Recipient) -> None:
    before = Document.objects.count()
    message = come_back(desk, sent, mdn_about(sent))
    assert b"IHE_XDM.zip" in store.get(message.blob)
    assert Document.objects.count() == before
    assert not message.documents.exists()


def test_a_report_about_our_own_answer_troubles_nobody(desk: Desk, sent: Recipient) -> None:
    answer = Answer.objects.get()
    raw = store.get(answer.blob)
    report_on_it = compose_mdn(
        read_mail(raw),
        original_raw=raw,
        mailbox=Address("geriatrie@hopital.mssante.fr"),
        message_id="<lu@hopital.mssante.fr>",
        date=sent.transmission.prepared_at,
        disposition="displayed",
        automatic=True,
    )
    message = come_back(desk, sent, report_on_it)
    assert message.handling == RawMessage.Handling.DONE
    assert not Receipt.objects.exists()
    assert Answer.objects.count() == 1


def threadings(recipient: Recipient) -> dict[str, bytes]:
    reference = reference_of(recipient.transmission)
    number = recipient.message_id
    return {
        "in reply to": reply_to(recipient, "D'accord pour tout.", in_reply_to=number),
        "references": reply_to(recipient, "D'accord pour tout.", references=("<x@y.fr>", number)),
        "the subject": reply_to(recipient, "D'accord pour tout.", subject=f"RE: Lettre [réf {reference}]"),
        "the subject without accent": reply_to(
            recipient, "D'accord pour tout.", subject=f"TR: [ref {reference.lower()}]"
        ),
    }


@pytest.mark.parametrize("way", ["in reply to", "references", "the subject", "the subject without accent"])
def test_an_answer_is_found_by(desk: Desk, sent: Recipient, way: str) -> None:
    message = come_back(desk, sent, threadings(sent)[way])
    reply = Reply.objects.get()
    assert (reply.recipient, reply.message, reply.intents) == (sent, message, ["validate_all"])
    assert sent.state == State.ANSWERED
    assert sent.answered_at
    entry = Entry.objects.get(action="reply_attached")
    assert (entry.resident, entry.details["message_id"]) == (desk.resident, message.message_id)


def test_the_newest_reference_wins(desk: Desk, sent: Recipient) -> None:
    later = desk.sent()
    come_back(desk, later, reply_to(later, "Merci.", references=(sent.message_id, later.message_id)))
    assert Reply.objects.get().recipient == later


def test_an_answer_from_another_address_of_the_doctor_is_his(desk: Desk, sent: Recipient) -> None:
    desk.gp.addresses.create(email="cabinet@ville.mssante.fr")
    subject = f"RE: [réf {reference_of(sent.transmission)}]"
    come_back(desk, sent, reply_to(sent, "Merci.", sender="cabinet@ville.mssante.fr", subject=subject))
    assert Reply.objects.get().recipient == sent


def test_the_reference_in_the_hands_of_somebody_else_is_no_answer(desk: Desk, sent: Recipient) -> None:
    subject = f"RE: [réf {reference_of(sent.transmission)}]"
    message = come_back(desk, sent, reply_to(sent, "Arrêtez tout.", sender="autre@ville.mssante.fr", subject=subject))
    assert not Reply.objects.exists()
    assert (sent.state, message.handling) == (State.SENT, RawMessage.Handling.TO_DO)


@pytest.mark.parametrize("way", ["in reply to", "references", "the subject"])
def test_an_answer_received_by_another_site_is_never_attached_here(sent: Recipient, way: str) -> None:
    elsewhere = make_desk()
    message = read(elsewhere.mailbox, threadings(sent)[way])
    assert not Reply.objects.exists()
    sent.refresh_from_db()
    assert (sent.state, message.handling) == (State.SENT, RawMessage.Handling.TO_DO)


@pytest.mark.parametrize(
    "headers",
    [(("Auto-Submitted", "auto-replied"),), (("X-Autoreply", "yes"),), (("Precedence", "auto_reply"),)],
    ids=["Auto-Submitted", "X-Autoreply", "Precedence"],
)
def test_an_automatic_answer_is_no_answer(desk: Desk, sent: Recipient, headers: tuple[tuple[str, str], ...]) -> None:
    raw = reply_to(sent, "Absente jusqu'au 2.", in_reply_to=sent.message_id, headers=headers)
    message = come_back(desk, sent, raw)
    assert message.category == RawMessage.Category.AUTOMATIC
    assert not Reply.objects.exists()
    assert sent.state == State.SENT


def test_an_answer_in_the_form_we_propose_is_read_line_by_line_apart_from_its_quote(
    desk: Desk, sent: Recipient
) -> None:
    assert "« 1 ok ; 2 : dose ou posologie voulue »" in message_to(sent).body
    words = "1 ok ; 2 : 2,5 mg le soir\n\nJe passe mardi.\n\nLe 20 nov. 2026 à 11:00, Secrétariat a écrit :\n> Docteur,"
    come_back(desk, sent, reply_to(sent, words, in_reply_to=sent.message_id))
    reply = Reply.objects.get()
    assert [(line["number"], line["action"]) for line in reply.lines] == [(1, "ok"), (2, "change")]
    assert "2,5 mg" in reply.lines[1]["text"]
    assert reply.visit
    assert "Je passe mardi." in reply.text
    assert "Docteur" not in reply.text
    assert "Docteur" in reply.quoted


def test_a_second_answer_is_kept_beside_the_first(desk: Desk, sent: Recipient) -> None:
    for words in ("D'accord pour tout.", "Finalement arrêtez le 2."):
        come_back(desk, sent, reply_to(sent, words, in_reply_to=sent.message_id))
    assert sent.replies.count() == 2
    assert sent.state == State.ANSWERED


def test_an_answer_changes_no_treatment_and_waits_for_a_person(desk: Desk, sent: Recipient) -> None:
    message = come_back(desk, sent, reply_to(sent, "Arrêtez tout.", in_reply_to=sent.message_id))
    assert not desk.resident.treatment_lines.exists()
    assert message.handling == RawMessage.Handling.TO_DO
    reply = Reply.objects.get()
    do_handle_reply(reply, user=desk.secretary)
    reply.refresh_from_db()
    message.refresh_from_db()
    assert (reply.handled_by, message.handling) == (desk.secretary, RawMessage.Handling.DONE)
    with pytest.raises(AlreadyDone):
        do_handle_reply(reply, user=desk.doctor)


def test_reading_an_answer_again_attaches_it_once(desk: Desk, sent: Recipient) -> None:
    message = come_back(desk, sent, reply_to(sent, "Merci.", in_reply_to=sent.message_id))
    do_read(message)
    assert Reply.objects.count() == 1


def test_an_answer_may_bring_a_document_of_its_own(desk: Desk, sent: Recipient) -> None:

    archive = package(discharge_letter(patient_of(desk.resident)))
    raw = compose(
        OutgoingMail(
            message_id="<avec-piece@ville.mssante.fr>",
            sender=Address(sent.address),
            to=(Address(desk.mailbox.address),),
            subject="RE: lettre",
            body="D'accord pour tout.",
            date=NOW,
            attachments=(Attachment("IHE_XDM.zip", "application/zip", archive),),
            in_reply_to=sent.message_id,
        )
    )
    message = come_back(desk, sent, raw)
    assert sent.replies.get().message == message
    assert message.documents.get().state == Document.State.PROPOSED
    assert message_to(sent).message_id == sent.message_id
