"""Answering a hospital: the MDN « processed » on filing, the ANS error otherwise. Never to an automatic message."""

from datetime import timedelta
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from liaison.apps.audit.actions import begin, record
from liaison.apps.blobs import store
from liaison.apps.directory.queries import domain_of, is_trusted_address
from liaison.apps.exchanges import jobs
from liaison.apps.exchanges.models import Answer
from liaison.apps.intake.models import RawMessage
from liaison.apps.mailboxes.connection import credentials_of, smtp_endpoint
from liaison.apps.mailboxes.smtp import Envelope, SendingInDoubt, SendingPostponed, SendingRefused, send
from liaison.core.mail.message import read_mail
from liaison.core.mail.report_writing import compose_mdn
from liaison.core.mail.reports import may_answer
from liaison.core.mail.values import Address

GIVE_UP_AFTER = 20


def ask_answer(message: RawMessage, kind: Answer.Kind, *, error_code: str = "") -> Answer | None:
    """Prepare the answer a sender asked for, once, inside the transaction of the act that is its cause."""
    if not message.requests_mdn or Answer.objects.filter(original=message, kind=kind).exists():
        return None
    raw = store.get(message.blob)
    mail = read_mail(raw)
    address = mail.disposition_notification_to
    if not may_answer(mail) or not is_trusted_address(address):
        return None
    message_id = f"<{uuid4()}@{domain_of(message.mailbox.address)}>"
    report = compose_mdn(
        mail,
        original_raw=raw,
        mailbox=Address(message.mailbox.address, message.mailbox.label),
        message_id=message_id,
        date=timezone.localtime(),
        disposition="displayed" if kind == Answer.Kind.DISPLAYED else "processed",
        automatic=kind != Answer.Kind.DISPLAYED,
        error_code=error_code,
    )
    answer = Answer.objects.create(
        original=message,
        kind=kind,
        error_code=error_code,
        message_id=message_id,
        blob=store.put(report),
        address=address,
        asked_at=timezone.now(),
    )
    record("answer_prepared", message, site=message.site, kind=kind, error_code=error_code, message_id=message_id)
    jobs.offer_answer(answer.pk)
    return answer


def do_send_answer(answer: Answer) -> None:
    """Give one answer to the server. Tried again until taken or refused; an MDN twice is harmless, none is not."""
    mailbox = answer.original.mailbox
    if answer.sent_at is not None or answer.attempts >= GIVE_UP_AFTER:
        return
    sender = mailbox.address if answer.kind == Answer.Kind.REQUEST else ""  # a report is sent by nobody (RFC 8098 §2)
    envelope = Envelope(sender, answer.address, notify=False)
    try:
        said = send(
            smtp_endpoint(mailbox.operator),
            credentials_of(mailbox),
            envelope,
            store.get(answer.blob),
            timeout=settings.MAIL_TIMEOUT_SECONDS,
        )
    except (SendingPostponed, SendingInDoubt) as passing:
        _note(answer, str(passing), sent=False)
    except SendingRefused as refused:
        _note(answer, str(refused), sent=False, final=True)
    else:
        _note(answer, said, sent=True)


@transaction.atomic
def _note(answer: Answer, said: str, *, sent: bool, final: bool = False) -> None:
    begin(answer.original.site)
    locked = Answer.objects.select_for_update().get(pk=answer.pk)
    locked.attempts = GIVE_UP_AFTER if final else locked.attempts + 1
    locked.server_answer = said[:500]
    if sent:
        locked.sent_at = timezone.now()
    locked.save(update_fields=["attempts", "server_answer", "sent_at"])
    action = "answer_sent" if sent else "answer_refused" if final else "answer_postponed"
    record(action, answer.original, site=answer.original.site, message_id=answer.message_id)


def answers_to_offer() -> list[int]:
    """Answers not yet taken by a server."""
    waiting = Answer.objects.filter(
        sent_at__isnull=True, attempts__lt=GIVE_UP_AFTER, asked_at__lt=timezone.now() - timedelta(seconds=30)
    )
    return list(waiting.order_by("pk").values_list("pk", flat=True)[:200])
