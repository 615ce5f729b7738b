"""A reader that improves reads the kept letters again: once, by batches, and never over what a person did."""

import json
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone
from tests.support import factories
from tests.support.desk import Desk, read
from tests.support.letters import drug, patient_of, sending

from liaison.apps.audit.models import Entry
from liaison.apps.blobs import store
from liaison.apps.exchanges.actions import do_send
from liaison.apps.filing.read_facts import do_dismiss_fact
from liaison.apps.intake.models import Document, RawMessage
from liaison.apps.refusals import AlreadyDone, NotAllowed, NotPossible
from liaison.apps.treatments.actions import Choice, do_decide_lines
from liaison.apps.treatments.letter_lines import lines_of_letter
from liaison.apps.treatments.models import Reconciliation, Rereading, TextReading
from liaison.apps.treatments.preparation import Preparation, do_prepare_lines
from liaison.apps.treatments.rereading import (
    READER_VERSION,
    difference_of,
    do_keep_old_reading,
    do_reread,
    do_take_rereading,
    documents_to_reread,
)
from liaison.apps.treatments.text_reading import do_read_text
from liaison.cli import rereading as command
from liaison.core.mail.values import Attachment
from liaison.core.pdf.letter import write_letter
from liaison.core.pdf.values import Letter, LetterSection

pytestmark = pytest.mark.django_db
State = Rereading.State


@pytest.fixture
def letter(desk: Desk) -> Document:
    """A PDF read by an older reader, which did not see its first line."""
    said = ("• KARDEGIC 75 mg : 1 sachet le midi", "• ELIQUIS 2,5 mg : 1 cp matin et soir")
    section = LetterSection("Traitement de sortie", said)
    pdf = write_letter(Letter("Compte rendu d'hospitalisation", ("CHU de Reims",), (), "2026-11-20", (), (section,)))
    attachment = Attachment("cr.pdf", "application/pdf", pdf)
    document = read(desk.mailbox, sending(patient_of(desk.resident), b"", attachments=(attachment,))).documents.get()
    do_read_text(document)
    age(document)
    return document


def age(document: Document, *, without: int = 1) -> None:
    """As an older reader would have left it."""
    reading = TextReading.objects.get(document=document)
    reading.reader_version, reading.lines = "0", reading.lines[without:]
    reading.save()


def names(document: Document) -> list[str]:
    return [line.name for line in lines_of_letter(document)]


def reread(document: Document) -> Rereading:
    found = do_reread(document)
    assert found
    return found


def test_a_letter_nobody_filed_takes_the_new_reading_at_once(letter: Document) -> None:
    assert names(letter) == ["ELIQUIS 2,5 mg"]
    assert reread(letter).state == State.TAKEN
    assert names(letter) == ["KARDEGIC 75 mg", "ELIQUIS 2,5 mg"]
    entry = Entry.objects.get(action="text_reread")
    assert (entry.details["before"], entry.details["version"], entry.details["state"]) == ("0", READER_VERSION, "taken")


def test_a_reading_that_says_the_same_only_changes_its_version(desk: Desk, letter: Document) -> None:
    TextReading.objects.filter(document=letter).delete()
    do_read_text(letter)
    age(letter, without=0)
    desk.file(letter)
    before = Reconciliation.objects.get()
    assert reread(letter).state == State.SAME
    assert TextReading.objects.get(document=letter).reader_version == READER_VERSION
    assert list(Reconciliation.objects.all()) == [before]


def test_in_a_record_the_difference_is_proposed_and_changes_nothing(desk: Desk, letter: Document) -> None:
    desk.file(letter)
    found = reread(letter)
    assert found.state == State.PROPOSED
    assert names(letter) == ["ELIQUIS 2,5 mg"]
    assert Reconciliation.objects.get().lines.count() == 1
    difference = difference_of(TextReading.objects.get(document=letter), found)
    assert ([line.name for line in difference.come], difference.gone) == (["KARDEGIC 75 mg"], ())


def test_a_person_who_takes_the_new_reading_has_the_letter_compared_again(desk: Desk, letter: Document) -> None:
    desk.file(letter)
    do_take_rereading(reread(letter), user=desk.secretary)
    assert names(letter) == ["KARDEGIC 75 mg", "ELIQUIS 2,5 mg"]
    standing = Reconciliation.objects.exclude(state=Reconciliation.State.WITHDRAWN)
    assert standing.get().lines.count() == 2
    assert Entry.objects.get(action="rereading_taken").user == desk.secretary


def test_a_person_may_keep_the_old_reading_and_the_choice_is_made_once(desk: Desk, letter: Document) -> None:
    desk.file(letter)
    found = reread(letter)
    do_keep_old_reading(found, user=desk.secretary)
    assert names(letter) == ["ELIQUIS 2,5 mg"]
    with pytest.raises(AlreadyDone):
        do_take_rereading(found, user=desk.secretary)
    assert list(documents_to_reread(None)) == []


def decide(desk: Desk, taken: Reconciliation) -> None:
    do_decide_lines(taken, user=desk.doctor, choices=[Choice(1, "accept")])


def prepare(desk: Desk, taken: Reconciliation) -> None:
    do_prepare_lines(taken, user=desk.secretary, said=[Preparation(1, remark="à voir")])


def send(desk: Desk, taken: Reconciliation) -> None:
    gp = factories.make_professional()
    do_send(taken.document, user=desk.secretary, mailbox=desk.mailbox, professionals=[gp])


