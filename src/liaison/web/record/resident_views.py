"""The residents of my sites, and the record of one."""

from uuid import UUID

from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from liaison.apps.intake.actions import do_trace_view
from liaison.apps.organisations.access import FILING_ROLES, access_allergies, access_residents, site_numbers, sites_of
from liaison.apps.residents import actions
from liaison.apps.residents.models import CareTeamMember, Resident
from liaison.apps.residents.search import find_residents
from liaison.web.acts import attempt
from liaison.web.pagination import address, page_of
from liaison.web.record.forms import SearchForm
from liaison.web.record.resident_page import context_of
from liaison.web.requests import PersonRequest

MOST_FOUND = 50


@require_http_methods(["GET", "HEAD", "POST"])
def residents(request: PersonRequest) -> HttpResponse:
    """The list, page by page; a search is posted so that no name is in an address."""
    seen = access_residents(request.user).select_related("site").prefetch_related(_gp())
    form = SearchForm(request.POST or None)
    text = form.text() if request.method == "POST" else ""
    page = page_of(request, seen.order_by("birth_family", "birth_given", "pk"))
    context = {
        "section": "residents",
        "form": form,
        "searched": bool(text),
        "residents": find_residents(seen, site_numbers(request.user), text, MOST_FOUND) if text else list(page),
        "page": page,
        "previous": address(request, page=page.number - 1),
        "next": address(request, page=page.number + 1),
        "most": MOST_FOUND,
        "may_file": sites_of(request.user, FILING_ROLES).exists(),
    }
    return render(request, "record/residents_list.html" if request.htmx else "record/residents.html", context)


@require_safe
def resident(request: PersonRequest, uuid: UUID) -> HttpResponse:
    found = _resident(request, uuid)
    do_trace_view(found, user=request.user, site=found.site, resident=found)
    return render(request, "record/resident.html", context_of(found, request.user))


@require_POST
def confirm_allergy(request: PersonRequest, uuid: UUID, number: int) -> HttpResponse:
    allergy = get_object_or_404(access_allergies(request.user), pk=number, resident__uuid=uuid)
    attempt(request, lambda: actions.do_confirm_allergy(allergy, user=request.user), "Allergie confirmée.")
    return redirect("resident", uuid)


@require_POST
def refuse_allergy(request: PersonRequest, uuid: UUID, number: int) -> HttpResponse:
    allergy = get_object_or_404(access_allergies(request.user), pk=number, resident__uuid=uuid)
    reason = request.POST.get("motif", "")[:300]
    attempt(
        request,
        lambda: actions.do_refuse_allergy(allergy, user=request.user, reason=reason),
        "C'est noté : cette allergie n'est pas retenue.",
    )
    return redirect("resident", uuid)


def _resident(request: PersonRequest, uuid: UUID) -> Resident:
    return get_object_or_404(access_residents(request.user).select_related("site"), uuid=uuid)


def _gp() -> "Prefetch[str]":
    members = CareTeamMember.objects.filter(role=CareTeamMember.Role.GP).select_related("professional")
    return Prefetch("care_team", queryset=members, to_attr="gps")
