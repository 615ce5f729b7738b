"""Sending on: what the message holds, who may send it, and what becomes of it when the server answers or does not."""

from collections.abc import Callable
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.support import factories
from tests.support.desk import Desk, make_desk, read
from tests.support.letters import drug, patient_of
from tests.web.letters import hospital_message

from liaison.apps.audit.models import Entry
from liaison.apps.blobs import store
from liaison.apps.directory.actions import do_add_professional
from liaison.apps.directory.models import Professional
from liaison.apps.exchanges import outgoing
from liaison.apps.exchanges.actions import (
    GIVE_UP_AFTER,
    do_confirm_delivery,
    do_deliver,
    do_note_lost_sendings,
    do_resend,
    do_send,
    sendings_to_offer,
)
from liaison.apps.exchanges.models import Answer, Recipient, Transmission
from liaison.apps.filing.actions import do_unfile
from liaison.apps.mailboxes.connection import Credentials, Endpoint
from liaison.apps.mailboxes.models import Mailbox
from liaison.apps.mailboxes.smtp import Envelope, SendingInDoubt, SendingPostponed, SendingRefused
from liaison.apps.organisations.models import Membership, Role
from liaison.apps.refusals import NotAllowed, NotPossible, Refused

pytestmark = pytest.mark.django_db

State = Recipient.State


class Server:
    """Stands for the SMTP socket: notes what is given to it and answers, or fails, as told."""

    def __init__(self) -> None:
        self.given: list[tuple[Envelope, bytes]] = []
        self.answer: Exception | Callable[[], str] | str = "250 2.0.0 accepté"

    def send(
        self, endpoint: Endpoint, credentials: Credentials, envelope: Envelope, raw: bytes, *, timeout: float
    ) -> str:
        del endpoint, credentials, timeout
        self.given.append((envelope, raw))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer if isinstance(self.answer, str) else self.answer()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    own = Server()
    monkeypatch.setattr("liaison.apps.mailboxes.smtp.send", own.send)
    return own


def deliver(recipient: Recipient) -> Recipient:
    do_deliver(recipient)
    recipient.refresh_from_db()
    return recipient


def parts(recipient: Recipient) -> dict[str, bytes]:
    """The attachments of what goes to the recipient, by their type."""
    message = message_from_bytes(store.get(recipient.blob), policy=default)
    return {part.get_content_type(): part.get_content() for part in message.iter_attachments()}


def test_the_hospitals_archive_goes_on_unchanged_with_the_pdf_a_person_reads(desk: Desk) -> None:
    raw = hospital_message(patient_of(desk.resident), recipient=desk.mailbox.address)
    document = read(desk.mailbox, raw).documents.get()
    desk.file(document)
    sent = do_send(document, user=desk.secretary, mailbox=desk.mailbox, professionals=[desk.gp]).recipients.get()
    received = {
        part.get_content_type(): part.get_content()
        for part in message_from_bytes(raw, policy=default).iter_attachments()
    }
    carried = [
        part.get_content() for part in message_from_bytes(store.get(sent.blob), policy=default).iter_attachments()
    ]
    assert received["application/zip"] in carried
    assert received["application/pdf"] in carried
    names = [part.get_filename() for part in message_from_bytes(store.get(sent.blob), policy=default).walk()]
    assert "IHE_XDM.zip" in names
    assert any(name and name.startswith("20260312_") and name.endswith("_LEFEVRE_SUZANNE.pdf") for name in names)


