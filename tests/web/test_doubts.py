"""A receipt of which nobody knows whether it left is shown on the follow-up screen, and a person says what next."""

import pytest
from django.urls import reverse
from django.utils import timezone

from liaison.apps.exchanges.models import Answer, Note
from tests.support.desk import Desk, make_desk
from tests.support.doubts import doubtful_note
from tests.web.conftest import Visitor, visitor

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> Desk:
    return make_desk()


@pytest.fixture
def secretary(desk: Desk) -> Visitor:
    return visitor(desk.secretary)


@pytest.fixture
def doubtful(desk: Desk) -> Answer:
    desk.filed()
    Answer.objects.update(state=Answer.State.IN_DOUBT, in_doubt_at=timezone.now())
    return Answer.objects.get()


def test_no_doubt_no_section(desk: Desk, secretary: Visitor) -> None:
    desk.filed()
    assert "à vérifier</h2>" not in secretary.get(reverse("follow-up")).content.decode()


def test_the_doubt_is_counted_shown_and_leads_to_its_message(doubtful: Answer, secretary: Visitor) -> None:
    page = secretary.get(reverse("follow-up")).content.decode()
    assert "1 réponse ou courrier à vérifier" in page
    assert reverse("message", args=[doubtful.original.uuid]) in page
    about = secretary.get(reverse("message", args=[doubtful.original.uuid])).content.decode()
    assert reverse("follow-up") in about.partition("on ne sait pas s'il est parti")[2][:200]


@pytest.mark.parametrize(
    ("act", "state"), [("answer-arrived", Answer.State.SENT), ("answer-again", Answer.State.TO_SEND)]
)
def test_a_person_settles_a_receipt_in_one_click(
    doubtful: Answer, secretary: Visitor, act: str, state: Answer.State
) -> None:
    response = secretary.post(reverse(act, args=[doubtful.pk]))
    assert response.headers["Location"] == reverse("follow-up")
    doubtful.refresh_from_db()
    assert doubtful.state == state


@pytest.mark.parametrize(("act", "state"), [("note-arrived", Note.State.SENT), ("note-again", Note.State.TO_SEND)])
def test_a_person_settles_a_note_in_one_click(desk: Desk, secretary: Visitor, act: str, state: Note.State) -> None:
    note = doubtful_note(desk.site, desk.mailbox, desk.resident, desk.sent())
    page = secretary.get(reverse("follow-up")).content.decode()
    assert reverse(act, args=[note.uuid]) in page
    assert reverse("resident", args=[desk.resident.uuid]) in page
    secretary.post(reverse(act, args=[note.uuid]))
    note.refresh_from_db()
    assert note.state == state
