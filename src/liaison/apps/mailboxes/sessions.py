"""A mailbox opened or used as what it is: its operator's servers, its own credentials, the installation's patience."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

from liaison.apps.mailboxes import imap, smtp
from liaison.apps.mailboxes.connection import credentials_of, imap_endpoint, smtp_endpoint
from liaison.apps.mailboxes.models import Mailbox
from liaison.apps.mailboxes.tokens import TokenRefused, forget_token


@contextmanager
def open_inbox(mailbox: Mailbox) -> Iterator[imap.MailboxReader]:
    """The INBOX of the mailbox for the time of a block. Raises MailboxUnreachable, inside the block too."""
    try:
        credentials = credentials_of(mailbox)
    except TokenRefused as refused:
        raise imap.MailboxUnreachable(str(refused)) from refused
    endpoint = imap_endpoint(mailbox.operator)
    with imap.open_mailbox(endpoint, credentials, timeout=settings.MAIL_TIMEOUT_SECONDS) as reader:
        yield reader


def send_from(mailbox: Mailbox, envelope: smtp.Envelope, raw: bytes) -> str:
    """Give a message to the mailbox's server and return its answer to DATA. Raises what ``smtp.send`` raises."""
    try:
        credentials = credentials_of(mailbox)
    except TokenRefused as refused:
        raise smtp.SendingPostponed(str(refused)) from refused
    endpoint = smtp_endpoint(mailbox.operator)
    try:
        return smtp.send(endpoint, credentials, envelope, raw, timeout=settings.MAIL_TIMEOUT_SECONDS)
    except smtp.SendingRefused:
        forget_token(mailbox)
        raise
