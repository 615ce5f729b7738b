"""Giving to the server what is neither a transmission nor a report on one: answers to senders, and notes of ours."""

from datetime import timedelta

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from liaison.apps.audit.actions import begin, record
from liaison.apps.blobs import store
from liaison.apps.exchanges.models import Answer, Note, Outgoing
from liaison.apps.mailboxes.models import Mailbox
from liaison.apps.mailboxes.sessions import send_from
from liaison.apps.mailboxes.smtp import Envelope, SendingInDoubt, SendingPostponed, SendingRefused
from liaison.apps.organisations.models import Site, User
from liaison.runtime.failpoints import reach

State = Outgoing.State
FIRST_RETRY = timedelta(seconds=20)
LONGEST_RETRY = timedelta(minutes=30)
GIVE_UP_AFTER = 20
GIVING_IS_LOST_AFTER = timedelta(minutes=5)
WITHOUT_SENDER = {Answer.Kind.PROCESSED, Answer.Kind.DISPLAYED, Answer.Kind.ERROR}


def do_give(mail: Answer | Note) -> None:
    """Give one mail to the server, once (RFC 8098 §2.1: at most one MDN for a message).

    The claim is committed before the socket opens, the server's answer after. A crash between the two leaves a claim
    without an answer: the sweep shows it « à vérifier », and it never goes again by itself.
    """
    if mail.state != State.TO_SEND:
        return
    raw = store.get(mail.blob)
    if not _claim(mail):
        return
    reach("answer: claimed")
    mailbox = mailbox_of(mail)
    envelope = Envelope(_envelope_sender(mail, mailbox), mail.address, notify=False)
    try:
        said = send_from(mailbox, envelope, raw)
    except SendingPostponed as postponed:
        _note(mail, str(postponed), State.TO_SEND)
    except SendingRefused as refused:
        _note(mail, str(refused), State.REFUSED)
    except SendingInDoubt as doubt:
        _note(mail, str(doubt), State.IN_DOUBT)
    else:
        reach("answer: taken by the server")
        _note(mail, said, State.SENT)
        reach("answer: noted")


def _claim(mail: Answer | Note) -> bool:
    """Whether it is ours to give: one statement, committed by itself."""
    free = type(mail).objects.filter(pk=mail.pk, state=State.TO_SEND, sending_since=None)
    return bool(free.update(sending_since=timezone.now(), attempts=models.F("attempts") + 1))


def mailbox_of(mail: Answer | Note) -> Mailbox:
    return mail.mailbox if isinstance(mail, Note) else mail.original.mailbox


def _envelope_sender(mail: Answer | Note, mailbox: Mailbox) -> str:
    """A report is sent by nobody (RFC 8098 §3), so that nothing ever answers it; a person's words have a sender."""
    return "" if mail.kind in WITHOUT_SENDER else mailbox.address


@transaction.atomic
def _note(mail: Answer | Note, said: str, state: Outgoing.State) -> None:
    begin(site_of(mail))
    locked = type(mail).objects.select_for_update(of=["self"]).get(pk=mail.pk)
    given_up = locked.attempts >= GIVE_UP_AFTER and state == State.TO_SEND
    locked.state = State.REFUSED if given_up else state
    locked.server_answer, locked.sending_since, locked.next_try = said[:500], None, None
    if locked.state == State.TO_SEND:
        locked.next_try = timezone.now() + min(FIRST_RETRY * 2 ** min(locked.attempts, 10), LONGEST_RETRY)
    elif locked.state == State.SENT:
        locked.sent_at = timezone.now()
    elif locked.state == State.IN_DOUBT:
        locked.in_doubt_at = timezone.now()
    locked.save(update_fields=["state", "server_answer", "sending_since", "next_try", "sent_at", "in_doubt_at"])
    trace(locked, _ENTRIES[State(locked.state)])


_ENTRIES = {
    State.SENT: "answer_sent",
    State.REFUSED: "answer_refused",
    State.TO_SEND: "answer_postponed",
    State.IN_DOUBT: "answer_in_doubt",
}


def do_note_lost(model: type[Answer] | type[Note]) -> int:
    """Claims without an answer: the worker died between the two. A person must look."""
    lost = model.objects.filter(state=State.TO_SEND, sending_since__lt=timezone.now() - GIVING_IS_LOST_AFTER)
    mails: list[Answer | Note] = list(lost.order_by("pk")[:500])
    for mail in mails:
        _note(mail, "L'envoi a été interrompu avant la réponse du serveur.", State.IN_DOUBT)
    return len(mails)


@transaction.atomic
def do_note_undelivered(mail: Answer | Note) -> None:
    """A server reports that the mail did not reach its address."""
    begin(site_of(mail))
    type(mail).objects.filter(pk=mail.pk, undelivered_at__isnull=True).update(undelivered_at=timezone.now())
    trace(mail, "answer_undelivered")


def trace(mail: Answer | Note, action: str, *, user: User | None = None, **details: object) -> None:
    """In the journal of the site, and of the resident it speaks of. Inside a transaction."""
    subject, resident = _subject_of(mail), None
    if isinstance(mail, Note):
        resident = mail.resident
    elif mail.document and (filing := mail.document.filings.filter(withdrawn_at__isnull=True).first()):
        resident = filing.resident
    about = {"kind": mail.kind, "message_id": mail.message_id, **details}
    if isinstance(mail, Answer) and mail.error_code:
        about["error_code"] = mail.error_code
    record(action, subject, site=site_of(mail), user=user, resident=resident, **about)


def _subject_of(mail: Answer | Note) -> models.Model:
    if isinstance(mail, Note):
        return mail
    return mail.document or mail.original


def site_of(mail: Answer | Note) -> Site:
    return mail.site if isinstance(mail, Note) else mail.original.site


def waiting(model: type[Answer] | type[Note]) -> list[int]:
    """Those whose time to be tried has come, or that no worker took for longer than a job takes."""
    now = timezone.now()
    due = Q(next_try__lte=now) | Q(next_try=None, asked_at__lt=now - timedelta(seconds=30))
    free = model.objects.filter(due, state=State.TO_SEND, sending_since=None)
    return list(free.order_by("pk").values_list("pk", flat=True)[:200])


def find_outgoing(message_id: str, site: Site) -> Answer | Note | None:
    """The mail of ours a report speaks of."""
    if not message_id:
        return None
    answer = Answer.objects.filter(message_id=message_id, original__site=site).first()
    return answer or Note.objects.filter(message_id=message_id, site=site).first()
