"""The one gate to read: what each role sees, and what nobody sees."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db.models import QuerySet
from django.http import Http404
from tests.support import factories
from tests.support.desk import Desk, make_desk, read
from tests.support.letters import drug
from tests.support.replies import reply_to

from liaison.apps.filing.actions import do_unfile
from liaison.apps.mailboxes.models import Mailbox
from liaison.apps.organisations import access
from liaison.apps.organisations.models import Membership, Role, User

pytestmark = pytest.mark.django_db

Gate = Callable[[User], QuerySet[Any]]
RECORD: list[Gate] = [
    access.access_residents,
    access.access_documents,
    access.access_allergies,
    access.access_tasks,
    access.access_reconciliations,
    access.access_transmissions,
    access.access_recipients,
    access.access_replies,
]
MAILBOX: list[Gate] = [access.access_mailboxes, access.access_messages, access.access_leaves]


@pytest.fixture
def answered(desk: Desk) -> Desk:
    """A home where a letter was filed, sent on and answered."""
    recipient = desk.sent(at_discharge=(drug("APIXABAN 5 mg"),))
    read(desk.mailbox, reply_to(recipient, "D'accord pour tout.", in_reply_to=recipient.message_id))
    return desk


@pytest.mark.parametrize("gate", RECORD + MAILBOX, ids=lambda gate: gate.__name__)
def test_the_secretary_who_holds_the_mailbox_sees(answered: Desk, gate: Gate) -> None:
    assert gate(answered.secretary).exists()


@pytest.mark.parametrize("gate", RECORD, ids=lambda gate: gate.__name__)
def test_the_nurse_sees_of_the_record(answered: Desk, gate: Gate) -> None:
    assert gate(answered.nurse).exists()


@pytest.mark.parametrize("gate", MAILBOX, ids=lambda gate: gate.__name__)
def test_who_holds_no_mailbox_sees_none_of(answered: Desk, gate: Gate) -> None:
    assert not gate(answered.nurse).exists()
    assert not gate(factories.make_user(answered.site)).exists()


@pytest.mark.parametrize("gate", RECORD + MAILBOX, ids=lambda gate: gate.__name__)
def test_the_administrator_sees_nothing_even_holding_a_mailbox(answered: Desk, gate: Gate) -> None:
    administrator = factories.make_user(answered.site, Role.ADMINISTRATOR)
    answered.mailbox.holders.add(administrator)
    assert not gate(administrator).exists()


@pytest.mark.parametrize("gate", RECORD + MAILBOX, ids=lambda gate: gate.__name__)
def test_another_site_sees_nothing_of_this_one(answered: Desk, gate: Gate) -> None:
    elsewhere = make_desk()
    mine = set(gate(elsewhere.doctor))
    assert not mine & set(gate(answered.doctor))


@pytest.mark.parametrize("gate", MAILBOX + RECORD, ids=lambda gate: gate.__name__)
def test_who_left_the_site_sees_nothing_of_it_though_still_named_holder(answered: Desk, gate: Gate) -> None:
    Membership.objects.filter(user=answered.secretary).delete()
    assert answered.mailbox.holders.filter(pk=answered.secretary.pk).exists()
    assert not gate(answered.secretary).exists()


def test_a_closed_mailbox_is_seen_by_nobody(answered: Desk) -> None:
    Mailbox.objects.filter(pk=answered.mailbox.pk).update(active=False)
    assert not access.access_messages(answered.secretary).exists()


def test_a_personal_mailbox_is_seen_by_its_doctor_alone(desk: Desk) -> None:
    message = factories.receive(desk.personal, b"personnel")
    assert access.access_messages(desk.doctor).filter(pk=message.pk).exists()
    assert not access.access_messages(desk.secretary).filter(pk=message.pk).exists()


def test_a_document_is_seen_by_the_care_team_while_it_is_in_the_record(desk: Desk) -> None:
    document = desk.letter()
    assert not access.access_documents(desk.nurse).exists()
    filing = desk.file(document)
    assert access.access_documents(desk.nurse).get() == document
    do_unfile(filing, user=desk.secretary, reason="mauvais dossier")
    assert not access.access_documents(desk.nurse).exists()
    assert access.access_documents(desk.secretary).get() == document


def test_what_was_struck_from_the_record_is_not_shown_as_true(desk: Desk) -> None:
    do_unfile(desk.filed().filings.get(), user=desk.secretary, reason="mauvais dossier")
    assert not access.access_allergies(desk.secretary).exists()
    assert not access.access_tasks(desk.secretary).exists()


def test_the_journal_of_a_resident_is_for_those_who_see_the_resident(answered: Desk) -> None:
    assert access.access_journal(answered.nurse, answered.resident).exists()
    with pytest.raises(Http404):
        access.access_journal(make_desk().doctor, answered.resident)


def test_rights_are_those_of_the_site_asked_about(desk: Desk) -> None:
    elsewhere = make_desk()
    assert access.may_file(desk.secretary, desk.site)
    assert not access.may_file(desk.secretary, elsewhere.site)
    assert access.may_prescribe(desk.doctor, desk.site)
    assert not access.may_prescribe(desk.doctor, elsewhere.site)
    assert not access.may_prescribe(desk.secretary, desk.site)
