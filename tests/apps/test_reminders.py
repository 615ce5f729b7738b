"""Doctors who do not answer: reminders by the rule of their site, by a clock given as an argument; then other ways."""

from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any, cast

import pytest
from django.utils import timezone
from tests.apps.test_sending import Server, deliver
from tests.support.desk import Desk, make_desk, read
from tests.support.letters import drug
from tests.web.letters import answer_to

from liaison.apps.audit.models import Entry
from liaison.apps.blobs import store
from liaison.apps.exchanges.models import Call, Note, Recipient
from liaison.apps.exchanges.other_ways import do_record_call, do_send_elsewhere, do_write_letter
from liaison.apps.exchanges.outgoing import do_give
from liaison.apps.exchanges.reminders import do_follow_up, do_set_rules, rules_of
from liaison.apps.mailboxes.smtp import SendingRefused
from liaison.apps.refusals import NotAllowed, NotPossible
from liaison.apps.residents.models import Opposition
from liaison.apps.residents.oppositions import do_record_opposition
from liaison.core.follow_up.rules import Rules

pytestmark = pytest.mark.django_db
State, Outcome = Recipient.State, Call.Outcome


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    own = Server()
    monkeypatch.setattr("liaison.apps.mailboxes.smtp.send", own.send)
    return own


def sent(desk: Desk, label: str = "AMLODIPINE 5 mg") -> tuple[Recipient, datetime]:
    """A letter given to its server, that starts a drug, and when it was given."""
    recipient = deliver(desk.sent(at_discharge=(drug(label),)))
    assert recipient.sent_at
    return recipient, recipient.sent_at


def after(recipient: Recipient, moment: datetime) -> Recipient:
    do_follow_up(moment)
    recipient.refresh_from_db()
    return recipient


def reminders(recipient: Recipient) -> list[Note]:
    return list(Note.objects.filter(recipient=recipient, kind=Note.Kind.REMINDER).order_by("asked_at"))


def set_rules(desk: Desk, **rules: int) -> None:
    do_set_rules(desk.site, user=desk.doctor, rules=Rules(**rules))


@pytest.mark.usefixtures("server")
def test_a_high_risk_change_is_reminded_in_hours_and_another_in_days(desk: Desk) -> None:
    set_rules(desk, high_risk_hours=6, usual_days=2)
    usual, then = sent(desk)
    assert reminders(after(usual, then + timedelta(hours=47))) == []
    assert len(reminders(after(usual, then + timedelta(hours=49)))) == 1
    risky, then = sent(make_desk_under_the_same_rules(), "APIXABAN 5 mg")
    assert reminders(after(risky, then + timedelta(hours=5))) == []
    assert len(reminders(after(risky, then + timedelta(hours=7)))) == 1


def make_desk_under_the_same_rules() -> Desk:
    desk = make_desk()
    set_rules(desk, high_risk_hours=6, usual_days=2)
    return desk


@pytest.mark.usefixtures("server")
def test_after_the_last_reminder_a_person_takes_over_and_nothing_more_is_sent(desk: Desk) -> None:
    recipient, then = sent(desk)
    late = [after(recipient, then + timedelta(days=3 * turn, hours=1)).late_at for turn in (1, 2, 3, 4, 5)]
    assert late[0] == then + timedelta(days=3, hours=1)
    assert set(late) == {late[0]}
    assert len(reminders(recipient)) == 2
    assert recipient.escalated_at == then + timedelta(days=9, hours=1)
    assert recipient.state == State.SENT
    assert Entry.objects.filter(action="recipient_reminded").count() == 2
    assert Entry.objects.filter(action="recipient_to_join_otherwise").count() == 1


def test_a_reminder_is_in_the_thread_and_names_the_reference_and_the_lines(desk: Desk, server: Server) -> None:
    recipient, then = sent(desk)
    after(recipient, then + timedelta(days=4))
    (note,) = reminders(recipient)
    message = cast(EmailMessage, message_from_bytes(store.get(note.blob), policy=default))
    assert message["In-Reply-To"] == recipient.message_id
    assert message["References"] == recipient.message_id
    assert recipient.transmission.uuid.hex[:8].upper() in message["Subject"]
    body = message.get_body(("plain",))
    assert body is not None
    assert "1. AMLODIPINE 5 mg" in body.get_content()
    do_give(note)
    note.refresh_from_db()
    assert (note.state, note.server_answer) == (Note.State.SENT, "250 2.0.0 accepté")
    assert server.given[-1][0].recipient == recipient.address


@pytest.mark.usefixtures("server")
def test_the_answer_to_a_reminder_is_the_answer_to_the_letter_and_ends_the_reminders(desk: Desk) -> None:
    recipient, then = sent(desk)
    after(recipient, then + timedelta(days=4))
    (note,) = reminders(recipient)
    raw = answer_to(recipient, "D'accord pour tout.").replace(recipient.message_id.encode(), note.message_id.encode())
    reference = recipient.transmission.uuid.hex[:8].upper()
    read(desk.mailbox, raw.replace(b"RE: Lettre de liaison", f"RE: Rappel [ref {reference}]".encode()))
    recipient.refresh_from_db()
    assert recipient.state == State.ANSWERED
    assert len(reminders(after(recipient, then + timedelta(days=30)))) == 1
    assert recipient.escalated_at is None


