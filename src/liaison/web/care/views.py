"""The nurses' page: the changes of treatment, resident by resident, until each is taken into account."""

from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from liaison.apps.exchanges.models import Reply
from liaison.apps.organisations.access import access_decisions, access_replies, access_residents, sites_of
from liaison.apps.residents.models import Resident
from liaison.apps.treatments.changes import NURSES, Change, changes_of, do_acknowledge_all
from liaison.web.acts import attempt
from liaison.web.requests import PersonRequest

SHOWN_DONE_FOR = timedelta(days=2)
VISITS_FOR = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class ResidentChanges:
    """What changes for one resident, the oldest first."""

    resident: Resident
    changes: tuple[Change, ...]


@require_safe
def care(request: PersonRequest) -> HttpResponse:
    decisions = access_decisions(request.user)
    waiting = changes_of(decisions.filter(acknowledgement__isnull=True))
    since = timezone.now() - SHOWN_DONE_FOR
    context = {
        "section": "care",
        "waiting": _by_resident(waiting),
        "count": len(waiting),
        "done": _by_resident(changes_of(decisions.filter(acknowledgement__at__gt=since))),
        "visits": _visits(request),
        "is_nurse": sites_of(request.user, NURSES).exists(),
    }
    return render(request, "care/care.html", context)


@require_POST
def acknowledge(request: PersonRequest, uuid: UUID) -> HttpResponse:
    """All that waits for one resident: what the nurse has before her eyes, by the numbers the form holds."""
    resident = get_object_or_404(access_residents(request.user), uuid=uuid)
    numbers = [int(number) for number in request.POST.getlist("decision") if number.isdecimal()]
    rows = access_decisions(request.user).filter(pk__in=numbers, line__reconciliation__resident=resident)
    waiting = list(rows.filter(acknowledgement__isnull=True).order_by("pk"))
    attempt(
        request,
        lambda: do_acknowledge_all(waiting, user=request.user),
        f"Pris en compte pour {resident.display_name}.",
    )
    return redirect("care")


def _by_resident(changes: list[Change]) -> list[ResidentChanges]:
    def key(change: Change) -> tuple[str, int]:
        resident = change.decision.line.reconciliation.resident
        return resident.display_name, resident.pk

    groups = groupby(sorted(changes, key=key), key)
    return [_group(tuple(members)) for _, members in groups]


def _group(members: tuple[Change, ...]) -> ResidentChanges:
    return ResidentChanges(members[0].decision.line.reconciliation.resident, members)


def _visits(request: PersonRequest) -> list[Reply]:
    """Doctors who said lately that they come; a decision taken meanwhile does not make the visit vanish."""
    rows = access_replies(request.user).filter(intents__contains=["visit"])
    lately = rows.filter(received_at__gt=timezone.now() - VISITS_FOR)
    return list(lately.select_related("recipient__transmission__resident", "recipient__professional")[:20])
