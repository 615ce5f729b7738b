"""Incidents of the installation: opened once, closed when their cause is gone or by a person."""

from django.db import transaction
from django.utils import timezone

from liaison.apps.audit.actions import begin, record
from liaison.apps.mailboxes.models import Mailbox
from liaison.apps.operations.models import Incident
from liaison.apps.organisations.access import access_incidents
from liaison.apps.organisations.models import Site, User
from liaison.apps.refusals import NotAllowed

DETAIL_CHARACTERS = 300


@transaction.atomic
def do_raise_incident(
    kind: Incident.Kind, *, site: Site, mailbox: Mailbox | None = None, count: int = 0, detail: str = ""
) -> Incident:
    """Open the incident, or say of the open one that it lasts. One entry when it opens, none while it goes on."""
    begin(site)
    now = timezone.now()
    incident = Incident.objects.filter(kind=kind, site=site, mailbox=mailbox, closed_at=None).first()
    if incident is None:
        incident = Incident(kind=kind, site=site, mailbox=mailbox, opened_at=now, seen_at=now)
        incident.save(force_insert=True)
        record("incident_opened", incident, site=site, kind=kind, mailbox=mailbox.pk if mailbox else None)
    incident.count, incident.detail, incident.seen_at = count, detail[:DETAIL_CHARACTERS], now
    incident.save(update_fields=["count", "detail", "seen_at"])
    return incident


@transaction.atomic
def do_settle_incident(kind: Incident.Kind, *, site: Site, mailbox: Mailbox | None = None) -> bool:
    """The cause is gone: close the open incident by itself. Whether there was one."""
    begin(site)
    incident = Incident.objects.filter(kind=kind, site=site, mailbox=mailbox, closed_at=None).first()
    if incident is None:
        return False
    _close(incident, user=None)
    return True


@transaction.atomic
def do_close_incident(incident: Incident, *, user: User) -> None:
    """A person has seen to it. Raised again if its cause is found again."""
    begin(incident.site)
    locked = access_incidents(user).select_for_update(of=["self"]).filter(pk=incident.pk, closed_at=None).first()
    if locked is None:
        raise NotAllowed("Cet incident est déjà clos, ou n'est pas de votre établissement.")
    _close(locked, user=user)


def _close(incident: Incident, *, user: User | None) -> None:
    incident.closed_at, incident.closed_by = timezone.now(), user
    incident.save(update_fields=["closed_at", "closed_by"])
    record("incident_closed", incident, site=incident.site, user=user, kind=incident.kind)
