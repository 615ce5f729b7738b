"""Known bugs, seeded in a life of the worker by replacing a piece of the product, to see that each is caught.

``STEP`` is a step only a seeded bug has: between the two things it does apart and should do together.
"""

import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from django.db import transaction
from django.db.models import Max

from liaison.apps.audit import actions as audit
from liaison.apps.blobs import storage, store
from liaison.apps.blobs.store import name_of
from liaison.apps.exchanges import actions as exchanges
from liaison.apps.exchanges import jobs as exchange_jobs
from liaison.apps.exchanges import outgoing
from liaison.apps.exchanges.models import Answer, Recipient
from liaison.apps.filing import actions as filing
from liaison.apps.intake import actions as intake
from liaison.apps.intake import jobs as intake_jobs
from liaison.apps.intake import pipeline
from liaison.apps.intake import poll as polling
from liaison.apps.intake.models import RawMessage
from liaison.apps.mailboxes import imap
from liaison.apps.mailboxes.actions import move_cursor
from liaison.apps.mailboxes.models import Mailbox
from liaison.apps.mailboxes.smtp import SendingInDoubt, SendingPostponed
from liaison.apps.operations import jobs as operations_jobs
from liaison.apps.residents import administration
from liaison.connectors import hl7_mllp
from liaison.core.hl7v2.ack import write_ack
from liaison.core.hl7v2.message import Hl7Message, read_hl7
from liaison.runtime.failpoints import reach

STEP = "bug: between the two"
_BUGS: dict[str, Callable[[], None]] = {}


def seed(name: str) -> None:
    """Put the bug in this process; nothing for the empty name."""
    if name:
        _BUGS[name]()


def names() -> list[str]:
    return list(_BUGS)


def bug(name: str) -> Callable[[Callable[[], None]], Callable[[], None]]:
    def keep(seeding: Callable[[], None]) -> Callable[[], None]:
        _BUGS[name] = seeding
        return seeding

    return keep


def put(owner: object, name: str, value: object) -> None:
    """Replace a piece of the product, private or not, in this process."""
    setattr(owner, name, value)


def inside(owner: object, name: str) -> Any:
    return getattr(owner, name)


def afterwards(act: Callable[..., Any]) -> Callable[..., None]:
    """The act once the transaction is over, instead of inside it."""

    def postponed(*arguments: Any, **named: Any) -> None:
        def late() -> None:
            reach(STEP)
            with transaction.atomic():
                act(*arguments, **named)

        transaction.on_commit(late)

    return postponed


@bug("the file is not flushed")
def _the_file_is_not_flushed() -> None:
    def written_beside(path: Path, content: bytes) -> Path:
        beside = path.with_name(f".{path.name}.beside")
        beside.write_bytes(content)
        return beside

    put(storage, "_written_beside", written_beside)


@bug("the folder is not flushed")
def _the_folder_is_not_flushed() -> None:
    put(storage, "_flush_folder", lambda _folder: None)