@pytest.mark.parametrize("kind", [Mailbox.Kind.ORGANISATIONAL, Mailbox.Kind.PERSONAL])
def test_the_message_says_what_mssante_asks_from_either_kind_of_mailbox(desk: Desk, kind: Mailbox.Kind) -> None:
    organisational = kind == Mailbox.Kind.ORGANISATIONAL
    user, mailbox = (desk.secretary, desk.mailbox) if organisational else (desk.doctor, desk.personal)
    transmission = do_send(
        desk.filed(), user=user, mailbox=mailbox, professionals=[desk.gp], note="Merci de votre avis."
    )
    recipient = transmission.recipients.get()
    message = message_from_bytes(store.get(recipient.blob), policy=default)
    assert message["X-MSS-CODECDA"] == "11490-0"
    assert message["X-MSS-INS"] == "O"
    assert message["X-MSS-NIL"]
    assert message["Disposition-Notification-To"] == f"<{mailbox.address}>"
    assert message["From"].addresses[0].addr_spec == mailbox.address
    assert [address.addr_spec for address in message["To"].addresses] == [recipient.address]
    assert message["Message-ID"] == recipient.message_id
    reference = transmission.uuid.hex[:8].upper()
    assert message["Subject"].startswith("XDM/1.0/DDM+Lettre de liaison")
    assert message["Subject"].endswith(f"LEFEVRE SUZANNE 12/04/1938 [réf {reference}]")
    body = message.get_body().get_content()
    assert f"Référence : {reference}" in body
    assert "Merci de votre avis." in body
    assert desk.site.name in body


def test_an_identity_that_is_not_qualified_is_said_so(desk: Desk) -> None:
    desk.resident.ins_status = "RECUP"
    desk.resident.save()
    assert message_from_bytes(store.get(desk.sent().blob), policy=default)["X-MSS-INS"] == "N"


def test_the_treatments_are_numbered_for_the_answer(desk: Desk) -> None:
    factories.take(desk.resident, "AMLODIPINE 10 mg", dose="1 cp")
    recipient = desk.sent(at_discharge=(drug("AMLODIPINE 5 mg"), drug("APIXABAN 5 mg", reason="FA")))
    body = message_from_bytes(store.get(recipient.blob), policy=default).get_body().get_content()
    assert "1. AMLODIPINE 10 mg — modifié" in body
    assert "2. APIXABAN 5 mg — nouveau : FA" in body
    assert "ligne par ligne" in body


def test_each_recipient_has_a_message_and_a_number_of_its_own(desk: Desk) -> None:
    twice = [desk.gp, desk.cardiologist, desk.gp]
    transmission = do_send(desk.filed(), user=desk.secretary, mailbox=desk.mailbox, professionals=twice)
    recipients = list(transmission.recipients.all())
    assert [recipient.professional for recipient in recipients] == [desk.gp, desk.cardiologist]
    assert len({recipient.message_id for recipient in recipients}) == 2
    assert ProcrastinateJob.objects.filter(task_name="send_recipient").count() == 2
    entry = Entry.objects.get(action="transmission_prepared")
    assert entry.details["recipients"] == [str(recipient.uuid) for recipient in recipients]
    assert (entry.user, entry.resident) == (desk.secretary, desk.resident)


def refused(desk: Desk, kind: type[Refused], **arguments: Any) -> None:
    asked = {"user": desk.secretary, "mailbox": desk.mailbox, "professionals": [desk.gp], **arguments}
    with pytest.raises(kind):
        do_send(asked.pop("document", None) or desk.filed(), **asked)
    assert not Transmission.objects.exists()
    assert not Recipient.objects.exists()
    assert not ProcrastinateJob.objects.filter(task_name="send_recipient").exists()


def test_nobody_sends_from_a_mailbox_he_does_not_hold(desk: Desk) -> None:
    refused(desk, NotAllowed, mailbox=desk.personal)


def test_a_nurse_sends_nothing_even_from_a_mailbox_she_holds(desk: Desk) -> None:
    desk.mailbox.holders.add(desk.nurse)
    refused(desk, NotAllowed, user=desk.nurse)


def test_a_closed_mailbox_sends_nothing(desk: Desk) -> None:
    Mailbox.objects.filter(pk=desk.mailbox.pk).update(active=False)
    refused(desk, NotAllowed)


def test_a_user_of_another_site_sends_nothing_of_this_one(desk: Desk) -> None:
    elsewhere = make_desk()
    refused(desk, NotAllowed, user=elsewhere.secretary, mailbox=elsewhere.mailbox)


def test_the_documents_of_a_site_leave_from_its_own_mailboxes(desk: Desk) -> None:
    """The answer comes back to the mailbox: at another site it would find neither its exchange nor its readers."""
    elsewhere = make_desk()
    Membership.objects.create(user=elsewhere.doctor, site=desk.site, role=Role.COORDINATING_DOCTOR)
    refused(desk, NotPossible, user=elsewhere.doctor, mailbox=elsewhere.personal)