@pytest.mark.parametrize("work", [decide, prepare, send])
def test_what_was_decided_prepared_or_sent_never_changes(work: Any, desk: Desk, letter: Document) -> None:
    desk.file(letter)
    taken = Reconciliation.objects.get()
    work(desk, taken)
    taken.refresh_from_db()
    before = (taken.state, list(taken.lines.values()), list(desk.resident.treatment_lines.values()))
    found = reread(letter)
    with pytest.raises(NotPossible):
        do_take_rereading(found, user=desk.secretary)
    taken.refresh_from_db()
    assert (taken.state, list(taken.lines.values()), list(desk.resident.treatment_lines.values())) == before
    assert names(letter) == ["ELIQUIS 2,5 mg"]
    do_keep_old_reading(found, user=desk.secretary)


def test_a_nurse_does_not_choose_between_two_readings(desk: Desk, letter: Document) -> None:
    desk.file(letter)
    found = reread(letter)
    for choose in (do_take_rereading, do_keep_old_reading):
        with pytest.raises(NotAllowed):
            choose(found, user=desk.nurse)


def test_reading_again_twice_does_it_once(letter: Document) -> None:
    reread(letter)
    assert do_reread(letter) is None
    assert Rereading.objects.count() == 1
    assert Entry.objects.filter(action="text_reread").count() == 1


def test_only_what_came_since_the_day_is_read_again(letter: Document) -> None:
    today = timezone.localdate()
    RawMessage.objects.filter(pk=letter.message_id).update(received_at=timezone.now() - timedelta(days=10))
    assert list(documents_to_reread(today - timedelta(days=5))) == []
    assert list(documents_to_reread(today - timedelta(days=15))) == [letter]
    assert list(documents_to_reread(None)) == [letter]


def test_a_coded_letter_has_no_words_to_read_again(desk: Desk) -> None:
    desk.letter(at_discharge=(drug("RAMIPRIL 5 mg"),))
    assert list(documents_to_reread(None)) == []


@pytest.fixture
def _set_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "set_up", lambda: None)


@pytest.mark.usefixtures("_set_up")
def test_the_command_counts_what_it_did_and_a_second_run_finds_nothing(
    letter: Document, capsys: pytest.CaptureFixture[str]
) -> None:
    assert letter.pk
    said = [_run(capsys) for _ in range(2)]
    assert said == [
        (0, {"read": 1, "same": 0, "taken": 1, "proposed": 0, "failed": 0}),
        (0, {"read": 0, "same": 0, "taken": 0, "proposed": 0, "failed": 0}),
    ]


@pytest.mark.usefixtures("_set_up")
def test_a_letter_whose_file_is_lost_is_counted_and_stops_no_other(
    letter: Document, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(_blob: str) -> bytes:
        raise FileNotFoundError

    monkeypatch.setattr(store, "get", lost)
    code, said = _run(capsys)
    assert (code, said["failed"]) == (1, 1)
    assert names(letter) == ["ELIQUIS 2,5 mg"]


def _run(capsys: pytest.CaptureFixture[str], since: date | None = None) -> tuple[int, dict[str, int]]:
    code = command.reread(since=since, as_json=True)
    return code, json.loads(capsys.readouterr().out)


@pytest.fixture
def of_before(desk: Desk) -> Document:
    """A letter read, filed and compared before facts were read in words: it has no proposal."""
    said = LetterSection(
        "Compte rendu", ("Reims, le 12 mars 2026", "Allergies : pénicilline", "Diagnostic : érysipèle")
    )
    pdf = write_letter(Letter("Compte rendu", ("CHU de Reims",), (), "", (), (said,)))
    attachment = Attachment("cr.pdf", "application/pdf", pdf)
    document = read(desk.mailbox, sending(patient_of(desk.resident), b"", attachments=(attachment,))).documents.get()
    do_read_text(document)
    document.proposed_facts.all().delete()
    Document.objects.filter(pk=document.pk).update(read_date="", read_date_from="")
    age(document, without=0)
    desk.file(document)
    return document


def test_a_letter_kept_before_has_its_facts_proposed_once(of_before: Document) -> None:
    do_reread(of_before)
    assert set(of_before.proposed_facts.values_list("kind", flat=True)) == {"date", "allergy", "problem"}
    of_before.refresh_from_db()
    assert (of_before.dated, of_before.dated_how) == ("2026-03-12", "lu dans le texte")
    assert Entry.objects.get(action="text_reread").details["facts"] == 3
    numbers = set(of_before.proposed_facts.values_list("pk", flat=True))
    assert do_reread(of_before) is None
    assert set(of_before.proposed_facts.values_list("pk", flat=True)) == numbers
    assert Entry.objects.filter(action="text_reread").count() == 1


def test_what_a_person_decided_of_a_fact_stays_when_the_letter_is_read_again(desk: Desk, of_before: Document) -> None:
    do_reread(of_before)
    do_dismiss_fact(of_before.proposed_facts.get(kind="problem"), user=desk.secretary)
    Rereading.objects.all().delete()
    age(of_before, without=0)
    do_reread(of_before)
    assert {fact.kind: fact.state for fact in of_before.proposed_facts.all()} == {
        "date": "proposed",
        "allergy": "proposed",
        "problem": "dismissed",
    }


def test_reading_again_puts_nothing_in_the_record_by_itself(desk: Desk, of_before: Document) -> None:
    do_reread(of_before)
    assert not desk.resident.allergies.exists()
    assert not desk.resident.stated_facts.exists()
