"""The test message: a mailbox writes to itself, the message comes back by the usual way, and its times are kept.

The message is known by its Message-ID, which nobody else knows before it is sent: it is put away when it is read,
neither shown in an inbox nor answered.
"""

import time
from collections.abc import Sequence
from datetime import timedelta
from email.message import EmailMessage
from email.policy import SMTP
from uuid import uuid4

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from liaison.apps.audit.actions import begin, record
from liaison.apps.intake.models import RawMessage
from liaison.apps.mailboxes.models import Mailbox
from liaison.apps.mailboxes.sessions import send_from
from liaison.apps.mailboxes.smtp import Envelope, SendingInDoubt, SendingPostponed, SendingRefused
from liaison.apps.operations.incidents import do_raise_incident, do_settle_incident
from liaison.apps.operations.models import Incident, SelfCheck
from liaison.apps.organisations.access import access_site_mailboxes
from liaison.apps.organisations.models import User
from liaison.apps.queue import offer
from liaison.apps.refusals import NotAllowed

OVERDUE_AFTER = timedelta(minutes=15)
POLL_EVERY_SECONDS = 1.0
DETAIL_CHARACTERS = 300
NOT_BACK = "Le message d'essai est parti et n'est pas revenu."
_WORDS = "Message d'essai de Liaison. Il ne concerne personne et n'appelle aucune réponse."


def mailboxes_to_check() -> list[Mailbox]:
    """One for each site: its first organisational mailbox, else its first one."""
    found: dict[int, Mailbox] = {}
    order = (Mailbox.Kind.ORGANISATIONAL, Mailbox.Kind.APPLICATION, Mailbox.Kind.PERSONAL)
    active = Mailbox.objects.filter(active=True).select_related("site", "operator")
    for mailbox in sorted(active, key=lambda each: (order.index(Mailbox.Kind(each.kind)), each.pk)):
        found.setdefault(mailbox.site_id, mailbox)
    return list(found.values())


@transaction.atomic
def do_ask_self_check(mailbox: Mailbox, *, user: User) -> SelfCheck:
    """A person asks for a test message now; a worker sends it."""
    from liaison.apps.operations import jobs

    if not access_site_mailboxes(user).filter(pk=mailbox.pk).exists():
        raise NotAllowed("Cette boîte n'est pas de vos établissements.")
    check = do_begin_self_check(mailbox, user=user)
    offer(jobs.send_self_check, key=f"self-check-{check.pk}", check=check.pk)
    return check


@transaction.atomic
def do_begin_self_check(mailbox: Mailbox, *, user: User | None = None) -> SelfCheck:
    begin(mailbox.site)
    check = SelfCheck.objects.create(
        site=mailbox.site,
        mailbox=mailbox,
        message_id=f"<essai.{uuid4()}@{mailbox.address.rpartition('@')[2]}>",
        begun_at=timezone.now(),
    )
    record("self_check_begun", check, site=mailbox.site, user=user, mailbox=mailbox.pk)
    return check


def send_self_check(check: SelfCheck) -> None:
    """Give the message to the mailbox's own server; a refusal is the end of the check."""
    address = check.mailbox.address
    try:
        send_from(check.mailbox, Envelope(address, address, notify=False), _message(check))
    except (SendingRefused, SendingPostponed) as failure:
        do_fail_self_check(check, detail=str(failure))
        return
    except SendingInDoubt:
        pass  # whether it went is what its return will say
    SelfCheck.objects.filter(pk=check.pk, sent_at=None).update(sent_at=timezone.now())


def _message(check: SelfCheck) -> bytes:
    message = EmailMessage(policy=SMTP)
    message["From"] = message["To"] = check.mailbox.address
    message["Subject"] = "[Liaison] Message d'essai"
    message["Message-ID"] = check.message_id
    message["Date"] = timezone.localtime()
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(_WORDS)
    return message.as_bytes()


