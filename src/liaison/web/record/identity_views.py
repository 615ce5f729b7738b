"""Taking a resident in, and correcting an identity."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from liaison.apps.organisations.access import FILING_ROLES, access_residents, may_file, sites_of
from liaison.apps.residents.correcting import do_correct_identity, do_take_in
from liaison.apps.residents.models import Resident
from liaison.web.acts import attempt
from liaison.web.record.identity_forms import CorrectionForm, TakeInForm, held_by
from liaison.web.record.resident_page import identity_lines
from liaison.web.requests import PersonRequest


@require_http_methods(["GET", "HEAD", "POST"])
def correct(request: PersonRequest, uuid: UUID) -> HttpResponse:
    resident = get_object_or_404(access_residents(request.user).select_related("site"), uuid=uuid)
    form = CorrectionForm(request.POST or None, initial=held_by(resident))
    if request.method == "POST" and form.is_valid() and _corrected(request, resident, form):
        return redirect("resident", uuid)
    context = {
        "section": "residents",
        "resident": resident,
        "form": form,
        "may_file": may_file(request.user, resident.site),
        "identity_changes": identity_lines(resident),
    }
    return render(request, "record/identity_correct.html", context)


def _corrected(request: PersonRequest, resident: Resident, form: CorrectionForm) -> bool:
    return attempt(
        request,
        lambda: do_correct_identity(
            resident,
            user=request.user,
            traits=form.traits,
            checked=form.checked,
            homonym=form.cleaned_data["homonyme"],
            reason=form.cleaned_data["motif"],
        ),
        "L'identité est à jour ; ce qu'elle était reste dans l'historique.",
    )


@require_http_methods(["GET", "HEAD", "POST"])
def take_in(request: PersonRequest) -> HttpResponse:
    """A resident who is not known here, in one of the homes where the person may."""
    sites = list(sites_of(request.user, FILING_ROLES).order_by("name"))
    form = TakeInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        site = next((each for each in sites if each.uuid == form.cleaned_data["etablissement"]), None)
        if site is None:
            raise Http404
        taken: list[Resident] = []
        done = attempt(
            request,
            lambda: taken.append(
                do_take_in(
                    site,
                    user=request.user,
                    traits=form.traits,
                    checked=form.checked,
                    room=form.cleaned_data["chambre"],
                    another_person=form.cleaned_data["autre_personne"],
                )
            ),
            "Le résident est enregistré ; les documents qui attendent sont rapprochés de nouveau.",
        )
        if done:
            return redirect("resident", taken[0].uuid)
    return render(request, "record/identity_take_in.html", {"section": "residents", "form": form, "sites": sites})
