"""What changes a mailbox: opening it for the home, the cursor, the state of its server."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Case, Value, When
from django.db.models.functions import Greatest
from django.utils import timezone

from liaison.apps.audit.actions import begin, record
from liaison.apps.mailboxes.connection import Credentials
from liaison.apps.mailboxes.credentials import seal
from liaison.apps.mailboxes.models import Mailbox, Operator
from liaison.apps.mailboxes.revocation import RevocationListRefused, fetch_revocation_list
from liaison.apps.organisations.models import Site, User

FAILURE_CHARACTERS = 300


@transaction.atomic
def do_add_operator(
    *,
    name: str,
    host: str,
    imap_port: int,
    smtp_port: int,
    security: Operator.Security,
    authority_file: str,
    revocation_url: str = "",
) -> Operator:
    """Declare an MSSanté operator, the one authority trusted for it and where it says what it has revoked."""
    begin(None)
    operator = Operator.objects.create(
        name=name,
        imap_host=host,
        imap_port=imap_port,
        smtp_host=host,
        smtp_port=smtp_port,
        security=security,
        authority_file=authority_file,
        revocation_url=revocation_url,
    )
    record("operator_added", operator, site=None)
    return operator


@transaction.atomic
def do_open_mailbox(
    *,
    site: Site,
    operator: Operator,
    kind: Mailbox.Kind,
    label: str,
    credentials: Credentials,
    holders: Iterable[User],
) -> Mailbox:
    """Declare a mailbox of a site, with its credentials and the people who hold it."""
    begin(site)
    mailbox = Mailbox.objects.create(
        site=site,
        operator=operator,
        kind=kind,
        address=credentials.address,
        label=label,
        sealed_password=seal(credentials.password, credentials.address) if credentials.password else b"",
        certificate_file=credentials.certificate_file,
        key_file=credentials.key_file,
    )
    mailbox.holders.set(holders)
    record("mailbox_opened", mailbox, site=site, kind=kind, holders=mailbox.holders.count())
    return mailbox


def do_note_poll(mailbox: Mailbox, *, server_count: int, at: datetime) -> None:
    """The server was reached: the heartbeat and its count. No entry: nothing of the trade happened."""
    Mailbox.objects.filter(pk=mailbox.pk).update(
        server_count=server_count, polled_at=at, failing_since=None, failure="", failures=0, next_attempt_at=None
    )


def do_note_reached(mailboxes: Sequence[int], *, at: datetime) -> None:
    """The servers of these mailboxes were reached and had nothing new: their heartbeat alone."""
    Mailbox.objects.filter(pk__in=mailboxes, failing_since=None).update(polled_at=at)


@transaction.atomic
def do_note_failure(mailbox: Mailbox, *, failure: str, pause: float = 0) -> None:
    """The server was not reached, and is tried again in ``pause`` seconds. One entry when it starts failing only."""
    begin(mailbox.site)
    locked = Mailbox.objects.select_for_update().get(pk=mailbox.pk)
    if locked.failing_since is None:
        locked.failing_since = timezone.now()
        record("mailbox_failing", locked, site=locked.site)
    locked.failure = failure[:FAILURE_CHARACTERS]
    locked.failures += 1
    locked.next_attempt_at = timezone.now() + timedelta(seconds=pause) if pause else None
    locked.save(update_fields=["failing_since", "failure", "failures", "next_attempt_at"])


def do_refresh_revocation_list(operator: Operator) -> bool:
    """Fetch the operator's CRL; whether it is good. The last good one stays in force when it is not."""
    try:
        found = fetch_revocation_list(operator)
    except RevocationListRefused as refused:
        Operator.objects.filter(pk=operator.pk).update(revocation_problem=str(refused)[:FAILURE_CHARACTERS])
        return False
    with transaction.atomic():
        begin(None)
        if found != bytes(operator.revocation_list):
            record("revocation_list_changed", operator, site=None)
        Operator.objects.filter(pk=operator.pk).update(
            revocation_list=found, revocation_checked_at=timezone.now(), revocation_problem=""
        )
    return True


def move_cursor(mailbox: Mailbox, *, uid_validity: int, uid: int) -> None:
    """Past this message, never back. Called inside the transaction that keeps the message, and nowhere else."""
    forward = Case(When(uid_validity=uid_validity, then=Greatest("last_uid", Value(uid))), default=Value(uid))
    Mailbox.objects.filter(pk=mailbox.pk).update(uid_validity=uid_validity, last_uid=forward)
