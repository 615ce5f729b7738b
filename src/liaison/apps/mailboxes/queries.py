"""Questions about the mailboxes."""

from datetime import timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from liaison.apps.mailboxes.models import Mailbox


def unwatched_mailboxes() -> list[int]:
    """The active mailboxes whose server was not reached for twice the polling time."""
    old = timezone.now() - timedelta(seconds=2 * settings.POLL_SECONDS)
    waiting = Q(polled_at__isnull=True) | Q(polled_at__lt=old)
    return list(Mailbox.objects.filter(waiting, active=True).values_list("pk", flat=True))
