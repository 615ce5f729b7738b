"""Several people and jobs at once, each on a connection of its own: done once, in turn, never crosswise."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest
from django.db import connection, transaction
from tests.support import factories
from tests.support.desk import Desk, make_desk
from tests.support.letters import discharge_letter, drug, patient_of, sending

from liaison.apps.audit.actions import begin
from liaison.apps.audit.models import Entry
from liaison.apps.audit.verification import verify_chains
from liaison.apps.exchanges.models import Answer
from liaison.apps.filing.actions import do_file, do_unfile
from liaison.apps.filing.models import Filing
from liaison.apps.intake import pipeline
from liaison.apps.intake.actions import do_mark_handled, do_receive
from liaison.apps.intake.models import Document, RawMessage
from liaison.apps.intake.pipeline import read_all_or_note
from liaison.apps.mailboxes.imap import FetchedMessage
from liaison.apps.refusals import AlreadyDone
from liaison.apps.residents.actions import do_complete_task
from liaison.apps.treatments.actions import Choice, do_decide_lines
from liaison.apps.treatments.models import Decision
from liaison.core.reading import Reading

pytestmark = pytest.mark.django_db(transaction=True)

Act = Callable[[], Any]


@pytest.fixture
def desk(transactional_db: None) -> Desk:
    del transactional_db
    return make_desk()


def at_once(*acts: Act) -> list[Any]:
    """What each act gave or raised, all started together, each on its own connection."""
    together = threading.Barrier(len(acts))

    def run(act: Act) -> Any:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
            together.wait(timeout=10)
            return act()
        except Exception as error:  # noqa: BLE001 (what was raised is what the test looks at)
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def kinds(outcomes: list[Any]) -> list[str]:
    return sorted(type(outcome).__name__ for outcome in outcomes)


def test_two_people_filing_one_document_at_once_file_it_once(desk: Desk) -> None:
    document = desk.letter()
    outcomes = at_once(
        lambda: do_file(document, resident=desk.resident, user=desk.secretary),
        lambda: do_file(document, resident=desk.resident, user=desk.doctor),
    )
    assert kinds(outcomes) == ["AlreadyDone", "Filing"]
    assert Filing.objects.count() == Answer.objects.count() == desk.resident.stays.count() == 1
    assert Entry.objects.filter(action="document_filed").count() == 1


def test_two_doctors_deciding_one_line_at_once_decide_it_once(desk: Desk) -> None:
    reconciliation = desk.reconciliation(at_discharge=(drug("APIXABAN 5 mg"),))
    choice = [Choice(1, "accept")]
    outcomes = at_once(*[lambda: do_decide_lines(reconciliation, user=desk.doctor, choices=choice)] * 2)
    assert kinds(outcomes) == ["AlreadyDone", "list"]
    assert Decision.objects.count() == desk.resident.treatment_lines.count() == 1


def test_two_pollers_of_one_mailbox_keep_one_message(desk: Desk) -> None:
    fetched = FetchedMessage(7, b"one", desk.letter().message.received_at)
    outcomes = at_once(*[lambda: do_receive(desk.personal, uid_validity=1, fetched=fetched)] * 2)
    assert kinds(outcomes) == ["RawMessage", "RawMessage"]
    assert RawMessage.objects.filter(mailbox=desk.personal).count() == 1


def test_many_acts_of_one_site_at_once_all_succeed_and_leave_one_unbroken_chain(desk: Desk) -> None:
    """Acts that lock different rows and write one chain: the order that could wait crosswise, many times over."""
    filed = [desk.filed() for _ in range(4)]
    waiting = [desk.letter() for _ in range(4)]
    tasks = [task for document in filed for task in document.follow_up_tasks.all()]
    acts: list[Act] = []
    for index in range(4):
        acts += [
            lambda one=waiting[index]: desk.file(one),
            lambda one=filed[index]: do_unfile(one.filings.get(), user=desk.doctor, reason="erreur"),
            lambda one=tasks[index]: do_complete_task(one, user=desk.nurse),
        ]
    outcomes = at_once(*acts)
    assert [outcome for outcome in outcomes if isinstance(outcome, Exception)] == []
    report = verify_chains()[desk.site.finess]
    assert report.sound
    assert report.count == Entry.objects.filter(site=desk.site).count()


def test_an_act_waits_for_the_chain_before_it_locks_any_row(desk: Desk) -> None:
    """While one act holds the chain, a second one holds no row that the first could come to want."""
    message = desk.letter().message
    waiting = threading.Thread(target=_mark, args=(message, desk))
    with transaction.atomic():
        begin(desk.site)
        waiting.start()
        _until_somebody_waits()
        RawMessage.objects.select_for_update(nowait=True).get(pk=message.pk)
        assert message.handling == RawMessage.Handling.TO_DO
    waiting.join(timeout=10)
    message.refresh_from_db()
    assert message.handling == RawMessage.Handling.DONE


def _mark(message: RawMessage, desk: Desk) -> None:
    try:
        do_mark_handled(message, user=desk.secretary)
    finally:
        connection.close()


WAITING = """
    SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database
    WHERE datname = current_database() AND locktype = 'advisory' AND NOT granted
