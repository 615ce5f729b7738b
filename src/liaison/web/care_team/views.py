"""The professionals around a resident: found while they are typed, added, changed, removed, with their history."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from liaison.apps.directory.absences import absences_on
from liaison.apps.directory.adopting import do_declare
from liaison.apps.exchanges.addressing import addressings
from liaison.apps.organisations.access import access_residents, may_file
from liaison.apps.residents import care_team as acts
from liaison.apps.residents.models import CareTeamMember, Opposition, Resident
from liaison.apps.residents.oppositions import do_lift_opposition, do_record_opposition
from liaison.web.acts import attempt
from liaison.web.care_team.forms import DeclareForm, OppositionForm, PlaceForm
from liaison.web.directory.candidates import professional_behind, search
from liaison.web.directory.words import address_lines
from liaison.web.record.forms import SearchForm
from liaison.web.requests import PersonRequest


@require_http_methods(["GET", "HEAD", "POST"])
def care_team(request: PersonRequest, uuid: UUID) -> HttpResponse:
    """The whole screen; a search is posted, and for htmx gives its live part alone."""
    resident = _resident(request, uuid)
    text = SearchForm(request.POST).text() if request.method == "POST" else ""
    context = {"resident": resident, "text": text, "found": search(text, resident.site) if text else []}
    context |= {"searched": bool(text), "roles": CareTeamMember.Role.choices}
    if request.htmx:
        return render(request, "care_team/found.html", context)
    return render(request, "care_team/care_team.html", {**context, **_page(request, resident)})


@require_POST
def add(request: PersonRequest, uuid: UUID) -> HttpResponse:
    resident = _resident(request, uuid)
    form = PlaceForm(request.POST)
    if _is_complete(request, form):
        attempt(request, lambda: _add(request, resident, form), "L'équipe de soins est à jour.")
    return redirect("care-team", uuid)


def _add(request: PersonRequest, resident: Resident, form: PlaceForm) -> None:
    professional = professional_behind(form.cleaned_data["qui"], site=resident.site, user=request.user)
    role = CareTeamMember.Role(form.cleaned_data["role"])
    acts.do_add_to_care_team(resident, professional=professional, role=role, user=request.user)


@require_POST
def declare(request: PersonRequest, uuid: UUID) -> HttpResponse:
    resident = _resident(request, uuid)
    form = DeclareForm(request.POST)
    if _is_complete(request, form):
        attempt(request, lambda: _declare(request, resident, form), "Professionnel déclaré, et ajouté à l'équipe.")
    return redirect("care-team", uuid)


def _declare(request: PersonRequest, resident: Resident, form: DeclareForm) -> None:
    professional = do_declare(form.declared(), site=resident.site, user=request.user)
    role = CareTeamMember.Role(form.cleaned_data["role"])
    acts.do_add_to_care_team(resident, professional=professional, role=role, user=request.user)


@require_POST
def remove(request: PersonRequest, uuid: UUID, number: int) -> HttpResponse:
    member = get_object_or_404(_resident(request, uuid).care_team.select_related("resident__site"), pk=number)
    attempt(request, lambda: acts.do_remove_from_care_team(member, user=request.user), "Retiré de l'équipe.")
    return redirect("care-team", uuid)


@require_POST
def oppose(request: PersonRequest, uuid: UUID) -> HttpResponse:
    resident = _resident(request, uuid)
    form = OppositionForm(request.POST)
    if _is_complete(request, form):
        scope, stated_by = Opposition.Scope(form.cleaned_data["portee"]), form.cleaned_data["par"]
        attempt(
            request,
            lambda: do_record_opposition(resident, scope=scope, stated_by=stated_by, user=request.user),
            "Opposition notée : elle est respectée dès maintenant.",
        )
    return redirect("care-team", uuid)


@require_POST
def lift(request: PersonRequest, uuid: UUID, number: int) -> HttpResponse:
    opposition = get_object_or_404(_resident(request, uuid).oppositions, pk=number)
    attempt(request, lambda: do_lift_opposition(opposition, user=request.user), "Opposition levée.")
    return redirect("care-team", uuid)


def _is_complete(request: PersonRequest, form: forms.Form) -> bool:
    """Whether the form says all it must; what lacks is told to the person."""
    for name, errors in form.errors.items():
        messages.error(request, f"{form.fields[name].label or name} : {errors[0]}")
    return form.is_valid()


def _resident(request: PersonRequest, uuid: UUID) -> Resident:
    return get_object_or_404(access_residents(request.user).select_related("site"), uuid=uuid)


def _page(request: PersonRequest, resident: Resident) -> dict[str, object]:
    members = list(resident.care_team.select_related("professional").prefetch_related("professional__addresses"))
    professionals = [member.professional for member in members]
    known = addressings(professionals, resident.site)
    away = absences_on(timezone.localdate(), professionals)
    return {
        "section": "residents",
        "rows": [
            {
                "member": member,
                "addresses": address_lines(known[member.professional_id]),
                "absence": away.get(member.professional_id),
            }
            for member in members
        ],
        "changes": resident.care_team_changes.select_related("professional", "changed_by")[:50],
        "oppositions": resident.oppositions.select_related("recorded_by", "lifted_by"),
        "opposition_form": OppositionForm(),
        "declare_form": DeclareForm(),
        "may_file": may_file(request.user, resident.site),
    }