def take_self_checks(messages: Sequence[RawMessage]) -> set[int]:
    """Which of the messages just read are tests of ours that come back: each check is passed, each message put away.

    Called inside the transaction that keeps the reading.
    """
    sent = SelfCheck.objects.filter(message_id__in={message.message_id for message in messages} - {""})
    checks = {(check.mailbox_id, check.message_id): check for check in sent}
    back = [message for message in messages if (message.mailbox_id, message.message_id) in checks]
    for message in back:
        _put_away(checks[message.mailbox_id, message.message_id], message)
    return {message.pk for message in back}


def _put_away(check: SelfCheck, message: RawMessage) -> None:
    message.category = RawMessage.Category.SELF_CHECK
    message.handling = RawMessage.Handling.DONE
    message.handled_at = timezone.now()
    message.save(update_fields=["category", "handling", "handled_at"])
    _pass(check, message)


def _pass(check: SelfCheck, message: RawMessage) -> None:
    check.received_at, check.read_at = message.fetched_at, timezone.now()
    check.sent_at = check.sent_at or check.begun_at
    check.state, check.detail = SelfCheck.State.PASSED, ""
    check.save(update_fields=["received_at", "read_at", "sent_at", "state", "detail"])
    record("self_check_passed", check, site=check.site)
    do_settle_incident(Incident.Kind.SELF_CHECK, site=check.site, mailbox=check.mailbox)


@transaction.atomic
def do_fail_self_check(check: SelfCheck, *, detail: str) -> None:
    """The message did not go, or did not come back: an incident says it where a person looks."""
    begin(check.site)
    locked = SelfCheck.objects.select_for_update(of=["self"]).get(pk=check.pk)
    if locked.state != SelfCheck.State.RUNNING:
        return
    locked.state, locked.detail = SelfCheck.State.FAILED, detail[:DETAIL_CHARACTERS]
    locked.save(update_fields=["state", "detail"])
    record("self_check_failed", locked, site=locked.site)
    do_raise_incident(Incident.Kind.SELF_CHECK, site=locked.site, mailbox=locked.mailbox, detail=locked.detail)


def fail_overdue_self_checks() -> None:
    """Those begun long ago that nothing came of."""
    limit = timezone.now() - OVERDUE_AFTER
    overdue = SelfCheck.objects.filter(state=SelfCheck.State.RUNNING, begun_at__lt=limit)
    for check in overdue.select_related("site", "mailbox"):
        do_fail_self_check(check, detail=NOT_BACK if check.sent_at else "Le message d'essai n'est pas parti.")


def check_now(mailbox: Mailbox, *, patience: float) -> SelfCheck:
    """The whole round, here and now, whether workers live or not: send, receive, read. At most ``patience`` seconds."""
    check = do_begin_self_check(mailbox)
    send_self_check(check)
    deadline = time.monotonic() + patience
    while not _is_over(check) and time.monotonic() < deadline:
        _take_in(check)
        if not _is_over(check):
            time.sleep(POLL_EVERY_SECONDS)
    do_fail_self_check(check, detail=NOT_BACK)
    check.refresh_from_db()
    return check


def _is_over(check: SelfCheck) -> bool:
    check.refresh_from_db(fields=["state"])
    return check.state != SelfCheck.State.RUNNING


def _take_in(check: SelfCheck) -> None:
    from liaison.apps.intake.pipeline import read_or_note
    from liaison.apps.intake.poll import poll

    poll(check.mailbox)
    waiting = RawMessage.objects.filter(
        mailbox=check.mailbox, state=RawMessage.State.RECEIVED, fetched_at__gte=check.begun_at
    )
    for number in waiting.order_by("pk").values_list("pk", flat=True):
        read_or_note(number)


def latest_of_each(checks: QuerySet[SelfCheck]) -> list[SelfCheck]:
    """The last one of each mailbox that had one, the newest first."""
    found = checks.select_related("mailbox", "site").order_by("mailbox_id", "-begun_at").distinct("mailbox_id")
    return sorted(found, key=lambda check: check.begun_at, reverse=True)
