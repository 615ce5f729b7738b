"""Answering a sender: the MDN « processed » on filing, the ANS error otherwise, a read receipt by a person's act.

Sources: ANS volet « Transmission au LPS d'un document CDA provenant d'un courriel MSSanté »; RFC 8098 §2.1 (an address
that is not the sender's needs a person) and RFC 3834 §2 (nothing automatic is ever answered).
"""

from dataclasses import dataclass
from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from liaison.apps.audit.actions import begin
from liaison.apps.blobs import store
from liaison.apps.directory.queries import domain_of, is_trusted_address
from liaison.apps.exchanges import jobs
from liaison.apps.exchanges.models import Answer
from liaison.apps.exchanges.outgoing import trace
from liaison.apps.intake.models import Document, RawMessage
from liaison.apps.organisations.access import access_mailboxes
from liaison.apps.organisations.models import User
from liaison.apps.refusals import AlreadyDone, NotAllowed, NotPossible
from liaison.core.mail.message import read_mail
from liaison.core.mail.report_writing import compose_error_mail, compose_mdn
from liaison.core.mail.reports import may_answer
from liaison.core.mail.values import Address

Kind, State = Answer.Kind, Answer.State
WAITING = (Document.State.TO_MATCH, Document.State.PROPOSED)
NOBODY = "<>"
NOT_ANSWERED = {RawMessage.Category.REPORT, RawMessage.Category.AUTOMATIC}


@dataclass(frozen=True, slots=True)
class Way:
    """How a sender is answered: by an MDN where he asked for one, else by a mail, which tells errors only.

    ``is_the_senders`` is false when the receipt is asked for at another address than the one that sent.
    """

    address: str
    by_mdn: bool
    is_the_senders: bool


def way_to_answer(message: RawMessage) -> Way | None:
    """None when nothing may be answered: an automatic message, a report, or an address outside the trust circle."""
    if message.state != RawMessage.State.READ or message.category in NOT_ANSWERED:
        return None
    mail = read_mail(store.get(message.blob))
    if mail.return_path == NOBODY:
        return None
    asked_at = mail.disposition_notification_to
    if asked_at:
        way = Way(asked_at, by_mdn=True, is_the_senders=may_answer(mail))
    else:
        way = Way((mail.reply_to[0] if mail.reply_to else mail.sender).email, by_mdn=False, is_the_senders=True)
    return way if is_trusted_address(way.address) else None


def answer_processed(message: RawMessage, document: Document, *, user: User | None) -> Answer | None:
    """Tell the sender that his message is integrated, once nothing of it waits and nothing was sent back.

    Inside the transaction of the filing. An MDN only, and only where one was asked for.
    """
    if message.documents.filter(state__in=WAITING).exists():
        return None
    sent_back = message.documents.filter(state=Document.State.SET_ASIDE, answers__kind=Kind.ERROR)
    if sent_back.exists() or Answer.objects.filter(original=message, kind=Kind.PROCESSED).exists():
        return None
    way = way_to_answer(message)
    if way is None or not way.by_mdn:
        return None
    return _prepare(message, way, Kind.PROCESSED, document=document, user=user, held=not way.is_the_senders)


def answer_error(document: Document, error_code: str, *, user: User) -> Answer | None:
    """Tell the sender why a document is not integrated: an error MDN, else the ANS error mail. A person's act."""
    message = document.message
    if Answer.objects.filter(document=document, kind=Kind.ERROR).exists():
        return None
    way = way_to_answer(message)
    return _prepare(message, way, Kind.ERROR, document=document, user=user, error_code=error_code) if way else None


@transaction.atomic
def do_acknowledge_reading(message: RawMessage, *, user: User) -> Answer:
    """A person tells the sender that the message was read. Never done by the software (ECO.3.1.6)."""
    begin(message.site)
    locked = RawMessage.objects.select_for_update(of=["self"]).select_related("site", "mailbox").get(pk=message.pk)
    _check_holds(locked, user)
    if Answer.objects.filter(original=locked, kind__in=[Kind.PROCESSED, Kind.DISPLAYED, Kind.ERROR]).exists():
        raise AlreadyDone("L'expéditeur de ce message a déjà sa réponse.")
    way = way_to_answer(locked)
    if way is None or not way.by_mdn:
        raise NotPossible("Ce message ne demande pas d'accusé de lecture auquel nous puissions répondre.")
    return _prepare(locked, way, Kind.DISPLAYED, document=None, user=user)


@transaction.atomic
def do_confirm_answer(answer: Answer, *, user: User) -> None:
    """A person lets a receipt go to the address that asked for it, though it is not the sender's."""
    _decide(answer, user, State.TO_SEND, "answer_confirmed")
    jobs.offer_answer(answer.pk)


@transaction.atomic
def do_drop_answer(answer: Answer, *, user: User) -> None:
    """A person does not let it go."""
    _decide(answer, user, State.DROPPED, "answer_dropped")


def _decide(answer: Answer, user: User, state: Answer.State, entry: str) -> None:
    begin(answer.original.site)
    locked = Answer.objects.select_for_update(of=["self"]).select_related("original__mailbox").get(pk=answer.pk)
    _check_holds(locked.original, user)
    if locked.state != State.HELD:
        raise AlreadyDone("Cette réponse n'attend plus d'être confirmée.")
    locked.state, locked.asked_by = state, user
    locked.save(update_fields=["state", "asked_by"])
    trace(locked, entry, user=user)


def _check_holds(message: RawMessage, user: User) -> None:
    if not access_mailboxes(user).filter(pk=message.mailbox_id).exists():
        raise NotAllowed("Vous n'êtes pas titulaire de cette boîte.")


def _prepare(
    message: RawMessage,
    way: Way,
    kind: Answer.Kind,
    *,
    document: Document | None,
    user: User | None,
    error_code: str = "",
    held: bool = False,
) -> Answer:
    message_id = f"<{uuid4()}@{domain_of(message.mailbox.address)}>"
    answer = Answer.objects.create(
        original=message,
        document=document,
        kind=kind,
        error_code=error_code,
        state=State.HELD if held else State.TO_SEND,
        message_id=message_id,
        blob=store.put(_written(message, way, kind, message_id, error_code)),
        address=way.address,
        asked_by=user,
        asked_at=timezone.now(),
    )
    trace(answer, "answer_held" if held else "answer_prepared", user=user)
    if not held:
        jobs.offer_answer(answer.pk)
    return answer


def _written(message: RawMessage, way: Way, kind: Answer.Kind, message_id: str, error_code: str) -> bytes:
    raw = store.get(message.blob)
    mail = read_mail(raw)
    mailbox, date = Address(message.mailbox.address, message.mailbox.label), timezone.localtime()
    if not way.by_mdn:
        return compose_error_mail(
            mail, original_raw=raw, mailbox=mailbox, message_id=message_id, date=date, error_code=error_code
        )
    return compose_mdn(
        mail,
        original_raw=raw,
        mailbox=mailbox,
        message_id=message_id,
        date=date,
        disposition="displayed" if kind == Kind.DISPLAYED else "processed",
        automatic=kind != Kind.DISPLAYED,
        error_code=error_code,
    )
