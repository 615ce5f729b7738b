"""A job deferred by a job is in the transaction of that job: seen after its commit, gone with its rollback."""

import pytest
from django.db import connection
from django.db.backends.utils import CursorWrapper
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.support.factories import make_mailbox, make_resident, make_site, make_user, receive
from tests.support.letters import discharge_letter, patient_of, sending

from liaison.apps.exchanges.jobs import offer_sending
from liaison.apps.filing.queries import unproposed_documents
from liaison.apps.intake import pipeline
from liaison.apps.intake.jobs import offer_readings, sweep_unread_messages
from liaison.apps.intake.models import Document, RawMessage
from liaison.apps.mailboxes.models import Mailbox
from liaison.apps.operations.jobs import STALLED_AFTER_SECONDS, take_over_stalled_jobs
from liaison.apps.queue import offer
from liaison.cli.processes import run_jobs

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def message() -> RawMessage:
    site = make_site()
    mailbox: Mailbox = make_mailbox(site, make_user(site))
    patient = patient_of(make_resident(site))
    return receive(mailbox, sending(patient, discharge_letter(patient)))


def test_a_worker_reads_then_proposes(message: RawMessage) -> None:
    run_jobs(concurrency=1, wait=False)
    assert Document.objects.get(message=message).proposal.rule == 1


def test_a_reading_that_rolls_back_takes_its_jobs_with_it(message: RawMessage, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*arguments: object) -> None:
        route(*arguments)
        raise ValueError("after the job was deferred")

    route = pipeline._route
    monkeypatch.setattr(pipeline, "_route", breaks)
    run_jobs(concurrency=1, wait=False)
    message.refresh_from_db()
    assert message.state == RawMessage.State.FAILED
    assert not ProcrastinateJob.objects.filter(task_name="propose_document").exists()


def test_the_job_of_a_worker_whose_heart_stopped_is_taken_over(message: RawMessage) -> None:
    taken_by_a_worker(last_beat=STALLED_AFTER_SECONDS + 5)
    offer(take_over_stalled_jobs, key="now", timestamp=0)
    run_jobs(concurrency=1, wait=False)
    message.refresh_from_db()
    assert message.state == RawMessage.State.READ


def test_the_job_of_a_worker_whose_heart_beats_is_left_to_it(message: RawMessage) -> None:
    taken_by_a_worker(last_beat=0)
    offer(take_over_stalled_jobs, key="now", timestamp=0)
    run_jobs(concurrency=1, wait=False)
    message.refresh_from_db()
    assert message.state == RawMessage.State.RECEIVED


def taken_by_a_worker(*, last_beat: int) -> None:
    """The reading is in the hands of a worker whose heart beat last so many seconds ago."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - %s * interval '1 second') RETURNING id",
            [last_beat],
        )
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s WHERE task_name = 'read_message'",
            cursor.fetchone(),
        )
        assert cursor.rowcount == 1


def test_what_mends_and_what_is_sent_go_before_a_long_mailbox(message: RawMessage) -> None:
    for task in (sweep_unread_messages, take_over_stalled_jobs):
        offer(task, key=task.name, timestamp=0)
    offer_sending(0)
    with connection.cursor() as cursor:
        ran = [fetched(cursor) for _ in range(3)]
    assert ran == ["sweep_unread_messages", "take_over_stalled_jobs", "send_recipient"]
    assert message.pk


def test_whose_letter_it_is_is_said_before_the_next_ones_are_read(message: RawMessage) -> None:
    receive(message.mailbox, b"Subject: x\r\n\r\nBonjour")
    pipeline.do_read(message)
    with connection.cursor() as cursor:
        ran = [fetched(cursor) for _ in range(4)]
    assert ran[0] == "propose_document"
    assert "read_message" in ran[1:]


def fetched(cursor: CursorWrapper) -> str:
    cursor.execute("SELECT task_name FROM procrastinate_fetch_job_v2(NULL, NULL)")
    return str(cursor.fetchone()[0])


def test_a_message_is_offered_again_only_when_no_job_is_about_it(message: RawMessage) -> None:
    others = [receive(message.mailbox, b"Subject: x%d\r\n\r\nBonjour" % number).pk for number in range(3)]
    RawMessage.objects.update(fetched_at="2026-01-01T00:00:00Z")
    offer_readings(others)
    assert pipeline.unfinished() == [message.pk]
    run_jobs(concurrency=1, wait=False)
    RawMessage.objects.update(state=RawMessage.State.RECEIVED)
    assert pipeline.unfinished() == [message.pk, *others]


def test_a_document_whose_proposal_was_lost_is_offered_again(
    message: RawMessage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("liaison.apps.intake.pipeline.offer_proposals", lambda _documents: None)
    pipeline.do_read(message)
    document = Document.objects.get(message=message)
    assert unproposed_documents() == []
    Document.objects.update(created_at="2026-01-01T00:00:00Z")
    assert unproposed_documents() == [document.pk]