"""


def _until_somebody_waits() -> None:
    with connection.cursor() as cursor:
        for _ in range(500):
            cursor.execute(WAITING)
            if cursor.fetchone()[0]:
                return
            cursor.execute("SELECT pg_sleep(0.01)")
    raise AssertionError("nobody waits")


def test_acts_of_two_sites_do_not_wait_for_each_other(desk: Desk) -> None:
    elsewhere = make_desk()
    message = elsewhere.letter().message
    with transaction.atomic():
        begin(desk.site)
        other = threading.Thread(target=_mark, args=(message, elsewhere))
        other.start()
        other.join(timeout=5)
        assert not other.is_alive()
    message.refresh_from_db()
    assert message.handling == RawMessage.Handling.DONE


def test_an_entry_without_its_act_is_refused() -> None:
    site = factories.make_site()
    with pytest.raises(transaction.TransactionManagementError):
        begin(site)


def test_a_refusal_is_the_same_for_the_one_who_came_second(desk: Desk) -> None:
    message = desk.letter().message
    outcomes = at_once(*[lambda: do_mark_handled(message, user=desk.secretary)] * 3)
    assert [type(outcome) for outcome in outcomes].count(AlreadyDone) == 2


def test_two_workers_reading_the_same_messages_at_once_keep_them_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    mails = [sending(patient_of(desk.resident), discharge_letter(patient_of(desk.resident))) for _ in range(2)]
    numbers = [factories.receive(desk.mailbox, mail).pk for mail in mails]
    both_read = threading.Barrier(2)
    keep = pipeline.do_keep_readings

    def keep_once_both_read(read: Sequence[tuple[RawMessage, Reading]]) -> None:
        with suppress(threading.BrokenBarrierError):
            both_read.wait(timeout=5)
        keep(read)

    monkeypatch.setattr(pipeline, "do_keep_readings", keep_once_both_read)
    assert at_once(*[lambda: read_all_or_note(numbers)] * 2) == [None, None]
    assert set(RawMessage.objects.values_list("state", "attempts")) == {("read", 0)}
    assert Document.objects.count() == len(mails)
    assert Entry.objects.filter(action="message_read").count() == len(mails)
    assert not Entry.objects.filter(action="reading_failed").exists()


def test_the_journal_is_free_while_what_was_read_is_written(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    message = factories.receive(
        desk.mailbox, sending(patient_of(desk.resident), discharge_letter(patient_of(desk.resident)))
    )
    write = pipeline._keep_documents
    others: list[Any] = []

    def write_beside_another_act(*arguments: Any) -> Any:
        written = write(*arguments)
        others.extend(at_once(lambda: take_the_journal(desk)))
        return written

    monkeypatch.setattr(pipeline, "_keep_documents", write_beside_another_act)
    read_all_or_note([message.pk])
    assert others == [None]


def take_the_journal(desk: Desk) -> None:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '2s'")
        begin(desk.site)