def test_nothing_is_sent_before_it_is_filed_or_after_it_is_unfiled(desk: Desk) -> None:
    refused(desk, NotPossible, document=desk.letter())
    document = desk.filed()
    do_unfile(document.filings.get(), user=desk.secretary, reason="erreur")
    refused(desk, NotPossible, document=document)


def test_nothing_is_sent_to_nobody(desk: Desk) -> None:
    refused(desk, NotPossible, professionals=[])


@pytest.mark.parametrize("addresses", [["dr.loin@ailleurs.example"], []], ids=["untrusted domain", "no address"])
def test_one_address_outside_the_trust_circle_and_nobody_is_sent_anything(desk: Desk, addresses: list[str]) -> None:
    outsider = do_add_professional(
        rpps="10199999999", title="Dr", family="Loin", given="Jean", speciality="", city="", addresses=addresses
    )
    refused(desk, NotPossible, professionals=[desk.gp, outsider])


def test_what_the_server_takes_is_sent_with_its_answer_and_a_report_asked(desk: Desk, server: Server) -> None:
    recipient = deliver(desk.sent())
    assert (recipient.state, recipient.server_answer, recipient.attempts) == (State.SENT, "250 2.0.0 accepté", 1)
    assert recipient.sent_at
    assert recipient.sending_since is None
    envelope, raw = server.given[0]
    assert envelope == Envelope(desk.mailbox.address, recipient.address, envelope_id=recipient.uuid.hex, notify=True)
    assert raw == store.get(recipient.blob)
    assert Entry.objects.get(action="recipient_sent").details["message_id"] == recipient.message_id


def test_a_message_sent_is_never_given_again(desk: Desk, server: Server) -> None:
    recipient = deliver(desk.sent())
    deliver(recipient)
    assert len(server.given) == 1


def test_a_message_postponed_waits_longer_each_time_and_is_offered_when_due(desk: Desk, server: Server) -> None:
    server.answer = SendingPostponed("451 4.7.1 plus tard")
    recipient = desk.sent()
    waits = []
    for attempt in range(1, 4):
        now = timezone.now()
        deliver(recipient)
        assert (recipient.state, recipient.attempts) == (State.PREPARED, attempt)
        assert recipient.next_try
        waits.append(recipient.next_try - now)
    assert waits == sorted(waits)
    assert waits[2] > 3 * waits[0]
    assert sendings_to_offer() == []
    Recipient.objects.update(next_try=timezone.now())
    assert sendings_to_offer() == [recipient.pk]
    server.answer = "250 ok"
    assert deliver(recipient).state == State.SENT
    assert recipient.next_try is None


def test_a_message_postponed_too_often_fails_where_a_person_sees_it(desk: Desk, server: Server) -> None:
    server.answer = SendingPostponed("451 4.7.1 plus tard")
    recipient = desk.sent()
    Recipient.objects.update(attempts=GIVE_UP_AFTER - 2)
    deliver(recipient)
    assert recipient.state == State.PREPARED
    deliver(recipient)
    assert (recipient.state, recipient.next_try) == (State.FAILED, None)
    assert recipient.failed_at
    assert Entry.objects.filter(action="recipient_failed").count() == 1
    assert Entry.objects.filter(action="recipient_postponed").count() == 1
    deliver(recipient)
    assert len(server.given) == 2


def test_a_message_refused_for_good_fails_at_once(desk: Desk, server: Server) -> None:
    server.answer = SendingRefused("550 5.1.1 boîte inconnue")
    recipient = deliver(desk.sent())
    assert (recipient.state, recipient.server_answer) == (State.FAILED, "550 5.1.1 boîte inconnue")
    assert sendings_to_offer() == []


def test_a_message_in_doubt_is_never_given_again_by_itself(desk: Desk, server: Server) -> None:
    server.answer = SendingInDoubt("La connexion a été coupée.")
    recipient = deliver(desk.sent())
    assert recipient.state == State.IN_DOUBT
    server.answer = "250 ok"
    deliver(recipient)
    assert sendings_to_offer() == []
    assert len(server.given) == 1


