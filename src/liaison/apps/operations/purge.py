"""Erasing at the operator what is kept here and saved elsewhere, where a site asks for it. Off unless it does.

A message goes only if it was read here, is older than the site's delay, stands in a backup that was read again to its
end, and is still, on the server, the very bytes we hold.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, Max, QuerySet
from django.utils import timezone

from liaison.apps.audit.actions import begin, record, record_all
from liaison.apps.intake.models import RawMessage
from liaison.apps.intake.poll import alone_on
from liaison.apps.mailboxes.actions import do_note_failure
from liaison.apps.mailboxes.imap import MailboxUnreachable
from liaison.apps.mailboxes.models import Mailbox
from liaison.apps.mailboxes.sessions import open_inbox
from liaison.apps.operations.jobs import PURGED_AT
from liaison.apps.operations.models import Backup
from liaison.apps.organisations.access import has_role
from liaison.apps.organisations.models import Role, User
from liaison.apps.refusals import NotAllowed

SHORTEST_DELAY_DAYS = 7
LONGEST_DELAY_DAYS = 3650
PURGING_ROLES = (Role.ADMINISTRATOR,)
BITE = 200


@dataclass(frozen=True, slots=True)
class PurgeState:
    """What was erased at the operator, and what the next night would erase. Without ``backup`` nothing goes."""

    mailbox: Mailbox
    backup: Backup | None
    erased: int
    last: datetime | None
    next_count: int
    next_at: datetime | None


def state_of(mailbox: Mailbox) -> PurgeState:
    gone = RawMessage.objects.filter(mailbox=mailbox).aggregate(count=Count("erased_at"), last=Max("erased_at"))
    waiting = _kept(mailbox).count()
    at = _next_night() if mailbox.purge_after_days is not None else None
    return PurgeState(mailbox, Backup.objects.first(), gone["count"], gone["last"], waiting, at)


def _next_night() -> datetime:
    now = timezone.now()
    tonight = datetime.combine(now.date(), PURGED_AT)
    return tonight if tonight > now else tonight + timedelta(days=1)


@transaction.atomic
def do_set_purge(mailbox: Mailbox, *, days: int | None, user: User | None = None) -> None:
    """Have the operator's copies erased once they are this old and saved; None leaves the operator's mail alone.

    Without ``user``, the command of the installation. Raises NotAllowed.
    """
    if user is not None and not has_role(user, mailbox.site, PURGING_ROLES):
        raise NotAllowed("L'administrateur de l'établissement règle ce qui s'efface chez l'opérateur.")
    if days is not None and not SHORTEST_DELAY_DAYS <= days <= LONGEST_DELAY_DAYS:
        raise NotAllowed(
            f"Un message reste au moins {SHORTEST_DELAY_DAYS} jours chez l'opérateur, et au plus {LONGEST_DELAY_DAYS}."
        )
    begin(mailbox.site)
    locked = Mailbox.objects.select_for_update(of=["self"]).get(pk=mailbox.pk)
    before, locked.purge_after_days = locked.purge_after_days, days
    locked.save(update_fields=["purge_after_days"])
    record("purge_set", locked, site=locked.site, user=user, before=before, after=days)
    mailbox.purge_after_days = days


def purge(mailbox: Mailbox) -> int:
    """Erase a bite of what may go; how many messages are no longer at the operator, erased now or by someone else."""
    expected = _may_go(mailbox)
    if not expected:
        return 0
    try:
        with alone_on(mailbox) as alone, open_inbox(mailbox) as reader:
            erased, absent = reader.erase(mailbox.uid_validity or 0, expected) if alone else ([], [])
    except MailboxUnreachable as failure:
        do_note_failure(mailbox, failure=str(failure))
        return 0
    if erased or absent:
        _note(mailbox, erased, absent)
    return len(erased) + len(absent)


def _may_go(mailbox: Mailbox) -> dict[int, str]:
    """The SHA-256 of a bite of the messages that may be erased, by UID."""
    return dict(_kept(mailbox).order_by("uid").values_list("uid", "blob")[:BITE])


def _kept(mailbox: Mailbox) -> QuerySet[RawMessage]:
    """The messages that may be erased at the operator."""
    backup = Backup.objects.first()
    if mailbox.purge_after_days is None or mailbox.uid_validity is None or backup is None:
        return RawMessage.objects.none()
    return RawMessage.objects.filter(
        mailbox=mailbox,
        uid_validity=mailbox.uid_validity,
        state=RawMessage.State.READ,
        pk__lte=backup.last_message,
        fetched_at__lt=min(timezone.now() - timedelta(days=mailbox.purge_after_days), backup.begun_at),
        erased_at=None,
    )


@transaction.atomic
def _note(mailbox: Mailbox, erased: list[int], absent: list[int]) -> None:
    begin(mailbox.site)
    here = RawMessage.objects.filter(mailbox=mailbox, uid_validity=mailbox.uid_validity or 0)
    ours = here.filter(uid__in=erased)
    record_all("operator_copy_erased", [(message, {"uid": message.uid}) for message in ours], site=mailbox.site)
    here.filter(uid__in=[*erased, *absent]).update(erased_at=timezone.now())
