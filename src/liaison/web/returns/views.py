"""The returns expected, and the letters that are missing."""

from datetime import timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from liaison.apps.filing.returns import returns_expected, returns_without_letter
from liaison.apps.organisations.access import access_absences
from liaison.web.requests import PersonRequest

LOOKED_BACK = timedelta(days=60)
MOST_SHOWN = 200


@require_safe
def returns(request: PersonRequest) -> HttpResponse:
    absences = access_absences(request.user).select_related("resident__site")
    context = {
        "section": "returns",
        "expected": returns_expected(absences)[:MOST_SHOWN],
        "without_letter": returns_without_letter(absences, since=timezone.now() - LOOKED_BACK)[:MOST_SHOWN],
        "days": LOOKED_BACK.days,
        "most": MOST_SHOWN,
    }
    return render(request, "returns/returns.html", context)
