"""The nurses' page: the changes of treatment, resident by resident, until each is taken into account."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from liaison.apps.exchanges.models import Reply
from liaison.apps.organisations.access import (
    access_decisions,
    access_replies,
    access_residents,
    access_treatment_acts,
    sites_of,
)
from liaison.apps.residents.models import Resident
from liaison.apps.treatments.changes import NURSES, Change, changes_of
from liaison.apps.treatments.history import Past, changes_of_acts
from liaison.apps.treatments.taking_in import do_take_in_all, to_take_in
from liaison.web.acts import attempt
from liaison.web.requests import PersonRequest

SHOWN_DONE_FOR = timedelta(days=2)
VISITS_FOR = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class ResidentChanges:
    """What changes for one resident, the oldest first: what was decided, and what was written."""

    resident: Resident
    changes: tuple[Change, ...]
    written: tuple[Past, ...]


@require_safe
def care(request: PersonRequest) -> HttpResponse:
    decisions, acts = access_decisions(request.user), access_treatment_acts(request.user)
    waiting = changes_of(decisions.filter(acknowledgement__isnull=True))
    written = changes_of_acts(to_take_in(acts))
    since = timezone.now() - SHOWN_DONE_FOR
    context = {
        "section": "care",
        "waiting": _by_resident(waiting, written),
        "count": len(waiting) + len(written),
        "done": _by_resident(
            changes_of(decisions.filter(acknowledgement__at__gt=since)),
            changes_of_acts(acts.filter(taken_in_at__gt=since)),
        ),
        "visits": _visits(request),
        "is_nurse": sites_of(request.user, NURSES).exists(),
    }
    return render(request, "care/care.html", context)


@require_POST
def acknowledge(request: PersonRequest, uuid: UUID) -> HttpResponse:
    """All that waits for one resident: what the nurse has before her eyes, by the numbers the form holds."""
    resident = get_object_or_404(access_residents(request.user), uuid=uuid)
    decided = access_decisions(request.user).filter(line__reconciliation__resident=resident)
    written = to_take_in(access_treatment_acts(request.user).filter(resident=resident))
    attempt(
        request,
        lambda: do_take_in_all(
            list(decided.filter(pk__in=_numbers(request, "decision"), acknowledgement__isnull=True).order_by("pk")),
            list(written.filter(pk__in=_numbers(request, "acte")).select_related("resident__site").order_by("pk")),
            user=request.user,
        ),
        f"Pris en compte pour {resident.display_name}.",
    )
    return redirect("care")


def _numbers(request: PersonRequest, name: str) -> list[int]:
    return [int(number) for number in request.POST.getlist(name) if number.isdecimal()]


def _by_resident(changes: list[Change], written: list[Past]) -> list[ResidentChanges]:
    residents = {
        resident.pk: resident
        for resident in (*map(_resident_of, changes), *(past.act.resident for past in written if past.act))
    }
    ordered = sorted(residents.values(), key=lambda resident: (resident.display_name, resident.pk))
    return [
        ResidentChanges(
            resident,
            tuple(change for change in changes if _resident_of(change) == resident),
            tuple(past for past in written if past.act and past.act.resident_id == resident.pk),
        )
        for resident in ordered
    ]


def _resident_of(change: Change) -> Resident:
    resident: Resident = change.decision.line.reconciliation.resident
    return resident


def _visits(request: PersonRequest) -> list[Reply]:
    """Doctors who said lately that they come; a decision taken meanwhile does not make the visit vanish."""
    rows = access_replies(request.user).filter(intents__contains=["visit"])
    lately = rows.filter(received_at__gt=timezone.now() - VISITS_FOR)
    return list(lately.select_related("recipient__transmission__resident", "recipient__professional")[:20])
