"""Handing a message over to another home of the group."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from liaison.apps.filing.hand_over import do_hand_over
from liaison.apps.organisations.models import Site
from liaison.web.acts import attempt
from liaison.web.record.document_views import document_or_404
from liaison.web.requests import PersonRequest


class HandOverForm(forms.Form):
    """To which home, and why."""

    etablissement = forms.UUIDField()
    motif = forms.CharField(max_length=300)


@require_POST
def hand_over(request: PersonRequest, uuid: UUID) -> HttpResponse:
    document = document_or_404(request, uuid)
    form = HandOverForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Choisissez l'établissement et dites pourquoi (300 caractères au plus).")
        return redirect("document", uuid)
    to = get_object_or_404(Site, uuid=form.cleaned_data["etablissement"])
    attempt(
        request,
        lambda: do_hand_over(document.message, to=to, user=request.user, reason=form.cleaned_data["motif"]),
        f"Message remis à {to.name} : ses équipes le trouveront dans leurs arrivées.",
    )
    return redirect("document", uuid)
