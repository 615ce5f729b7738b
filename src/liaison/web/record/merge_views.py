"""Putting two records of one person together, and taking them apart."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from liaison.apps.organisations.access import access_residents, may_file
from liaison.apps.residents.merging import do_merge_residents, do_undo_merge
from liaison.apps.residents.models import Resident, ResidentMerge, Source
from liaison.apps.residents.names import identity_of
from liaison.apps.residents.search import find_residents
from liaison.core.people import Patient
from liaison.web.acts import attempt
from liaison.web.record.forms import MergeForm, SearchForm, UndoMergeForm
from liaison.web.record.identities import TraitRow, side_by_side
from liaison.web.requests import PersonRequest

MOST_FOUND = 10


@require_http_methods(["GET", "HEAD", "POST"])
def merge(request: PersonRequest, uuid: UUID) -> HttpResponse:
    """The record that stays, and those a search finds, each compared with it trait by trait."""
    kept = _resident(request, uuid)
    form = SearchForm(request.POST or None)
    text = form.text() if request.method == "POST" else ""
    others = access_residents(request.user).filter(site=kept.site).exclude(pk=kept.pk)
    found = find_residents(others, [kept.site_id], text, MOST_FOUND) if text else []
    context = {
        "section": "residents",
        "resident": kept,
        "form": form,
        "searched": bool(text),
        "may_file": may_file(request.user, kept.site),
        "found": [(other, _compared(other, kept)) for other in found],
    }
    return render(request, "record/merge.html", context)


@require_POST
def confirm(request: PersonRequest, uuid: UUID) -> HttpResponse:
    kept = _resident(request, uuid)
    form = MergeForm(request.POST)
    if "resident" not in form.data:
        raise Http404
    if not form.is_valid():
        messages.error(request, "Dites pourquoi, en quelques mots (300 caractères au plus).")
        return redirect("resident-merge", uuid)
    gone = get_object_or_404(access_residents(request.user), uuid=form.cleaned_data["resident"])
    attempt(
        request,
        lambda: do_merge_residents(
            survivor=kept,
            absorbed=gone,
            source=Source.PERSON,
            reason=form.cleaned_data["motif"],
            user=request.user,
        ),
        "Les deux dossiers n'en font plus qu'un. La fusion peut être annulée depuis ce dossier.",
    )
    return redirect("resident", uuid)


@require_POST
def undo(request: PersonRequest, uuid: UUID, number: int) -> HttpResponse:
    kept = _resident(request, uuid)
    merge = get_object_or_404(ResidentMerge.objects.filter(survivor=kept), pk=number)
    form = UndoMergeForm(request.POST)
    if form.is_valid():
        attempt(
            request,
            lambda: do_undo_merge(merge, user=request.user, reason=form.cleaned_data["motif"]),
            "La fusion est annulée : chaque dossier a retrouvé ce qui était à lui.",
        )
    else:
        messages.error(request, "Dites pourquoi, en quelques mots (300 caractères au plus).")
    return redirect("resident", uuid)


def _resident(request: PersonRequest, uuid: UUID) -> Resident:
    return get_object_or_404(access_residents(request.user).select_related("site"), uuid=uuid)


def _compared(other: Resident, kept: Resident) -> list[TraitRow]:
    of = identity_of(other)
    claim = Patient(
        ins=of.ins,
        ins_oid=of.ins_oid,
        birth_family=of.birth_family,
        birth_given=of.birth_given,
        given_names=of.given_names,
        used_family=other.used_family,
        used_given=other.used_given,
        birth_date=of.birth_date,
        sex=of.sex,
        birth_place=of.birth_place,
    )
    return side_by_side(claim, kept)
