"""Messages kept, read and proposed together: fewer waits for the disk, and each of them still by itself."""

import hashlib
import os
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.support.factories import make_mailbox, make_resident, make_site, make_user, receive
from tests.support.letters import discharge_letter, patient_of, sending

from liaison.apps.audit.verification import verify_chains
from liaison.apps.blobs import store
from liaison.apps.blobs.storage import FolderStorage
from liaison.apps.exchanges.models import Reply
from liaison.apps.filing import actions, together
from liaison.apps.filing.together import propose_all
from liaison.apps.intake import pipeline
from liaison.apps.intake.actions import do_receive_all
from liaison.apps.intake.models import Document, Leaf, RawMessage
from liaison.apps.intake.pipeline import read_all_or_note
from liaison.apps.mailboxes.imap import FetchedMessage
from liaison.apps.mailboxes.models import Mailbox
from liaison.apps.rows import insert_rows, update_rows
from liaison.core.identity.decide import Decision
from liaison.core.reading import Reading, read_message

pytestmark = pytest.mark.django_db
AT = "2026-03-04T16:30:00+00:00"


@pytest.fixture
def mailbox() -> Mailbox:
    site = make_site()
    return make_mailbox(site, make_user(site))


def fetched(*contents: bytes) -> list[FetchedMessage]:
    from datetime import datetime

    return [FetchedMessage(uid, raw, datetime.fromisoformat(AT)) for uid, raw in enumerate(contents, start=1)]


def letter(mailbox: Mailbox) -> bytes:
    patient = patient_of(make_resident(mailbox.site))
    return sending(patient, discharge_letter(patient))


def test_messages_kept_together_have_a_row_an_entry_and_one_job(mailbox: Mailbox) -> None:
    kept = do_receive_all(mailbox, uid_validity=1, fetched=fetched(b"one", b"two", b"three"))
    assert [message.uid for message in kept] == [1, 2, 3]
    assert [store.get(message.blob) for message in kept] == [b"one", b"two", b"three"]
    job = ProcrastinateJob.objects.get(task_name="read_messages")
    assert job.args == {"messages": [message.pk for message in kept]}
    mailbox.refresh_from_db()
    assert mailbox.last_uid == 3


def test_a_batch_that_comes_again_adds_only_what_is_new(mailbox: Mailbox) -> None:
    do_receive_all(mailbox, uid_validity=1, fetched=fetched(b"one", b"two"))
    kept = do_receive_all(mailbox, uid_validity=1, fetched=fetched(b"one", b"two", b"three"))
    assert len({message.pk for message in kept}) == RawMessage.objects.count() == 3


def test_twins_of_a_former_uidvalidity_follow_in_their_order(mailbox: Mailbox) -> None:
    before = do_receive_all(mailbox, uid_validity=1, fetched=fetched(b"twin", b"twin", b"other"))
    after = do_receive_all(mailbox, uid_validity=2, fetched=fetched(b"twin", b"twin", b"other", b"new"))
    assert [message.pk for message in after[:3]] == [message.pk for message in before]
    assert RawMessage.objects.count() == 4


def test_messages_read_together_leave_the_rows_they_leave_alone(mailbox: Mailbox) -> None:
    kept = do_receive_all(
        mailbox, uid_validity=1, fetched=fetched(letter(mailbox), b"Subject: a\r\n\r\nb", letter(mailbox))
    )
    read_all_or_note([message.pk for message in kept])
    assert set(RawMessage.objects.values_list("state", flat=True)) == {"read"}
    assert all(message.leaf_count == message.leaves.count() for message in RawMessage.objects.all())
    propose_all(list(Document.objects.values_list("pk", flat=True)))
    assert Document.objects.filter(proposal__isnull=False).count() == 2
    assert all(report.sound for report in verify_chains().values())


def test_a_message_more_in_a_batch_is_no_question_more(mailbox: Mailbox) -> None:
    def questions(first: int, number: int) -> int:
        raw = b"From: Jean <jean%d@exemple.fr>\r\nSubject: x\r\nMessage-ID: <%d@x>\r\n\r\nBonjour."
        kept = [receive(mailbox, raw % (each, each)).pk for each in range(first, first + number)]
        with CaptureQueriesContext(connection) as asked:
            read_all_or_note(kept)
        assert not RawMessage.objects.exclude(state=RawMessage.State.READ).exists()
        return len(asked)

    assert questions(0, 2) == questions(10, 12)


