"""Giving to the server what is neither a transmission nor a report on one: answers to senders, and notes of ours."""

from datetime import timedelta

from django.db import models, transaction
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
GIVE_UP_AFTER = 20
WITHOUT_SENDER = {Answer.Kind.PROCESSED, Answer.Kind.DISPLAYED, Answer.Kind.ERROR}


def do_give(mail: Answer | Note) -> None:
    """Give one mail to the server. Tried again until taken or refused: twice is harmless here, never is not."""
    if mail.state != State.TO_SEND or mail.attempts >= GIVE_UP_AFTER:
        return
    reach("answer: to be given")
    mailbox = mailbox_of(mail)
    envelope = Envelope(_envelope_sender(mail, mailbox), mail.address, notify=False)
    try:
        said = send_from(mailbox, envelope, store.get(mail.blob))
    except (SendingPostponed, SendingInDoubt) as passing:
        _note(mail, str(passing), State.TO_SEND)
    except SendingRefused as refused:
        _note(mail, str(refused), State.REFUSED)
    else:
        reach("answer: taken by the server")
        _note(mail, said, State.SENT)


def mailbox_of(mail: Answer | Note) -> Mailbox:
    return mail.mailbox if isinstance(mail, Note) else mail.original.mailbox


def _envelope_sender(mail: Answer | Note, mailbox: Mailbox) -> str:
    """A report is sent by nobody (RFC 8098 §3), so that nothing ever answers it; a person's words have a sender."""
    return "" if mail.kind in WITHOUT_SENDER else mailbox.address


@transaction.atomic
def _note(mail: Answer | Note, said: str, state: Outgoing.State) -> None:
    begin(_site_of(mail))
    locked = type(mail).objects.select_for_update(of=["self"]).get(pk=mail.pk)
    locked.attempts += 1
    locked.state = State.REFUSED if locked.attempts >= GIVE_UP_AFTER and state == State.TO_SEND else state
    locked.server_answer = said[:500]
    locked.sent_at = timezone.now() if state == State.SENT else locked.sent_at
    locked.save(update_fields=["attempts", "state", "server_answer", "sent_at"])
    trace(locked, _ENTRIES[State(locked.state)])


_ENTRIES = {State.SENT: "answer_sent", State.REFUSED: "answer_refused", State.TO_SEND: "answer_postponed"}


@transaction.atomic
def do_note_undelivered(mail: Answer | Note) -> None:
    """A server reports that the mail did not reach its address."""
    begin(_site_of(mail))
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
    record(action, subject, site=_site_of(mail), user=user, resident=resident, **about)


def _subject_of(mail: Answer | Note) -> models.Model:
    if isinstance(mail, Note):
        return mail
    return mail.document or mail.original


def _site_of(mail: Answer | Note) -> Site:
    return mail.site if isinstance(mail, Note) else mail.original.site


def waiting(model: type[Answer] | type[Note]) -> list[int]:
    """Those not yet taken by a server, for longer than a job takes."""
    late = timezone.now() - timedelta(seconds=30)
    rows = model.objects.filter(state=State.TO_SEND, attempts__lt=GIVE_UP_AFTER, asked_at__lt=late)
    return list(rows.order_by("pk").values_list("pk", flat=True)[:200])


def find_outgoing(message_id: str, site: Site) -> Answer | Note | None:
    """The mail of ours a report speaks of."""
    if not message_id:
        return None
    answer = Answer.objects.filter(message_id=message_id, original__site=site).first()
    return answer or Note.objects.filter(message_id=message_id, site=site).first()