@pytest.mark.usefixtures("server")
def test_nothing_is_asked_twice_of_one_who_was_asked_nothing(desk: Desk) -> None:
    recipient = deliver(desk.sent())
    Recipient.objects.update(state=State.READ)
    assert recipient.sent_at
    assert reminders(after(recipient, recipient.sent_at + timedelta(days=60))) == []
    assert recipient.escalated_at is None


@pytest.mark.usefixtures("server")
def test_a_message_no_server_says_arrived_is_shown_to_a_person_without_a_reminder(desk: Desk) -> None:
    recipient = deliver(desk.sent())
    assert recipient.sent_at
    recipient = after(recipient, recipient.sent_at + timedelta(days=4))
    assert recipient.escalated_at
    assert reminders(recipient) == []


@pytest.mark.usefixtures("server")
def test_one_who_opposes_since_is_written_about_no_more(desk: Desk) -> None:
    recipient, then = sent(desk)
    scope = Opposition.Scope.PROFESSIONALS
    do_record_opposition(desk.resident, scope=scope, stated_by="la résidente", user=desk.nurse)
    assert reminders(after(recipient, then + timedelta(days=4))) == []
    assert recipient.escalated_at


def test_the_rules_are_set_by_those_who_may_within_bounds(desk: Desk) -> None:
    assert rules_of(desk.site) == Rules()
    for person in (desk.secretary, desk.nurse, make_desk().doctor):
        with pytest.raises(NotAllowed):
            do_set_rules(desk.site, user=person, rules=Rules(1, 1, 1))
    for wrong in (Rules(0, 1, 1), Rules(1, 61, 1), Rules(1, 1, 11)):
        with pytest.raises(NotPossible):
            do_set_rules(desk.site, user=desk.doctor, rules=wrong)
    do_set_rules(desk.site, user=desk.doctor, rules=Rules(12, 5, 1))
    assert rules_of(desk.site) == Rules(12, 5, 1)
    assert Entry.objects.get(action="follow_up_rules_set").details["usual_days"] == 5


# Joining otherwise


def silent(desk: Desk) -> Recipient:
    recipient, then = sent(desk)
    for turn in (1, 2, 3):
        after(recipient, then + timedelta(days=3 * turn, hours=1))
    assert recipient.escalated_at
    return recipient


@pytest.mark.usefixtures("server")
def test_a_call_that_reached_the_doctor_ends_the_wait_and_one_that_did_not_does_not(desk: Desk) -> None:
    recipient = silent(desk)
    do_record_call(recipient, user=desk.nurse, outcome=Outcome.NOBODY)
    recipient.refresh_from_db()
    assert recipient.escalated_at
    with pytest.raises(NotPossible, match="à qui"):
        do_record_call(recipient, user=desk.nurse, outcome=Outcome.REACHED)
    do_record_call(recipient, user=desk.nurse, outcome=Outcome.REACHED, spoke_to="Dr Morel", words="Passe jeudi")
    recipient.refresh_from_db()
    assert recipient.escalated_at is None
    said = recipient.calls.order_by("pk").values_list("outcome", "spoke_to", "words", "called_by")
    assert list(said) == [("nobody", "", "", desk.nurse.pk), ("reached", "Dr Morel", "Passe jeudi", desk.nurse.pk)]
    with pytest.raises(NotAllowed):
        do_record_call(recipient, user=make_desk().nurse, outcome=Outcome.NOBODY)


@pytest.mark.usefixtures("server")
def test_the_same_letter_goes_to_another_address_or_to_the_replacement_as_a_message_of_its_own(desk: Desk) -> None:
    recipient = silent(desk)
    desk.gp.addresses.create(email="garde@ville.mssante.fr")
    other = do_send_elsewhere(recipient, user=desk.secretary, professional=desk.gp, address="garde@ville.mssante.fr")
    stand_in = do_send_elsewhere(recipient, user=desk.secretary, professional=desk.cardiologist)
    assert [one.instead_of for one in (other, stand_in)] == [recipient, recipient]
    assert len({recipient.message_id, other.message_id, stand_in.message_id}) == 3
    assert deliver(other).state == State.SENT
    recipient.refresh_from_db()
    assert recipient.escalated_at is None
    assert after(recipient, timezone.now() + timedelta(days=90)).escalated_at is None
    with pytest.raises(NotPossible):
        do_send_elsewhere(recipient, user=desk.secretary, professional=desk.gp, address=recipient.address)


def test_a_letter_on_paper_follows_a_failure_once(desk: Desk, server: Server) -> None:
    server.answer = SendingRefused("550 5.1.1 boîte inconnue")
    failed = deliver(desk.sent())
    letter = do_write_letter(failed, user=desk.secretary)
    assert (letter.channel, letter.instead_of) == (Recipient.Channel.LETTER, failed)
    assert store.get(letter.blob).startswith(b"%PDF")
    with pytest.raises(NotPossible):
        do_write_letter(letter, user=desk.secretary)


@pytest.mark.parametrize("way", ["elsewhere", "letter"])
@pytest.mark.usefixtures("server")
def test_joining_otherwise_is_for_those_who_may_send(desk: Desk, way: str) -> None:
    recipient = deliver(desk.sent())
    acts: dict[str, Any] = {
        "elsewhere": lambda user: do_send_elsewhere(recipient, user=user, professional=desk.cardiologist),
        "letter": lambda user: do_write_letter(recipient, user=user),
    }
    for person in (desk.nurse, make_desk().secretary):
        with pytest.raises(NotAllowed):
            acts[way](person)
