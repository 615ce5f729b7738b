"""The acts on a document: file it, set it aside, take it out of a record."""

from collections.abc import Callable
from functools import partial
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from liaison.apps.exchanges.notes import do_tell_withdrawal
from liaison.apps.exchanges.requests import do_ask_for_missing
from liaison.apps.filing import actions, setting_aside
from liaison.apps.filing.cancellation import do_accept_cancellation, do_refuse_cancellation
from liaison.core.conformance.decree import lacking, unsaid
from liaison.web.acts import attempt
from liaison.web.record.decree import checklist_of, read_by_a_person
from liaison.web.record.document_page import choosable, standing
from liaison.web.record.document_versions import already_sent
from liaison.web.record.document_views import document_or_404
from liaison.web.record.forms import ResidentChoice, SetAsideForm, UnfileForm
from liaison.web.requests import PersonRequest


@require_POST
def file(request: PersonRequest, uuid: UUID) -> HttpResponse:
    document = document_or_404(request, uuid)
    form = ResidentChoice(request.POST)
    if not form.is_valid():
        raise Http404
    resident = get_object_or_404(choosable(document, request.user), uuid=form.cleaned_data["resident"])
    attempt(
        request,
        lambda: actions.do_file(document, resident=resident, user=request.user),
        f"Document intégré au dossier de {resident.display_name}.",
    )
    return redirect("document", uuid)


@require_POST
def set_aside(request: PersonRequest, uuid: UUID) -> HttpResponse:
    document = document_or_404(request, uuid)
    form = SetAsideForm(request.POST)
    if _complete(request, form):
        attempt(
            request,
            lambda: setting_aside.do_set_aside(document, user=request.user, reason=form.cleaned_data["motif"]),
            "Document écarté : il n'est dans aucun dossier, et l'expéditeur n'est pas prévenu.",
        )
    return redirect("document", uuid)


@require_POST
def send_back(request: PersonRequest, uuid: UUID) -> HttpResponse:
    return _done(
        request,
        uuid,
        setting_aside.do_send_back,
        "Document renvoyé : l'expéditeur est prévenu qu'il n'est dans aucun dossier d'ici.",
    )


@require_POST
def take_up_again(request: PersonRequest, uuid: UUID) -> HttpResponse:
    return _done(
        request,
        uuid,
        setting_aside.do_take_up_again,
        "Document repris : il attend de nouveau son résident.",
    )


@require_POST
def unfile(request: PersonRequest, uuid: UUID) -> HttpResponse:
    document = document_or_404(request, uuid)
    filing = standing(document)
    form = UnfileForm(request.POST)
    if filing is None:
        messages.error(request, "Ce document n'est dans aucun dossier.")
    elif _complete(request, form):
        attempt(
            request,
            lambda: actions.do_unfile(filing, user=request.user, reason=form.cleaned_data["motif"]),
            "Document retiré du dossier, avec ce qui en avait été repris.",
        )
    return redirect("document", uuid)


@require_POST
def accept_cancellation(request: PersonRequest, uuid: UUID) -> HttpResponse:
    return _done(
        request,
        uuid,
        do_accept_cancellation,
        "Annulation acceptée : le document annulé est barré, avec ce qui en avait été repris.",
    )


@require_POST
def refuse_cancellation(request: PersonRequest, uuid: UUID) -> HttpResponse:
    document = document_or_404(request, uuid)
    form = UnfileForm(request.POST)
    if _complete(request, form):
        attempt(
            request,
            lambda: do_refuse_cancellation(document, user=request.user, reason=form.cleaned_data["motif"]),
            "Annulation refusée : le document reste tel quel.",
        )
    return redirect("document", uuid)


@require_POST
def ask_for_missing(request: PersonRequest, uuid: UUID) -> HttpResponse:
    document = document_or_404(request, uuid)
    ticked = [int(number) for number in request.POST.getlist("manque") if number.isdecimal()]
    missing = unsaid(ticked) if read_by_a_person(document) else lacking(checklist_of(document))
    attempt(
        request,
        lambda: do_ask_for_missing(document, user=request.user, lacking=missing),
        "La demande de complément part vers l'expéditeur.",
    )
    return redirect("document", uuid)


@require_POST
def tell(request: PersonRequest, uuid: UUID) -> HttpResponse:
    """Tell each one who holds what is withdrawn and does not know it."""
    document = document_or_404(request, uuid)
    for holder in already_sent(document, request.user):
        if holder.withdrawn and holder.note is None:
            attempt(
                request,
                partial(do_tell_withdrawal, holder.recipient, user=request.user),
                f"{holder.recipient.professional or holder.recipient.address} va être prévenu.",
            )
    return redirect("document", uuid)


def _done(request: PersonRequest, uuid: UUID, act: Callable[..., object], sentence: str) -> HttpResponse:
    document = document_or_404(request, uuid)
    attempt(request, lambda: act(document, user=request.user), sentence)
    return redirect("document", uuid)


def _complete(request: PersonRequest, form: Form) -> bool:
    if not form.is_valid():
        messages.error(request, "Dites pourquoi, en quelques mots (300 caractères au plus).")
    return form.is_valid()
