"""The rounds of the night watch: each looks for one thing that should never be, and says it where a person looks."""

from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone

from liaison.apps.intake.ledger import find_and_keep_missing
from liaison.apps.mailboxes.actions import do_refresh_revocation_list
from liaison.apps.mailboxes.imap import MailboxUnreachable
from liaison.apps.mailboxes.models import Mailbox, Operator
from liaison.apps.operations.incidents import do_raise_incident, do_settle_incident
from liaison.apps.operations.models import Incident
from liaison.apps.operations.queue_state import oldest_waiting
from liaison.apps.organisations.models import Site

DOWN_AFTER = timedelta(minutes=15)
STUCK_AFTER = timedelta(minutes=10)


def watched_mailboxes() -> QuerySet[Mailbox]:
    return Mailbox.objects.filter(active=True).select_related("site", "operator")


def check_ledger(mailbox: Mailbox) -> int:
    """Compare the server's messages with the ledger's, one by one; keep what was missing, and say it. How many.

    The count alone would hide one message lost behind one deleted.
    """
    try:
        missing = find_and_keep_missing(mailbox)
    except MailboxUnreachable:
        return 0  # said on the mailbox already
    kind = Incident.Kind.LEDGER_DRIFT
    if missing:
        detail = "Ils viennent d'être relevés. Cherchez ce qui les avait fait manquer."
        do_raise_incident(kind, site=mailbox.site, mailbox=mailbox, count=missing, detail=detail)
    return missing


def check_mailboxes() -> None:
    """A mailbox that fails for a quarter of an hour is an incident, not only a colour; it closes by itself."""
    limit = timezone.now() - DOWN_AFTER
    for mailbox in watched_mailboxes():
        kind = Incident.Kind.MAILBOX_DOWN
        if mailbox.failing_since is not None and mailbox.failing_since < limit:
            do_raise_incident(kind, site=mailbox.site, mailbox=mailbox, detail=mailbox.failure)
        elif _is_open(kind, mailbox.site, mailbox):
            do_settle_incident(kind, site=mailbox.site, mailbox=mailbox)


def check_queue() -> None:
    """Work that waits for too long means that no worker lives or that all are busy: every site must know."""
    oldest = oldest_waiting()
    stuck = oldest is not None and oldest < timezone.now() - STUCK_AFTER
    kind = Incident.Kind.QUEUE_STUCK
    for site in Site.objects.filter(mailboxes__active=True).distinct():
        if stuck:
            do_raise_incident(kind, site=site, detail="Vérifiez que « liaison worker » est en marche.")
        elif _is_open(kind, site, None):
            do_settle_incident(kind, site=site)


def refresh_revocation_lists() -> None:
    """Each operator's CRL; the last good one stays in force when the new one is not to be had."""
    for operator in Operator.objects.exclude(revocation_url=""):
        good = do_refresh_revocation_list(operator)
        operator.refresh_from_db(fields=["revocation_problem"])
        kind = Incident.Kind.REVOCATION_LIST
        for site in Site.objects.filter(mailboxes__operator=operator, mailboxes__active=True).distinct():
            if not good:
                do_raise_incident(kind, site=site, detail=operator.revocation_problem)
            elif _is_open(kind, site, None):
                do_settle_incident(kind, site=site)


def _is_open(kind: Incident.Kind, site: Site, mailbox: Mailbox | None) -> bool:
    return Incident.objects.filter(kind=kind, site=site, mailbox=mailbox, closed_at=None).exists()
