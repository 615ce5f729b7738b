"""Messages that are, or say they are, one: both are kept, and each shows the other."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from liaison.apps.intake.models import RawMessage

MOST_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Twin:
    """Another message with our Message-ID or our very bytes. ``same_bytes`` tells a copy from a reused Message-ID."""

    message: RawMessage
    same_bytes: bool


def twins_of(message: RawMessage, among: QuerySet[RawMessage]) -> tuple[Twin, ...]:
    """The twins the person may see: the same message in another mailbox, or another one under the same Message-ID."""
    alike = Q(blob=message.blob)
    if message.message_id:
        alike |= Q(message_id=message.message_id)
    others = among.filter(alike, site=message.site).exclude(pk=message.pk).select_related("mailbox")
    return tuple(Twin(one, one.blob == message.blob) for one in others.order_by("pk")[:MOST_SHOWN])
