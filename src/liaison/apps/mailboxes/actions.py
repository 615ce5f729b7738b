"""What changes a mailbox: opening it for the home, the cursor, the state of its server."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from liaison.apps.audit.actions import begin, record
from liaison.apps.mailboxes.connection import Credentials
from liaison.apps.mailboxes.credentials import seal
from liaison.apps.mailboxes.models import Mailbox, Operator
from liaison.apps.organisations.models import Site, User

FAILURE_CHARACTERS = 300


@transaction.atomic
def do_add_operator(
    *, name: str, host: str, imap_port: int, smtp_port: int, security: Operator.Security, authority_file: str
) -> Operator:
    """Declare an MSSanté operator and the one authority trusted for it."""
    begin(None)
    operator = Operator.objects.create(
        name=name,
        imap_host=host,
        imap_port=imap_port,
        smtp_host=host,
        smtp_port=smtp_port,
        security=security,
        authority_file=authority_file,
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
        server_count=server_count, polled_at=at, failing_since=None, failure=""
    )


@transaction.atomic
def do_note_failure(mailbox: Mailbox, *, failure: str) -> None:
    """The server was not reached. One entry when it starts failing, none while it goes on."""
    begin(mailbox.site)
    locked = Mailbox.objects.select_for_update().get(pk=mailbox.pk)
    if locked.failing_since is None:
        locked.failing_since = timezone.now()
        record("mailbox_failing", locked, site=locked.site)
    locked.failure = failure[:FAILURE_CHARACTERS]
    locked.save(update_fields=["failing_since", "failure"])


def move_cursor(mailbox: Mailbox, *, uid_validity: int, uid: int) -> None:
    """Past this message. Called inside the transaction that keeps the message, and nowhere else."""
    Mailbox.objects.filter(pk=mailbox.pk).update(uid_validity=uid_validity, last_uid=uid)
