"""How the installation fares. No health data: counts, times and addresses of the home's own mailboxes."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from liaison.apps.mailboxes.leases import heartbeats
from liaison.apps.operations.incidents import do_close_incident
from liaison.apps.operations.metrics import exposition
from liaison.apps.operations.models import Backup
from liaison.apps.operations.purge import (
    LONGEST_DELAY_DAYS,
    PURGING_ROLES,
    SHORTEST_DELAY_DAYS,
    do_set_purge,
    state_of,
)
from liaison.apps.operations.queue_state import living_workers, queue_states
from liaison.apps.operations.self_check import do_ask_self_check, latest_of_each
from liaison.apps.organisations.access import access_incidents, access_self_checks, access_site_mailboxes, sites_of
from liaison.apps.organisations.row_security import every_site
from liaison.web.acts import attempt, back
from liaison.web.inbox.rows import mailbox_lines
from liaison.web.operations.forms import PurgeForm
from liaison.web.requests import PersonRequest

CLOSED_SHOWN = 20


@require_safe
def operations(request: PersonRequest) -> HttpResponse:
    incidents = access_incidents(request.user).select_related("site", "mailbox", "closed_by")
    queues, beats = queue_states(), heartbeats(timezone.now())
    context = {
        "section": "operations",
        "mailboxes": mailbox_lines(access_site_mailboxes(request.user).select_related("site", "operator")),
        "open_incidents": incidents.filter(closed_at=None),
        "closed_incidents": incidents.exclude(closed_at=None)[:CLOSED_SHOWN],
        "self_checks": latest_of_each(access_self_checks(request.user)),
        "queues": queues,
        "backup": Backup.objects.first(),
        "purges": [state_of(mailbox) for mailbox in access_site_mailboxes(request.user).select_related("site")],
        "may_set_purge": set(sites_of(request.user, PURGING_ROLES).values_list("pk", flat=True)),
        "shortest_purge": SHORTEST_DELAY_DAYS,
        "longest_purge": LONGEST_DELAY_DAYS,
        "waiting": sum(queue.waiting for queue in queues),
        "workers": living_workers(),
        "watchers": sum(beat.lives for beat in beats),
        "heartbeats": beats,
    }
    return render(request, "operations/operations.html", context)


@require_POST
def close_incident(request: PersonRequest, uuid: UUID) -> HttpResponse:
    incident = get_object_or_404(access_incidents(request.user), uuid=uuid)
    attempt(request, lambda: do_close_incident(incident, user=request.user), "l'incident est clos.")
    return back(request, "operations")


@require_POST
def set_purge(request: PersonRequest, uuid: UUID) -> HttpResponse:
    mailbox = get_object_or_404(access_site_mailboxes(request.user).select_related("site"), uuid=uuid)
    form = PurgeForm(request.POST)
    if form.is_valid():
        days = form.cleaned_data["jours"]
        done = f"les messages sauvegardés s'y effacent après {days} jours." if days else "plus rien ne s'y efface."
        attempt(request, lambda: do_set_purge(mailbox, days=days, user=request.user), f"C'est réglé : {done}")
    else:
        messages.error(request, "Donnez un nombre de jours, ou rien pour ne jamais effacer.")
    return back(request, "operations")


@require_POST
def ask_self_check(request: PersonRequest, uuid: UUID) -> HttpResponse:
    mailbox = get_object_or_404(access_site_mailboxes(request.user), uuid=uuid)
    done = "un message d'essai part de la boîte : son tour se lit ici dans la minute."
    attempt(request, lambda: do_ask_self_check(mailbox, user=request.user), done)
    return back(request, "operations")


@login_not_required
@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus text, for the bearer of LIAISON_METRICS_TOKEN. Without that setting, there is no such page."""
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not settings.METRICS_TOKEN or not constant_time_compare(given, settings.METRICS_TOKEN):
        raise Http404
    with every_site():
        return HttpResponse(exposition(), content_type=CONTENT_TYPE_LATEST)