def test_a_worker_that_dies_before_the_answer_leaves_a_doubt_that_only_a_person_lifts(
    desk: Desk, server: Server
) -> None:
    class Killed(BaseException):
        pass

    def die() -> str:
        raise Killed

    recipient = desk.sent()
    server.answer = die
    with pytest.raises(Killed):
        do_deliver(recipient)
    server.answer = "250 ok"
    assert deliver(recipient).state == State.PREPARED
    assert do_note_lost_sendings() == 0
    Recipient.objects.update(sending_since=timezone.now() - timedelta(minutes=6))
    assert do_note_lost_sendings() == 1
    assert deliver(recipient).state == State.IN_DOUBT
    assert do_note_lost_sendings() == 0
    assert len(server.given) == 1
    assert sendings_to_offer() == []


def test_what_no_worker_took_is_offered_again(desk: Desk) -> None:
    recipient = desk.sent()
    assert sendings_to_offer() == []
    Transmission.objects.update(prepared_at=timezone.now() - timedelta(minutes=2))
    assert sendings_to_offer() == [recipient.pk]


@pytest.mark.parametrize("trouble", [SendingInDoubt("?"), SendingRefused("550")], ids=["in doubt", "refused"])
def test_resending_keeps_the_number_and_the_bytes(desk: Desk, server: Server, trouble: Exception) -> None:
    server.answer = trouble
    recipient = deliver(desk.sent())
    number = recipient.message_id
    do_resend(recipient, user=desk.secretary)
    server.answer = "250 ok"
    deliver(recipient)
    assert (recipient.state, recipient.message_id, recipient.attempts) == (State.SENT, number, 1)
    assert recipient.failed_at is None
    assert recipient.in_doubt_at is None
    assert server.given[0] == server.given[1]
    assert Entry.objects.get(action="recipient_resent").user == desk.secretary


def test_only_what_failed_or_is_in_doubt_is_resent_and_by_those_who_may_send(desk: Desk, server: Server) -> None:
    recipient = desk.sent()
    with pytest.raises(NotPossible):
        do_resend(recipient, user=desk.secretary)
    server.answer = SendingRefused("550")
    deliver(recipient)
    for person in (desk.nurse, make_desk().secretary):
        with pytest.raises(NotAllowed):
            do_resend(recipient, user=person)


def test_a_person_who_knows_it_arrived_lifts_the_doubt(desk: Desk, server: Server) -> None:
    recipient = desk.sent()
    with pytest.raises(NotPossible):
        do_confirm_delivery(recipient, user=desk.secretary)
    server.answer = SendingInDoubt("?")
    deliver(recipient)
    with pytest.raises(NotAllowed):
        do_confirm_delivery(recipient, user=desk.nurse)
    do_confirm_delivery(recipient, user=desk.secretary)
    recipient.refresh_from_db()
    assert recipient.state == State.DELIVERED
    assert recipient.delivered_at
    assert recipient.sent_at


def test_the_answer_to_the_hospital_goes_with_a_null_sender_and_once(desk: Desk, server: Server) -> None:
    desk.filed()
    answer = Answer.objects.get()
    outgoing.do_give(answer)
    answer.refresh_from_db()
    outgoing.do_give(answer)
    assert answer.sent_at
    assert [envelope for envelope, _ in server.given] == [Envelope("", answer.address, notify=False)]


def test_the_answer_to_the_hospital_is_tried_again_until_taken_or_refused(desk: Desk, server: Server) -> None:
    desk.filed()
    answer = Answer.objects.get()
    server.answer = SendingPostponed("451")
    outgoing.do_give(answer)
    Answer.objects.update(next_try=timezone.now())
    assert outgoing.waiting(Answer) == [answer.pk]
    server.answer = SendingRefused("550")
    outgoing.do_give(answer)
    assert outgoing.waiting(Answer) == []
    actions = Entry.objects.filter(action__startswith="answer_").order_by("seq").values_list("action", flat=True)
    assert list(actions) == ["answer_prepared", "answer_postponed", "answer_refused"]


def test_the_preferred_address_is_the_one_used(desk: Desk) -> None:
    gp: Professional = desk.gp
    gp.addresses.create(email="ancienne@ville.mssante.fr")
    assert desk.sent().address != "ancienne@ville.mssante.fr"
