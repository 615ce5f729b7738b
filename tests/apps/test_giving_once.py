"""A receipt, an error or a note goes once; when nobody knows whether it left, a person says what next (RFC 8098)."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from tests.support import factories
from tests.support.desk import Desk, make_desk

from liaison.apps.audit.models import Entry
from liaison.apps.exchanges import outgoing
from liaison.apps.exchanges.doubts import do_confirm_arrival, do_give_again, doubts_of
from liaison.apps.exchanges.jobs import sweep_sendings
from liaison.apps.exchanges.models import Answer, Note
from liaison.apps.exchanges.notes import do_tell_withdrawal
from liaison.apps.exchanges.outgoing import GIVE_UP_AFTER, GIVING_IS_LOST_AFTER, do_give, do_note_lost, waiting
from liaison.apps.filing.actions import do_unfile
from liaison.apps.mailboxes.smtp import SendingInDoubt, SendingPostponed
from liaison.apps.refusals import NotAllowed, NotPossible

pytestmark = pytest.mark.django_db

State = Answer.State


class Killed(BaseException):
    """The worker dies where it is raised."""


class Server:
    """Stands for the SMTP server: what it took, and what it says or does next."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []
        self.trouble: BaseException | None = None
        self.before: Callable[[], object] = lambda: None

    def take(self, _mailbox: object, _envelope: object, raw: bytes) -> str:
        self.before()
        self.taken.append(raw)
        if self.trouble:
            raise self.trouble
        return "250 2.0.0 accepté"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    own = Server()
    monkeypatch.setattr(outgoing, "send_from", own.take)
    return own


def receipt(desk: Desk) -> Answer:
    desk.filed()
    return Answer.objects.get()


def correction(desk: Desk) -> Note:
    """A note to the doctor: what he was sent was not about his patient."""
    recipient = desk.sent()
    recipient.state = recipient.State.SENT
    recipient.save()
    do_unfile(recipient.transmission.document.filings.get(), user=desk.secretary, reason="Erreur de dossier")
    return do_tell_withdrawal(recipient, user=desk.secretary)


def given(mail: Answer | Note) -> Answer | Note:
    do_give(mail)
    mail.refresh_from_db()
    return mail


def long_ago(mail: Answer | Note) -> None:
    type(mail).objects.update(sending_since=timezone.now() - GIVING_IS_LOST_AFTER - timedelta(seconds=1))


@pytest.fixture(params=[receipt, correction], ids=["receipt", "note"])
def mail(desk: Desk, request: pytest.FixtureRequest) -> Answer | Note:
    made: Answer | Note = request.param(desk)
    return made


def test_the_claim_is_there_before_the_server_hears_of_it(mail: Answer | Note, server: Server) -> None:
    seen: list[object] = []
    server.before = lambda: seen.append(type(mail).objects.get(pk=mail.pk).sending_since)
    given(mail)
    assert seen[0] is not None
    assert (mail.state, mail.sending_since, mail.attempts) == (State.SENT, None, 1)


def test_two_workers_give_it_once(mail: Answer | Note, server: Server) -> None:
    other = type(mail).objects.get(pk=mail.pk)
    server.before = lambda: do_give(other)
    given(mail)
    assert len(server.taken) == 1


def test_killed_between_the_server_and_the_row_it_is_in_doubt_and_never_goes_by_itself(
    mail: Answer | Note, server: Server
) -> None:
    server.trouble = Killed()
    with pytest.raises(Killed):
        do_give(mail)
    assert do_note_lost(type(mail)) == 0
    long_ago(mail)
    sweep_sendings.func(0)
    mail.refresh_from_db()
    assert mail.state == State.IN_DOUBT
    assert mail.in_doubt_at
    assert waiting(type(mail)) == []
    do_give(mail)
    assert len(server.taken) == 1
    assert Entry.objects.filter(action="answer_in_doubt").count() == 1


def test_an_answer_of_the_server_that_is_lost_is_a_doubt_too(mail: Answer | Note, server: Server) -> None:
    server.trouble = SendingInDoubt("La connexion s'est rompue.")
    assert given(mail).state == State.IN_DOUBT


def test_a_person_who_holds_the_mailbox_has_it_given_again_the_same(
    mail: Answer | Note, server: Server, desk: Desk
) -> None:
    server.trouble = SendingInDoubt("?")
    given(mail)
    assert [doubt.pk for doubt in doubts_of(desk.secretary)] == [mail.pk]
    for stranger in (desk.nurse, make_desk().secretary):
        assert doubts_of(stranger) == []
        with pytest.raises(NotAllowed):
            do_give_again(mail, user=stranger)
    do_give_again(mail, user=desk.secretary)
    server.trouble = None
    mail.refresh_from_db()
    assert given(mail).state == State.SENT
    assert server.taken[0] == server.taken[1]
    assert Entry.objects.get(action="answer_given_again").user == desk.secretary


def test_a_person_who_knows_it_arrived_lifts_the_doubt(mail: Answer | Note, server: Server, desk: Desk) -> None:
    with pytest.raises(NotPossible):
        do_confirm_arrival(mail, user=desk.secretary)
    server.trouble = SendingInDoubt("?")
    given(mail)
    do_confirm_arrival(mail, user=desk.secretary)
    mail.refresh_from_db()
    assert mail.state == State.SENT
    assert mail.sent_at
    assert doubts_of(desk.secretary) == []
    with pytest.raises(NotPossible):
        do_give_again(mail, user=desk.secretary)


def test_a_server_that_says_later_is_asked_later_each_time_then_given_up(mail: Answer | Note, server: Server) -> None:
    server.trouble = SendingPostponed("451 plus tard")
    pauses = []
    for _ in range(GIVE_UP_AFTER):
        assert given(mail).sending_since is None
        if mail.next_try:
            pauses.append(round((mail.next_try - timezone.now()).total_seconds() / 10))
            assert waiting(type(mail)) == []
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (4, 180)
    assert mail.state == State.REFUSED
    assert waiting(type(mail)) == []


def test_one_whose_time_has_come_is_offered_again(mail: Answer | Note, server: Server) -> None:
    server.trouble = SendingPostponed("451 plus tard")
    given(mail)
    type(mail).objects.update(next_try=timezone.now() - timedelta(seconds=1))
    assert waiting(type(mail)) == [mail.pk]


def test_a_receipt_is_not_claimed_when_its_bytes_cannot_be_read(desk: Desk, server: Server) -> None:
    answer = receipt(desk)
    Answer.objects.update(blob=factories.__name__)
    answer.refresh_from_db()
    with pytest.raises(FileNotFoundError):
        do_give(answer)
    answer.refresh_from_db()
    assert answer.sending_since is None
    assert server.taken == []
