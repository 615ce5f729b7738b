"""Choosing between what a letter was read to say, and what a newer reader reads in it."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from liaison.apps.organisations.access import access_rereadings
from liaison.apps.treatments.models import Rereading
from liaison.apps.treatments.rereading import do_keep_old_reading, do_take_rereading
from liaison.web.acts import attempt
from liaison.web.requests import PersonRequest


@require_POST
def take(request: PersonRequest, uuid: UUID, number: int) -> HttpResponse:
    found = _rereading(request, uuid, number)
    attempt(
        request,
        lambda: do_take_rereading(found, user=request.user),
        "La nouvelle lecture est prise, et la lettre comparée de nouveau.",
    )
    return redirect("document", uuid)


@require_POST
def keep(request: PersonRequest, uuid: UUID, number: int) -> HttpResponse:
    found = _rereading(request, uuid, number)
    attempt(request, lambda: do_keep_old_reading(found, user=request.user), "L'ancienne lecture est gardée.")
    return redirect("document", uuid)


def _rereading(request: PersonRequest, uuid: UUID, number: int) -> Rereading:
    return get_object_or_404(access_rereadings(request.user), pk=number, document__uuid=uuid)
