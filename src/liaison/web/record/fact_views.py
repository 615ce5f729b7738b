"""The two acts on what was read in the words of a document: put it in the record, or not."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from liaison.apps.filing.models import ProposedFact
from liaison.apps.filing.read_facts import do_confirm_fact, do_dismiss_fact
from liaison.apps.organisations.access import access_proposed_facts
from liaison.web.acts import attempt
from liaison.web.requests import PersonRequest


@require_POST
def confirm(request: PersonRequest, uuid: UUID, number: int) -> HttpResponse:
    fact = _fact(request, uuid, number)
    attempt(request, lambda: do_confirm_fact(fact, user=request.user), "C'est dans le dossier, avec sa source.")
    return _back(uuid)


@require_POST
def dismiss(request: PersonRequest, uuid: UUID, number: int) -> HttpResponse:
    fact = _fact(request, uuid, number)
    attempt(request, lambda: do_dismiss_fact(fact, user=request.user), "C'est noté : cette ligne n'est pas retenue.")
    return _back(uuid)


def _fact(request: PersonRequest, uuid: UUID, number: int) -> ProposedFact:
    return get_object_or_404(access_proposed_facts(request.user), pk=number, document__uuid=uuid)


def _back(uuid: UUID) -> HttpResponse:
    return redirect(reverse("document", args=[uuid]) + "#faits-titre")
