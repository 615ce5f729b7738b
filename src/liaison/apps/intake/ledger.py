"""The ledger against its server: every message the server holds is a row here, or becomes one now."""

from liaison.apps.intake.actions import do_receive
from liaison.apps.intake.models import RawMessage
from liaison.apps.intake.poll import alone_on
from liaison.apps.mailboxes.imap import MailboxReader
from liaison.apps.mailboxes.models import Mailbox
from liaison.apps.mailboxes.sessions import open_inbox


def find_and_keep_missing(mailbox: Mailbox) -> int:
    """Keep the messages below the cursor that have no row, and return how many. Raises MailboxUnreachable.

    What is above the cursor is no drift: the next poll takes it.
    """
    with open_inbox(mailbox) as reader, alone_on(mailbox) as alone:
        if not alone:
            return 0
        uid_validity = reader.state().uid_validity
        missing = _missing(mailbox, reader, uid_validity)
        for fetched in reader.fetch(missing):
            do_receive(mailbox, uid_validity=uid_validity, fetched=fetched)
        return len(missing)


def _missing(mailbox: Mailbox, reader: MailboxReader, uid_validity: int) -> list[int]:
    mailbox.refresh_from_db(fields=["uid_validity", "last_uid"])
    if mailbox.uid_validity != uid_validity:
        return []  # a new numbering: the next poll scans it whole
    rows = RawMessage.objects.filter(mailbox=mailbox, uid_validity=uid_validity)
    kept = set(rows.values_list("uid", flat=True))
    return [uid for uid in reader.uids_above(0) if uid <= mailbox.last_uid and uid not in kept]
