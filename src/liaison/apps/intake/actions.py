"""What happens to a message that came in, act by act."""

from collections.abc import Sequence
from datetime import timedelta

from django.db import models, transaction
from django.utils import timezone

from liaison.apps.audit.actions import begin, record, record_all
from liaison.apps.blobs import store
from liaison.apps.intake import jobs
from liaison.apps.intake.models import Document, RawMessage
from liaison.apps.mailboxes.actions import move_cursor
from liaison.apps.mailboxes.imap import FetchedMessage
from liaison.apps.mailboxes.models import Mailbox
from liaison.apps.organisations.access import access_mailboxes
from liaison.apps.organisations.models import Site, User
from liaison.apps.refusals import AlreadyDone, NotAllowed
from liaison.apps.residents.models import Resident
from liaison.apps.rows import insert_rows
from liaison.runtime.failpoints import reach

FIRST_RETRY = timedelta(seconds=30)
LONGEST_RETRY = timedelta(hours=1)
PROBLEM_CHARACTERS = 300


def do_receive(mailbox: Mailbox, *, uid_validity: int, fetched: FetchedMessage) -> RawMessage:
    """Keep one message. Safe to run twice."""
    return do_receive_all(mailbox, uid_validity=uid_validity, fetched=[fetched])[0]


def do_receive_all(mailbox: Mailbox, *, uid_validity: int, fetched: Sequence[FetchedMessage]) -> list[RawMessage]:
    """Keep a batch: the blobs on the disk first, then their rows, the cursor and the reading job, together (law 1).

    In the order of the UIDs. Safe to run twice. After a change of UIDVALIDITY the server gives the same bytes under a
    new number: the row follows.
    """
    blobs = store.put_all(one.raw for one in fetched)
    reach("receive: files kept")
    with transaction.atomic():
        begin(mailbox.site)
        kept = _renumbered(mailbox, uid_validity, fetched, blobs) | _known(mailbox, uid_validity, fetched)
        new = [
            RawMessage(
                mailbox=mailbox,
                uid_validity=uid_validity,
                uid=one.uid,
                site=mailbox.site,
                blob=blob,
                size=len(one.raw),
                received_at=one.received_at,
                fetched_at=timezone.now(),
            )
            for one, blob in zip(fetched, blobs, strict=True)
            if one.uid not in kept
        ]
        insert_rows(new)
        entries = [(message, {"mailbox": mailbox.pk, "uid": message.uid, "blob": message.blob}) for message in new]
        record_all("message_received", entries, site=mailbox.site)
        jobs.offer_readings([message.pk for message in new])
        move_cursor(mailbox, uid_validity=uid_validity, uid=fetched[-1].uid)
        reach("receive: before commit")
    reach("receive: committed")
    kept |= {message.uid: message for message in new}
    return [kept[one.uid] for one in fetched]


def _known(mailbox: Mailbox, uid_validity: int, fetched: Sequence[FetchedMessage]) -> dict[int, RawMessage]:
    """Those held under the same number already."""
    numbers = [one.uid for one in fetched]
    held = RawMessage.objects.filter(mailbox=mailbox, uid_validity=uid_validity, uid__in=numbers)
    return {message.uid: message for message in held}


def _renumbered(
    mailbox: Mailbox, uid_validity: int, fetched: Sequence[FetchedMessage], blobs: Sequence[str]
) -> dict[int, RawMessage]:
    """Those held under a former UIDVALIDITY, given their new number: the oldest of each content first."""
    former: dict[str, list[RawMessage]] = {}
    held = RawMessage.objects.select_for_update().filter(mailbox=mailbox, blob__in=blobs)
    for message in held.exclude(uid_validity=uid_validity).order_by("-pk"):
        former.setdefault(message.blob, []).append(message)
    if not former:
        return {}
    known = _known(mailbox, uid_validity, fetched)
    moved = {
        one.uid: former[blob].pop()
        for one, blob in zip(fetched, blobs, strict=True)
        if one.uid not in known and former.get(blob)
    }
    for uid, message in moved.items():
        message.uid_validity, message.uid = uid_validity, uid
        message.save(update_fields=["uid_validity", "uid"])
    record_all("message_renumbered", [(message, {"uid": uid}) for uid, message in moved.items()], site=mailbox.site)
    return moved


