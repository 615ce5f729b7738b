"""What the letters ask for, by the day it is to be looked at."""

from collections.abc import Sequence
from datetime import date, timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from liaison.apps.organisations.access import access_tasks
from liaison.apps.residents import actions
from liaison.apps.residents.models import FollowUpTask
from liaison.web.acts import attempt, back
from liaison.web.requests import PersonRequest
from liaison.web.returns.forms import DayForm

LOOKED_AHEAD = timedelta(days=14)
MOST_SHOWN = 200
DONE_LATELY = timedelta(days=3)


@require_safe
def tasks(request: PersonRequest) -> HttpResponse:
    today = timezone.localdate()
    seen = access_tasks(request.user).select_related("resident", "document", "done_by")
    coming = list(seen.filter(done_at__isnull=True, look_on__lte=today + LOOKED_AHEAD)[: MOST_SHOWN + 1])
    context = {
        "section": "tasks",
        "groups": _groups(coming[:MOST_SHOWN], today),
        "more": len(coming) > MOST_SHOWN,
        "most": MOST_SHOWN,
        "done": seen.filter(done_at__gte=timezone.now() - DONE_LATELY).order_by("-done_at")[:50],
        "today": today,
        "days": LOOKED_AHEAD.days,
    }
    return render(request, "tasks/tasks.html", context)


def _groups(coming: Sequence[FollowUpTask], today: date) -> list[tuple[str, list[FollowUpTask]]]:
    """Late, today, in the days to come; a group without any task is not shown."""
    groups = (
        ("En retard", [task for task in coming if task.look_on < today]),
        ("Aujourd'hui", [task for task in coming if task.look_on == today]),
        (f"Dans les {LOOKED_AHEAD.days} jours", [task for task in coming if task.look_on > today]),
    )
    return [(title, found) for title, found in groups if found]


@require_POST
def complete(request: PersonRequest, number: int) -> HttpResponse:
    task = _task(request, number)
    attempt(request, lambda: actions.do_complete_task(task, user=request.user), "C'est noté : la suite est faite.")
    return back(request, "tasks")


@require_POST
def reopen(request: PersonRequest, number: int) -> HttpResponse:
    task = _task(request, number)
    attempt(request, lambda: actions.do_reopen_task(task, user=request.user), "La suite est de nouveau à faire.")
    return back(request, "tasks")


@require_POST
def put_off(request: PersonRequest, number: int) -> HttpResponse:
    task, form = _task(request, number), DayForm(request.POST)
    if form.is_valid():
        day = form.cleaned_data["jour"]
        attempt(request, lambda: actions.do_put_off_task(task, user=request.user, until=day), "Suite remise.")
    else:
        messages.error(request, "Choisissez un jour.")
    return back(request, "tasks")


def _task(request: PersonRequest, number: int) -> FollowUpTask:
    return get_object_or_404(access_tasks(request.user).select_related("resident__site"), pk=number)