@bug("the file is written in place")
def _the_file_is_written_in_place() -> None:
    def write(self: storage.FolderStorage, contents: Mapping[str, bytes]) -> None:
        for name, content in contents.items():
            path = inside(self, "_path")(name)
            with path.open("wb") as file:
                file.write(content[: len(content) // 2])
                file.flush()
                reach(STEP)
                file.write(content[len(content) // 2 :])
                file.flush()
                os.fsync(file.fileno())
            inside(storage, "_flush_folder")(path.parent)

    put(storage.FolderStorage, "write", write)


@bug("the row is committed before its file")
def _the_row_is_committed_before_its_file() -> None:
    put_all, receive = store.put_all, intake.do_receive_all

    def receive_first(mailbox: Any, *, uid_validity: int, fetched: Sequence[imap.FetchedMessage]) -> list[RawMessage]:
        put(store, "put_all", lambda contents: [name_of(content) for content in contents])
        kept = receive(mailbox, uid_validity=uid_validity, fetched=fetched)
        put(store, "put_all", put_all)
        put_all(one.raw for one in fetched)
        return kept

    put(polling, "do_receive_all", receive_first)


@bug("the cursor moves before the messages are kept")
def _the_cursor_moves_before_the_messages_are_kept() -> None:
    receive = inside(polling, "do_receive_all")

    def moved_first(mailbox: Any, *, uid_validity: int, fetched: Sequence[imap.FetchedMessage]) -> list[RawMessage]:
        move_cursor(mailbox, uid_validity=uid_validity, uid=fetched[-1].uid)
        return list(receive(mailbox, uid_validity=uid_validity, fetched=fetched))

    put(polling, "do_receive_all", moved_first)


@bug("the cursor moves before the messages are fetched")
def _the_cursor_moves_before_the_messages_are_fetched() -> None:
    fetch = imap.MailboxReader.fetch_batches

    def moved_first(self: imap.MailboxReader, uids: Sequence[int]) -> Iterator[list[imap.FetchedMessage]]:
        mailbox = Mailbox.objects.get()
        for uid in uids[-1:]:
            move_cursor(mailbox, uid_validity=self.state().uid_validity, uid=uid)
        yield from fetch(self, uids)

    put(imap.MailboxReader, "fetch_batches", moved_first)


@bug("what cannot be kept is passed over")
def _what_cannot_be_kept_is_passed_over() -> None:
    receive = inside(polling, "do_receive_all")

    def passed_over(mailbox: Any, *, uid_validity: int, fetched: Sequence[imap.FetchedMessage]) -> list[RawMessage]:
        try:
            return list(receive(mailbox, uid_validity=uid_validity, fetched=fetched))
        except OSError:
            move_cursor(mailbox, uid_validity=uid_validity, uid=fetched[-1].uid)
            return []

    put(polling, "do_receive_all", passed_over)


@bug("line ends are changed")
def _line_ends_are_changed() -> None:
    whole = inside(imap, "_fetched")

    def changed(uid: int, answer: dict[bytes, Any]) -> imap.FetchedMessage:
        fetched: imap.FetchedMessage = whole(uid, answer)
        return replace(fetched, raw=fetched.raw.replace(b"\r\n", b"\n"))

    put(imap, "_fetched", changed)


@bug("the journal is written after the commit")
def _the_journal_is_written_after_the_commit() -> None:
    put(intake, "record_all", afterwards(audit.record_all))


@bug("the journal forgets its chain")
def _the_journal_forgets_its_chain() -> None:
    whole = inside(audit, "entry_hash")
    put(audit, "entry_hash", lambda _previous, payload: whole("", payload))


@bug("the reading is asked for after the commit, and nothing sweeps")
def _the_reading_is_asked_for_after_the_commit_and_nothing_sweeps() -> None:
    put(intake_jobs, "offer_readings", afterwards(intake_jobs.offer_readings))
    put(pipeline, "unfinished", list)


@bug("a dead worker's jobs are left")
def _a_dead_worker_s_jobs_are_left() -> None:
    async def nothing(*_arguments: Any) -> None:
        return None

    put(operations_jobs.take_over_stalled_jobs, "func", nothing)


@bug("a message is read before its parts are kept")
def _a_message_is_read_before_its_parts_are_kept() -> None:
    keep = pipeline.do_keep_readings

    def marked_first(read: Sequence[tuple[RawMessage, Any]]) -> None:
        rows = RawMessage.objects.filter(pk__in=[message.pk for message, _ in read], state=RawMessage.State.RECEIVED)
        numbers = list(rows.values_list("pk", flat=True))
        rows.update(state=RawMessage.State.READ)
        reach(STEP)
        RawMessage.objects.filter(pk__in=numbers).update(state=RawMessage.State.RECEIVED)
        keep(read)

    put(pipeline, "do_keep_readings", marked_first)


@bug("what a document says is written after its filing")
def _what_a_document_says_is_written_after_its_filing() -> None:
    put(filing, "write_derived", afterwards(inside(filing, "write_derived")))


@bug("the receipt is asked for after the filing")
def _the_receipt_is_asked_for_after_the_filing() -> None:
    put(filing, "answer_processed", afterwards(inside(filing, "answer_processed")))


@bug("the sending is asked for after the commit, and nothing sweeps")
def _the_sending_is_asked_for_after_the_commit_and_nothing_sweeps() -> None:
    put(exchange_jobs, "offer_sending", afterwards(exchange_jobs.offer_sending))
    put(exchanges, "sendings_to_offer", list)


@bug("the home's software is answered before its message is kept")
def _the_software_is_answered_before_its_message_is_kept() -> None:
    take = inside(hl7_mllp, "do_take_message")

    def later(*arguments: Any, **named: Any) -> None:
        reach(STEP)
        take(*arguments, **named)

    def answered_first(site: Any, content: bytes, **named: Any) -> bytes:
        read = read_hl7(content)
        threading.Timer(0.1, later, (site, content, read), named).start()
        received = read if isinstance(read, Hl7Message) else None
        return write_ack(received, "AA", control_id="X", at="20261122103000")

    put(hl7_mllp, "answer", answered_first)


@bug("what the home's software tells again is done again")
def _what_the_software_tells_again_is_done_again() -> None:
    put(administration, "store", SimpleNamespace(put=lambda content: store.put(content + os.urandom(8))))


@bug("a message is sent without a claim")
def _a_message_is_sent_without_a_claim() -> None:
    @transaction.atomic
    def unclaimed(recipient: Recipient) -> Recipient | None:
        locked = inside(exchanges, "_lock")(recipient)
        return locked if locked.state == Recipient.State.PREPARED else None

    put(exchanges, "_claim", unclaimed)


@bug("a lost sending is sent again by itself")
def _a_lost_sending_is_sent_again_by_itself() -> None:
    def taken_back() -> int:
        lost = Recipient.objects.filter(state=Recipient.State.PREPARED, sending_since__isnull=False)
        return lost.update(sending_since=None)

    put(exchanges, "do_note_lost_sendings", taken_back)


def _instead(trouble: type[Exception], answer: Callable[[Exception], str]) -> None:
    give = inside(exchanges, "send_from")

    def given(*arguments: Any) -> str:
        try:
            return str(give(*arguments))
        except trouble as error:
            return answer(error)

    put(exchanges, "send_from", given)


@bug("a doubt is taken for a delay")
def _a_doubt_is_taken_for_a_delay() -> None:
    def delay(error: Exception) -> str:
        raise SendingPostponed(str(error))

    _instead(SendingInDoubt, delay)


@bug("a doubt is taken for a success")
def _a_doubt_is_taken_for_a_success() -> None:
    _instead(SendingInDoubt, str)


@bug("a delay is taken for a success")
def _a_delay_is_taken_for_a_success() -> None:
    _instead(SendingPostponed, str)


@bug("each try has another Message-ID")
def _each_try_has_another_message_id() -> None:
    give = inside(exchanges, "send_from")

    def renamed(mailbox: Any, envelope: Any, raw: bytes) -> str:
        return str(give(mailbox, envelope, raw.replace(b"Message-ID: <", b"Message-ID: <again-", 1)))

    put(exchanges, "send_from", renamed)


@bug("a receipt is sent without a claim")
def _a_receipt_is_sent_without_a_claim() -> None:
    put(outgoing, "_claim", lambda mail: type(mail).objects.get(pk=mail.pk).state == outgoing.State.TO_SEND)


@bug("a lost receipt is sent again by itself")
def _a_lost_receipt_is_sent_again_by_itself() -> None:
    def taken_back(model: Any) -> int:
        lost = model.objects.filter(state=outgoing.State.TO_SEND, sending_since__isnull=False)
        return int(lost.update(sending_since=None))

    put(outgoing, "do_note_lost", taken_back)


@bug("a receipt is noted before it is given")
def _a_receipt_is_noted_before_it_is_given() -> None:
    give = inside(outgoing, "send_from")

    def noted_first(mailbox: Any, envelope: Any, raw: bytes) -> str:
        newest = Answer.objects.filter(state=outgoing.State.TO_SEND).aggregate(Max("pk"))["pk__max"]
        Answer.objects.filter(pk=newest).update(state=outgoing.State.SENT)
        reach(STEP)
        return str(give(mailbox, envelope, raw))

    put(outgoing, "send_from", noted_first)