@transaction.atomic
def do_note_reading_failure(message: RawMessage, *, problem: str) -> None:
    """The reading broke: a state the inbox shows, and a next try that comes later each time.

    No failure when another worker has read it meanwhile.
    """
    begin(message.site)
    locked = RawMessage.objects.select_for_update().get(pk=message.pk)
    if locked.state == RawMessage.State.READ:
        return
    locked.state = RawMessage.State.FAILED
    locked.attempts += 1
    locked.next_try = timezone.now() + min(FIRST_RETRY * 2 ** min(locked.attempts, 10), LONGEST_RETRY)
    locked.problem = problem[:PROBLEM_CHARACTERS]
    locked.save(update_fields=["state", "attempts", "next_try", "problem"])
    record("reading_failed", locked, site=locked.site, attempts=locked.attempts)


@transaction.atomic
def do_read_again(message: RawMessage, *, user: User) -> None:
    """A person asks for another reading of a message that failed."""
    begin(message.site)
    _check_holds(message.mailbox, user)
    locked = RawMessage.objects.select_for_update().get(pk=message.pk)
    if locked.state == RawMessage.State.READ:
        raise AlreadyDone("Ce message est déjà lu.")
    locked.next_try = timezone.now()
    locked.save(update_fields=["next_try"])
    record("reading_asked", locked, site=locked.site, user=user)
    jobs.offer_reading(locked.pk)


@transaction.atomic
def do_mark_handled(message: RawMessage, *, user: User) -> None:
    """The person says the message needs nothing more."""
    begin(message.site)
    _check_holds(message.mailbox, user)
    locked = RawMessage.objects.select_for_update().get(pk=message.pk)
    if locked.handling == RawMessage.Handling.DONE:
        raise AlreadyDone("Ce message est déjà marqué comme traité.")
    set_handling(locked, RawMessage.Handling.DONE, user)
    record("message_handled", locked, site=locked.site, user=user)


@transaction.atomic
def do_reopen(message: RawMessage, *, user: User) -> None:
    """The person takes a handled message up again."""
    begin(message.site)
    _check_holds(message.mailbox, user)
    locked = RawMessage.objects.select_for_update().get(pk=message.pk)
    if locked.handling == RawMessage.Handling.TO_DO:
        raise AlreadyDone("Ce message est déjà à traiter.")
    set_handling(locked, RawMessage.Handling.TO_DO, None)
    record("message_reopened", locked, site=locked.site, user=user)


def _check_holds(mailbox: Mailbox, user: User) -> None:
    if not access_mailboxes(user).filter(pk=mailbox.pk).exists():
        raise NotAllowed("Vous n'êtes pas titulaire de cette boîte.")


def set_handling(message: RawMessage, handling: RawMessage.Handling, user: User | None) -> None:
    """Inside the transaction of an act."""
    message.handling = handling
    message.handled_by = user
    message.handled_at = timezone.now() if handling == RawMessage.Handling.DONE else None
    message.save(update_fields=["handling", "handled_by", "handled_at"])


def settle(message: RawMessage, user: User | None) -> None:
    """Mark the message handled once none of its documents waits for anybody. Inside the transaction of an act."""
    waiting = {Document.State.TO_MATCH, Document.State.PROPOSED}
    if message.documents.filter(state__in=waiting).exists():
        set_handling(message, RawMessage.Handling.TO_DO, None)
    elif message.handling != RawMessage.Handling.DONE:
        set_handling(message, RawMessage.Handling.DONE, user)


@transaction.atomic
def do_trace_view(subject: models.Model, *, user: User, site: Site, resident: Resident | None = None) -> None:
    """A person opened a message, a document or a record (law 4: who saw)."""
    begin(site)
    record("viewed", subject, site=site, user=user, resident=resident)


@transaction.atomic
def do_trace_download(subject: models.Model, *, user: User, site: Site, resident: Resident | None = None) -> None:
    """A person took a copy away: a raw message or an original file."""
    begin(site)
    record("downloaded", subject, site=site, user=user, resident=resident)
