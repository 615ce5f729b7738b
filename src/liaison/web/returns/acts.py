"""The acts on a leaving, a return, and the letter that should have come with it."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_POST

from liaison.apps.exchanges.hospitals import hospitals_of
from liaison.apps.exchanges.notes import do_ask_for_letter
from liaison.apps.organisations.access import access_absences, access_residents
from liaison.apps.residents import stays
from liaison.apps.residents.models import Absence, Source
from liaison.web.acts import attempt, back
from liaison.web.requests import PersonRequest
from liaison.web.returns.forms import AddressForm, DayForm, LeavingForm


@require_POST
def leave(request: PersonRequest, uuid: UUID) -> HttpResponse:
    resident = get_object_or_404(access_residents(request.user).select_related("site"), uuid=uuid)
    form = LeavingForm(request.POST, hospitals=hospitals_of(resident.site))
    if not form.is_valid():
        messages.error(request, "Donnez le jour et l'heure du départ.")
        return back(request, "resident", uuid)
    chosen = form.hospital()
    attempt(
        request,
        lambda: stays.do_leave_for_hospital(
            resident,
            source=Source.PERSON,
            at=form.cleaned_data["le"] or timezone.now(),
            user=request.user,
            hospital=chosen.name,
            hospital_address=chosen.address,
        ),
        "Départ noté : le retour est attendu.",
    )
    return back(request, "resident", uuid)


@require_POST
def announce(request: PersonRequest, number: int) -> HttpResponse:
    absence, form = _absence(request, number), DayForm(request.POST)
    if form.is_valid():
        day = form.cleaned_data["jour"]
        attempt(request, lambda: stays.do_announce_return(absence, user=request.user, on=day), "Retour annoncé noté.")
    else:
        messages.error(request, "Donnez le jour annoncé par l'hôpital.")
    return back(request, "returns")


@require_POST
def come_back(request: PersonRequest, number: int) -> HttpResponse:
    absence = _absence(request, number)
    attempt(
        request,
        lambda: stays.do_come_back(absence.resident, source=Source.PERSON, at=timezone.now(), user=request.user),
        "Retour noté. Si la lettre de liaison n'est pas dans le dossier, le résident est dans « Lettre manquante ».",
    )
    return back(request, "returns")


@require_POST
def withdraw(request: PersonRequest, number: int) -> HttpResponse:
    return _done(request, number, stays.do_withdraw_absence, "Ce départ est retiré : il avait été noté par erreur.")


@require_POST
def settle(request: PersonRequest, number: int) -> HttpResponse:
    return _done(request, number, stays.do_settle_letter, "C'est noté : la lettre de ce retour n'est plus attendue.")


@require_POST
def wait(request: PersonRequest, number: int) -> HttpResponse:
    return _done(request, number, stays.do_wait_for_letter, "La lettre de ce retour est de nouveau attendue.")


@require_POST
def ask(request: PersonRequest, number: int) -> HttpResponse:
    """To the hospital the form names, else to the one the absence knows."""
    absence, form = _absence(request, number), AddressForm(request.POST)
    named = form.is_valid()
    if not named and ("adresse" in request.POST or not absence.hospital_address):
        messages.error(request, "Choisissez l'hôpital à qui demander la lettre, ou donnez son adresse MSSanté.")
        return back(request, "absence-hospital", number)
    address = form.cleaned_data["adresse"] if named else absence.hospital_address
    name = form.cleaned_data["nom"] if named else absence.hospital
    attempt(
        request,
        lambda: do_ask_for_letter(absence, user=request.user, address=address, hospital=name),
        f"La demande part vers {name or address}. La réponse arrivera dans votre boîte.",
    )
    return back(request, "returns")


def _done(request: PersonRequest, number: int, act: Callable[..., object], sentence: str) -> HttpResponse:
    absence = _absence(request, number)
    attempt(request, lambda: act(absence, user=request.user), sentence)
    return back(request, "returns")


def _absence(request: PersonRequest, number: int) -> Absence:
    return get_object_or_404(access_absences(request.user).select_related("resident__site"), pk=number)
