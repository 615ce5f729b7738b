"""Looking for proof: in the database, in the mailboxes, in the journal. Nothing here believes the step that speaks."""

import time
from collections.abc import Callable
from typing import TypeVar

from django.conf import settings
from django.db import models

from liaison.apps.audit.actions import kind_of
from liaison.apps.audit.models import Entry
from liaison.apps.mailboxes.connection import Credentials, Endpoint, credentials_of, imap_endpoint
from liaison.apps.mailboxes.imap import open_mailbox
from liaison.apps.mailboxes.models import Mailbox
from liaison.core.mail.message import read_mail
from liaison.demo.scenario.values import StepFailed

T = TypeVar("T")

LOOK_EVERY_SECONDS = 0.05


def wait_for(what: str, look: Callable[[], T | None], *, seconds: float = 60.0) -> T:
    """The first value that ``look`` gives. Raises StepFailed when there is none in that time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(LOOK_EVERY_SECONDS)
    raise StepFailed(f"rien après {seconds:.0f} s : {what}")


def check(condition: object, what: str) -> None:
    if not condition:
        raise StepFailed(what)


def entries_of(subject: models.Model, *actions: str) -> list[str]:
    """The audit entries of these acts on this subject, as FINESS/number. Raises StepFailed when one act left none."""
    identifier = str(getattr(subject, "uuid", subject.pk))
    found = Entry.objects.filter(subject_id=identifier, subject_type=kind_of(subject), action__in=actions)
    entries = list(found.select_related("site").order_by("seq"))
    missing = set(actions) - {entry.action for entry in entries}
    check(not missing, f"le journal ne dit rien de : {', '.join(sorted(missing))}")
    return [f"{entry.site.finess if entry.site else 'house'}/{entry.seq}" for entry in entries]


def uid_in_mailbox(mailbox: Mailbox, message_id: str) -> int | None:
    """The UID of a message in the home's mailbox, asked to the IMAP server itself."""
    return uid_on_server(imap_endpoint(mailbox.operator), credentials_of(mailbox), message_id)


def uid_on_server(endpoint: Endpoint, credentials: Credentials, message_id: str) -> int | None:
    with open_mailbox(endpoint, credentials, timeout=settings.MAIL_TIMEOUT_SECONDS) as reader:
        reader.state()
        for fetched in reader.fetch(reader.uids_above(0)[-50:]):
            if read_mail(fetched.raw).message_id == message_id:
                return fetched.uid
    return None
