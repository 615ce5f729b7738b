"""The secretary of the second home hands over what is about a resident of the first, and nothing else."""

import pytest
from tests.support import factories
from tests.support.desk import make_desk, read, returned_to
from tests.support.letters import SENDER, discharge_letter, patient_of, sending

from liaison.apps.filing.hand_over import do_receive_hand_over
from liaison.apps.filing.models import HandOver
from liaison.core.identity.ins import ins_key
from liaison.demo.neighbour.desk import hand_over_what_is_of, secretary_of

pytestmark = pytest.mark.django_db


def test_a_letter_of_the_other_home_goes_there_once_and_her_own_stay() -> None:
    first, second = make_desk(), make_desk()
    ins = "2310251454123" + ins_key("2310251454123")
    theirs = factories.make_resident(
        first.site, ins=ins, birth_family="MOREAU", birth_given="ODETTE", given_names="ODETTE", birth_date="1931-02-03"
    )
    for patient in (patient_of(theirs), patient_of(second.resident)):
        read(second.mailbox, returned_to(SENDER.email, sending(patient, discharge_letter(patient))))
    user = secretary_of(second.site.finess)
    assert user == second.secretary
    assert [hand_over_what_is_of(first.site.finess, user) for _ in range(2)] == [1, 0]
    given = HandOver.objects.get()
    assert (given.other_site, given.handed_by) == (first.site, second.secretary)
    assert do_receive_hand_over(given) is not None
