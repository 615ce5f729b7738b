"""The acts themselves check who asks: a door that forgets to ask changes nothing."""

import pytest
from tests.support.factories import make_mailbox, make_resident, make_site, make_user, receive
from tests.support.letters import discharge_letter, patient_of, sending

from liaison.apps.filing.actions import do_file
from liaison.apps.intake.actions import do_mark_handled, do_read_again, do_reopen
from liaison.apps.intake.pipeline import do_read
from liaison.apps.organisations.models import Role
from liaison.apps.refusals import NotAllowed
from liaison.apps.residents.actions import do_complete_task, do_confirm_allergy

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("act", [do_mark_handled, do_reopen, do_read_again])
def test_a_message_is_handled_by_the_holders_of_its_mailbox_only(act: object) -> None:
    site = make_site()
    message = receive(make_mailbox(site, make_user(site)), b"a message")
    with pytest.raises(NotAllowed):
        act(message, user=make_user(site))  # type: ignore[operator]


@pytest.mark.parametrize("elsewhere", [True, False], ids=["another site's secretary", "an administrator"])
def test_a_record_is_written_by_those_who_care_for_the_resident_only(elsewhere: bool) -> None:
    site = make_site()
    secretary = make_user(site)
    resident = make_resident(site)
    message = receive(
        make_mailbox(site, secretary), sending(patient_of(resident), discharge_letter(patient_of(resident)))
    )
    do_read(message)
    do_file(message.documents.get(), resident=resident, user=secretary)
    stranger = make_user(make_site("Ailleurs")) if elsewhere else make_user(site, Role.ADMINISTRATOR)
    with pytest.raises(NotAllowed):
        do_confirm_allergy(resident.allergies.get(), user=stranger)
    with pytest.raises(NotAllowed):
        do_complete_task(resident.follow_up_tasks.all()[0], user=stranger)