def test_a_message_that_breaks_the_batch_is_alone_to_fail(mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = do_receive_all(mailbox, uid_validity=1, fetched=fetched(b"Subject: a\r\n\r\n", b"Subject: poison\r\n\r\n"))

    def route(message: RawMessage, reading: Reading, answers: dict[str, Reply]) -> None:
        if message.subject == "poison":
            raise ValueError("in the rows, not in the reading")
        routed(message, reading, answers)

    routed = pipeline._route
    monkeypatch.setattr(pipeline, "_route", route)
    read_all_or_note([message.pk for message in kept])
    assert list(RawMessage.objects.order_by("uid").values_list("state", flat=True)) == ["read", "failed"]


def test_a_document_that_breaks_is_alone_to_wait(mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = do_receive_all(mailbox, uid_validity=1, fetched=fetched(letter(mailbox), letter(mailbox)))
    read_all_or_note([message.pk for message in kept])
    first, second = Document.objects.order_by("pk")

    def decide_for_each(documents: list[Document]) -> list[Decision]:
        if first in documents:
            raise ValueError("no decision")
        return decided(documents)

    decided = together.decide_for_each
    monkeypatch.setattr(together, "decide_for_each", decide_for_each)
    monkeypatch.setattr(actions, "decide_for", lambda document: decide_for_each([document])[0])
    propose_all([first.pk, second.pk])
    assert list(Document.objects.filter(proposal__isnull=False)) == [second]


def test_the_bytes_of_a_leaf_are_cut_out_of_its_message(mailbox: Mailbox) -> None:
    raw = letter(mailbox)
    kept = do_receive_all(mailbox, uid_validity=1, fetched=fetched(raw))
    read_all_or_note([kept[0].pk])
    assert len(store.default_store().storage.contents) == 1
    contents = {leaf.path: leaf.content for leaf in read_message(raw).mail.leaves}
    assert {leaf.path: store.get(leaf.blob) for leaf in Leaf.objects.all()} == contents


def test_a_name_that_nothing_holds_is_not_found() -> None:
    with pytest.raises(FileNotFoundError):
        store.get(hashlib.sha256(b"unknown").hexdigest())


def test_a_folder_keeps_several_at_once_and_none_twice(tmp_path: Path) -> None:
    own = store.BlobStore(FolderStorage(tmp_path / "blobs"), store.master_key())
    names = own.put_all([b"one", b"two", b"one"])
    assert names == [own.put(b"one"), own.put(b"two"), own.put(b"one")]
    assert [own.get(name) for name in names] == [b"one", b"two", b"one"]
    assert len([path for path in (tmp_path / "blobs").rglob("*") if path.is_file()]) == 2


def test_a_name_left_by_one_who_died_before_flushing_its_folder_is_flushed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = store.BlobStore(FolderStorage(tmp_path), store.master_key()).put(b"contenu")
    flushed: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda number: flushed.append(os.fstat(number).st_ino))
    assert store.BlobStore(FolderStorage(tmp_path), store.master_key()).put(b"contenu") == name
    assert (tmp_path / name[:2]).stat().st_ino in flushed


def test_more_rows_than_a_statement_may_bind_are_written_in_their_order(mailbox: Mailbox) -> None:
    (message,) = do_receive_all(mailbox, uid_validity=1, fetched=fetched(b"one"))
    leaves = [Leaf(message=message, position=place, path=str(place), size=place, blob="") for place in range(9000)]
    insert_rows(leaves)
    assert list(Leaf.objects.order_by("pk").values_list("pk", "position")) == [
        (leaf.pk, leaf.position) for leaf in leaves
    ]
    for leaf in leaves:
        leaf.name, leaf.notices = f"pièce {leaf.position}", [leaf.position]
    update_rows(leaves, ["name", "notices"])
    written = Leaf.objects.order_by("pk").values_list("name", "notices", "path")
    assert list(written) == [(f"pièce {place}", [place], str(place)) for place in range(9000)]
