"""A message for another home of the group: handed over once, read there anew, traced on both sides, never leaking."""

from typing import Any

import pytest
from tests.support import factories
from tests.support.desk import Desk, make_desk, read, returned_to
from tests.support.letters import SENDER, discharge_letter, patient_of, sending

from liaison.apps.audit.models import Entry
from liaison.apps.filing.actions import do_file
from liaison.apps.filing.hand_over import do_hand_over, do_receive_hand_over
from liaison.apps.filing.models import HandOver
from liaison.apps.filing.queries import hand_overs_on_their_way
from liaison.apps.intake.models import Document, RawMessage
from liaison.apps.intake.pipeline import do_read
from liaison.apps.mailboxes.models import Mailbox
from liaison.apps.organisations import row_security
from liaison.apps.organisations.access import access_messages
from liaison.apps.refusals import AlreadyDone, NotAllowed, NotPossible

pytestmark = pytest.mark.django_db


@pytest.fixture
def there(desk: Desk) -> Desk:
    del desk
    return make_desk()


def letter_for(there: Desk, desk: Desk) -> Document:
    """A letter about a resident of the other home, received here."""
    patient = patient_of(there.resident)
    raw = returned_to(SENDER.email, sending(patient, discharge_letter(patient)))
    return read(desk.mailbox, raw).documents.get()


def handed(document: Document, there: Desk, desk: Desk, **unusual: Any) -> HandOver:
    return do_hand_over(
        document.message, **{"to": there.site, "user": desk.secretary, "reason": "Leur résidente", **unusual}
    )


def test_the_other_home_finds_the_message_in_its_inbox_with_who_handed_it_over_and_why(desk: Desk, there: Desk) -> None:
    document = letter_for(there, desk)
    given = handed(document, there, desk)
    received = do_receive_hand_over(given)
    assert received is not None
    copy = access_messages(there.secretary).get(pk=received.message_id)
    assert (copy.blob, copy.site) == (document.message.blob, there.site)
    assert (received.handed_by, received.reason, received.other_site) == (desk.secretary, "Leur résidente", desk.site)
    do_read(copy)
    assert copy.documents.get().site == there.site


def test_nothing_waits_at_the_giving_home_any_more(desk: Desk, there: Desk) -> None:
    document = letter_for(there, desk)
    given = handed(document, there, desk)
    do_receive_hand_over(given)
    document.refresh_from_db()
    given.refresh_from_db()
    assert (document.state, given.state) == (Document.State.SET_ASIDE, HandOver.State.ARRIVED)
    assert document.set_aside_reason.startswith(f"Remis à {there.site.name}")
    assert RawMessage.objects.get(pk=document.message_id).handling == RawMessage.Handling.DONE


def test_both_chains_say_who_handed_what_to_whom(desk: Desk, there: Desk) -> None:
    document = letter_for(there, desk)
    do_receive_hand_over(handed(document, there, desk))
    said = {entry.action: (entry.site, entry.user) for entry in Entry.objects.filter(action__contains="hand")}
    assert said["document_handed_over"] == said["message_handed_over"] == (desk.site, desk.secretary)
    assert said["hand_over_received"] == (there.site, desk.secretary)


def test_a_person_hands_over_from_within_the_scope_of_his_own_home(desk: Desk, there: Desk) -> None:
    document = letter_for(there, desk)
    with row_security.scope([desk.site.pk]):
        given = handed(document, there, desk)
    with row_security.scope([there.site.pk]):
        assert not HandOver.objects.exists()
    do_receive_hand_over(given)
    with row_security.scope([there.site.pk]):
        assert HandOver.objects.get().direction == HandOver.Direction.RECEIVED


def test_the_copy_is_made_once_however_often_the_job_runs(desk: Desk, there: Desk) -> None:
    given = handed(letter_for(there, desk), there, desk)
    assert hand_overs_on_their_way() == []
    assert do_receive_hand_over(given) is not None
    assert do_receive_hand_over(given) is None
    assert RawMessage.objects.filter(site=there.site).count() == HandOver.objects.filter(site=there.site).count() == 1


def test_a_message_the_other_home_holds_already_is_not_there_twice(desk: Desk, there: Desk) -> None:
    document = letter_for(there, desk)
    held = RawMessage.objects.get(pk=document.message_id)
    held.pk, held.uuid, held.site, held.mailbox = None, factories.make_site().uuid, there.site, there.mailbox
    held.save(force_insert=True)
    received = do_receive_hand_over(handed(document, there, desk))
    assert received is not None
    assert received.message_id == held.pk


@pytest.mark.parametrize("reason", ["", "   "])
def test_a_hand_over_wants_a_reason(desk: Desk, there: Desk, reason: str) -> None:
    with pytest.raises(NotPossible):
        handed(letter_for(there, desk), there, desk, reason=reason)


def test_it_wants_a_right_and_access_to_the_mailbox(desk: Desk, there: Desk) -> None:
    document = letter_for(there, desk)
    for person in (desk.nurse, there.secretary, factories.make_user(desk.site)):
        with pytest.raises(NotAllowed):
            handed(document, there, desk, user=person)
    assert not HandOver.objects.exists()


def test_it_goes_once_and_to_another_home_of_the_group_only(desk: Desk, there: Desk) -> None:
    document = letter_for(there, desk)
    with pytest.raises(NotPossible):
        handed(document, there, desk, to=desk.site)
    stranger = make_desk()
    stranger.site.group = type(stranger.site.group).objects.create(name="Un autre groupe")
    stranger.site.save()
    with pytest.raises(NotPossible):
        handed(document, there, desk, to=stranger.site)
    handed(document, there, desk)
    with pytest.raises(AlreadyDone):
        handed(document, there, desk)


def test_a_message_with_a_document_in_a_record_here_is_never_shown_elsewhere(desk: Desk, there: Desk) -> None:
    document = desk.letter()
    do_file(document, resident=desk.resident, user=desk.secretary)
    with pytest.raises(NotPossible, match="dans un dossier d'ici"):
        handed(document, there, desk)


def test_without_a_mailbox_there_the_document_waits_here_again(desk: Desk, there: Desk) -> None:
    document = letter_for(there, desk)
    Mailbox.objects.filter(site=there.site).update(active=False)
    given = handed(document, there, desk)
    assert do_receive_hand_over(given) is None
    given.refresh_from_db()
    document.refresh_from_db()
    assert (given.state, document.state, document.set_aside_reason) == ("impossible", "to_match", "")
    assert Entry.objects.filter(action="hand_over_impossible", site=desk.site).exists()
    assert RawMessage.objects.get(pk=document.message_id).handling == RawMessage.Handling.TO_DO
