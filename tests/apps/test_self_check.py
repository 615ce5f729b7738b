"""A test message goes round on real servers; its times are kept, its failure is said, and nobody's inbox shows it."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from tests.apps.test_wire import declare, open_for, operator_config, person
from tests.support import factories
from tests.support.desk import Desk, read
from tests.support.operator import running_operator

from liaison.apps.audit.models import Entry
from liaison.apps.exchanges.models import Answer, Reply
from liaison.apps.intake.models import RawMessage
from liaison.apps.operations import jobs, self_check
from liaison.apps.operations.models import Incident, SelfCheck
from liaison.apps.operations.status import current_status
from liaison.apps.organisations.access import access_messages
from liaison.apps.refusals import NotAllowed
from liaison.demo.operator.config import OperatorConfig

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OperatorConfig]:
    with running_operator(operator_config(tmp_path_factory.mktemp("essai"))) as config:
        yield config


def test_a_test_message_goes_round_and_its_times_are_kept(desk: Desk, running: OperatorConfig) -> None:
    mailbox = open_for(desk, declare(running), person(1))
    check = self_check.check_now(mailbox, patience=60)
    assert check.state == SelfCheck.State.PASSED
    assert list(check.seconds) == ["send", "receive", "read"]
    (shown,) = current_status().self_checks
    assert (shown.address, shown.state, shown.seconds) == (mailbox.address, "passed", check.seconds)
    assert not Incident.objects.exists()
    actions = set(Entry.objects.values_list("action", flat=True))
    assert {"self_check_begun", "self_check_passed"} <= actions


def test_a_test_message_is_in_nobodys_inbox_and_is_never_answered(desk: Desk, running: OperatorConfig) -> None:
    mailbox = open_for(desk, declare(running), person(2))
    self_check.check_now(mailbox, patience=60)
    kept = RawMessage.objects.get(mailbox=mailbox)
    assert (kept.category, kept.handling) == (RawMessage.Category.SELF_CHECK, RawMessage.Handling.DONE)
    assert not access_messages(desk.secretary).exists()
    assert not Answer.objects.exists()
    assert not Reply.objects.exists()


def test_a_message_that_only_looks_like_a_test_is_shown_as_any_other(desk: Desk) -> None:
    forged = (
        b"From: a@exemple.fr\r\nMessage-ID: <essai.1@exemple.fr>\r\nSubject: [Liaison] Message d'essai\r\n\r\nBonjour"
    )
    message = read(desk.mailbox, forged)
    assert access_messages(desk.secretary).filter(pk=message.pk).exists()


def test_a_server_that_cannot_be_reached_is_an_incident_until_a_test_passes(
    desk: Desk, running: OperatorConfig
) -> None:
    mailbox = open_for(desk, declare(running), person(3))
    good = mailbox.operator.smtp_port
    mailbox.operator.smtp_port = 9
    assert self_check.check_now(mailbox, patience=60).state == SelfCheck.State.FAILED
    incident = Incident.objects.get(closed_at=None)
    assert (incident.kind, incident.mailbox, incident.site) == ("self_check", mailbox, mailbox.site)
    mailbox.operator.smtp_port = good
    self_check.check_now(mailbox, patience=60)
    assert not Incident.objects.filter(closed_at=None).exists()


def test_one_that_does_not_come_back_is_an_incident_in_time(desk: Desk) -> None:
    check = self_check.do_begin_self_check(desk.mailbox)
    SelfCheck.objects.update(begun_at=timezone.now() - timedelta(hours=1), sent_at=timezone.now())
    jobs.make_rounds(timestamp=0)
    check.refresh_from_db()
    assert (check.state, check.detail) == (SelfCheck.State.FAILED, self_check.NOT_BACK)
    assert Incident.objects.get().kind == "self_check"


def test_each_day_each_site_tries_one_mailbox(desk: Desk) -> None:
    other = factories.make_mailbox(factories.make_site())
    jobs.check_ourselves(timestamp=0)
    assert set(SelfCheck.objects.values_list("mailbox", flat=True)) == {desk.mailbox.pk, other.pk}


def test_a_person_asks_for_a_test_of_her_own_sites_only(desk: Desk) -> None:
    stranger = factories.make_user(factories.make_site())
    with pytest.raises(NotAllowed):
        self_check.do_ask_self_check(desk.mailbox, user=stranger)
    assert self_check.do_ask_self_check(desk.mailbox, user=desk.secretary).state == SelfCheck.State.RUNNING
