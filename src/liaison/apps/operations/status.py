"""Where things stand: mailboxes against their servers, messages to read, messages to send, the queue."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min
from django.utils import timezone

from liaison.apps.directory.models import Edition, ProfessionalAddress
from liaison.apps.directory.queries import last_refusal
from liaison.apps.exchanges.models import Answer, Note, Recipient
from liaison.apps.intake.models import RawMessage
from liaison.apps.mailboxes.leases import Heartbeat, heartbeats
from liaison.apps.mailboxes.models import Mailbox
from liaison.apps.operations.models import Incident, SelfCheck
from liaison.apps.operations.queue_state import QueueState, living_workers, queue_states
from liaison.apps.operations.self_check import latest_of_each


@dataclass(frozen=True, slots=True)
class MailboxStatus:
    """One mailbox: what its server holds, what the ledger holds of the same UIDVALIDITY, when it was last reached."""

    address: str
    on_server: int
    in_ledger: int
    polled_at: datetime | None
    failing_since: datetime | None
    failure: str
    failures: int
    next_attempt_at: datetime | None


@dataclass(frozen=True, slots=True)
class CopyStatus:
    """A national file in service: how old it is, and why the last one was refused since, if it was."""

    label: str
    entries: int
    published_at: datetime
    refusal: str


@dataclass(frozen=True, slots=True)
class SelfCheckStatus:
    """The last test message of one mailbox: how it ended, and how many seconds each step took."""

    address: str
    state: str
    begun_at: datetime
    seconds: dict[str, float]
    detail: str


@dataclass(frozen=True, slots=True)
class Status:
    mailboxes: tuple[MailboxStatus, ...]
    unread: int
    oldest_unread: datetime | None
    failed_readings: int
    to_send: int
    in_doubt: int
    failed_sendings: int
    queues: tuple[QueueState, ...]
    workers: int
    watchers: int
    heartbeats: tuple[Heartbeat, ...]
    incidents: dict[str, int]
    self_checks: tuple[SelfCheckStatus, ...]
    copies: tuple[CopyStatus, ...]
    addresses_to_check: int
    held: int


def current_status() -> Status:
    """The state of the whole installation, without any health data."""
    readings = dict(RawMessage.objects.order_by().values_list("state").annotate(Count("pk")))
    beats = heartbeats(timezone.now())
    sendings = dict(Recipient.objects.order_by().values_list("state").annotate(Count("pk")))
    return Status(
        mailboxes=tuple(_mailbox(mailbox) for mailbox in Mailbox.objects.filter(active=True)),
        unread=readings.get(RawMessage.State.RECEIVED, 0),
        failed_readings=readings.get(RawMessage.State.FAILED, 0),
        to_send=sendings.get(Recipient.State.PREPARED, 0),
        in_doubt=sendings.get(Recipient.State.IN_DOUBT, 0) + _doubts(),
        failed_sendings=sendings.get(Recipient.State.FAILED, 0),
        oldest_unread=RawMessage.objects.filter(state=RawMessage.State.RECEIVED).aggregate(at=Min("fetched_at"))["at"],
        queues=queue_states(),
        workers=living_workers(),
        watchers=sum(beat.lives for beat in beats),
        heartbeats=beats,
        copies=tuple(_copies()),
        addresses_to_check=ProfessionalAddress.objects.exclude(problem="").filter(confirmed_at=None).count(),
        held=sendings.get(Recipient.State.HELD, 0),
        self_checks=tuple(
            SelfCheckStatus(check.mailbox.address, check.state, check.begun_at, check.seconds, check.detail)
            for check in latest_of_each(SelfCheck.objects.all())
        ),
        incidents=dict(Incident.objects.filter(closed_at=None).order_by().values_list("kind").annotate(Count("pk"))),
    )


def _doubts() -> int:
    """The answers and notes of which nobody knows whether they left."""
    return sum(model.objects.filter(state=model.State.IN_DOUBT).count() for model in (Answer, Note))


def _copies() -> Iterator[CopyStatus]:
    for edition in Edition.objects.filter(state=Edition.State.CURRENT).order_by("source"):
        refused = last_refusal(edition.source)
        label = edition.get_source_display().capitalize()
        yield CopyStatus(label, edition.entries, edition.published_at, refused.refusal if refused else "")


def _mailbox(mailbox: Mailbox) -> MailboxStatus:
    return MailboxStatus(
        address=mailbox.address,
        on_server=mailbox.server_count,
        in_ledger=mailbox.raw_messages.filter(uid_validity=mailbox.uid_validity or 0).count(),
        polled_at=mailbox.polled_at,
        failing_since=mailbox.failing_since,
        failure=mailbox.failure,
        failures=mailbox.failures,
        next_attempt_at=mailbox.next_attempt_at,
    )
