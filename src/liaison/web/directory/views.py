"""The directory and how old our copy is; one professional, his addresses, his holidays."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from liaison.apps.directory import absences as acts
from liaison.apps.directory.adopting import do_prefer_address
from liaison.apps.directory.models import Edition, Professional, ProfessionalAddress
from liaison.apps.directory.queries import current_edition, last_refusal
from liaison.apps.directory.review import do_confirm_address, standings_of
from liaison.apps.exchanges.addressing import addressing_of
from liaison.apps.organisations.access import FILING_ROLES, access_residents, sites_of
from liaison.apps.organisations.models import Site
from liaison.apps.refusals import NotAllowed
from liaison.core.directory.choice import ASKS_A_PERSON
from liaison.web.acts import attempt, back
from liaison.web.directory.candidates import professional_behind, search
from liaison.web.directory.forms import AbsenceForm
from liaison.web.directory.words import STANDINGS, address_lines
from liaison.web.record.forms import SearchForm
from liaison.web.requests import PersonRequest

MOST_TO_REVIEW = 50


@require_http_methods(["GET", "HEAD", "POST"])
def directory(request: PersonRequest) -> HttpResponse:
    """The copy in service, what asks a person, and a search; for htmx the found professionals alone."""
    text = SearchForm(request.POST).text() if request.method == "POST" else ""
    found = search(text, sites_of(request.user).first()) if text else []
    context = {"text": text, "found": found, "searched": bool(text)}
    if request.htmx:
        return render(request, "directory/found.html", context)
    return render(request, "directory/directory.html", {**context, **_state()})


def _state() -> dict[str, object]:
    return {
        "section": "directory",
        "copies": [
            {
                "label": label,
                "current": current_edition(source),
                "refused": last_refusal(source),
                "wanted": source != Edition.Source.API,
            }
            for source, label in (
                (Edition.Source.EXTRACTION, "Annuaire national MSSanté"),
                (Edition.Source.ALLOW_LIST, "Liste blanche des domaines"),
                (Edition.Source.API, "Mises à jour par l'API Annuaire Santé"),
            )
        ],
        "to_review": _to_review(),
    }


def _to_review() -> list[tuple[ProfessionalAddress, str]]:
    """The addresses somebody must look at, with why."""
    marked = ProfessionalAddress.objects.exclude(problem="").select_related("professional").order_by("problem_since")
    rows = list(marked[:MOST_TO_REVIEW])
    standings = standings_of(rows)
    return [(row, STANDINGS[standings[row.pk]][0]) for row in rows if standings[row.pk] in ASKS_A_PERSON]


@require_POST
def open_professional(request: PersonRequest) -> HttpResponse:
    """The page of a professional found in the directory; from now on the home knows him."""
    opened: list[Professional] = []
    site = _site(request)
    if site is not None:
        value = request.POST.get("qui", "")
        attempt(
            request,
            lambda: opened.append(professional_behind(value, site=site, user=request.user)),
            "Ce professionnel est connu de l'établissement.",
        )
    return redirect("professional", opened[0].uuid) if opened else redirect("directory")


@require_http_methods(["GET", "HEAD", "POST"])
def professional(request: PersonRequest, uuid: UUID) -> HttpResponse:
    """One professional; the search for his replacement is posted, with what was filled in."""
    found = get_object_or_404(Professional, uuid=uuid)
    site = _site(request) or sites_of(request.user).first()
    text = SearchForm(request.POST).text() if request.method == "POST" else ""
    context = {"professional": found, "text": text, "searched": bool(text)}
    context["found"] = [one for one in search(text, site) if one.value != str(uuid)] if text else []
    if request.htmx:
        return render(request, "directory/replacements.html", context)
    kept = {name: request.POST.get(name, "") for name in ("du", "au", "precision")}
    context |= {
        "section": "directory",
        "addresses": address_lines(addressing_of(found, site)) if site else [],
        "absences": found.absences.select_related("replacement", "recorded_by", "cancelled_by").order_by("-starts_on"),
        "residents": access_residents(request.user).filter(care_team__professional=found),
        "form": AbsenceForm(initial=kept),
        "may_keep": _site(request) is not None,
        "today": timezone.localdate(),
    }
    return render(request, "directory/professional.html", context)


@require_POST
def record_absence(request: PersonRequest, uuid: UUID) -> HttpResponse:
    found = get_object_or_404(Professional, uuid=uuid)
    form = AbsenceForm(request.POST)
    if form.is_valid():
        attempt(request, lambda: _record_absence(request, found, form), "Absence notée : l'envoi en tient compte.")
    else:
        messages.error(request, "Indiquez le premier et le dernier jour de l'absence.")
    return redirect("professional", uuid)


def _record_absence(request: PersonRequest, found: Professional, form: AbsenceForm) -> None:
    site, value = _required_site(request), form.cleaned_data["remplacant"]
    acts.do_record_absence(
        found,
        site=site,
        user=request.user,
        starts_on=form.cleaned_data["du"],
        ends_on=form.cleaned_data["au"],
        replacement=professional_behind(value, site=site, user=request.user) if value else None,
        note=form.cleaned_data["precision"],
    )


@require_POST
def cancel_absence(request: PersonRequest, uuid: UUID, number: int) -> HttpResponse:
    absence = get_object_or_404(get_object_or_404(Professional, uuid=uuid).absences, pk=number)
    attempt(
        request,
        lambda: acts.do_cancel_absence(absence, site=_required_site(request), user=request.user),
        "Absence annulée.",
    )
    return redirect("professional", uuid)


@require_POST
def confirm_address(request: PersonRequest, uuid: UUID, number: int) -> HttpResponse:
    address = _address(uuid, number)
    attempt(
        request,
        lambda: do_confirm_address(address, site=_required_site(request), user=request.user),
        "Adresse confirmée : elle peut servir.",
    )
    return back(request, "professional", uuid)


@require_POST
def prefer_address(request: PersonRequest, uuid: UUID, number: int) -> HttpResponse:
    address = _address(uuid, number)
    attempt(
        request,
        lambda: do_prefer_address(address, site=_required_site(request), user=request.user),
        "Adresse préférée enregistrée.",
    )
    return back(request, "professional", uuid)


def _address(uuid: UUID, number: int) -> ProfessionalAddress:
    return get_object_or_404(
        ProfessionalAddress.objects.select_related("professional"), professional__uuid=uuid, pk=number
    )


def _site(request: PersonRequest) -> Site | None:
    """The site in whose name the person keeps professionals: the first where she may."""
    return sites_of(request.user, FILING_ROLES).order_by("pk").first()


def _required_site(request: PersonRequest) -> Site:
    site = _site(request)
    if site is None:
        raise NotAllowed("Votre rôle ne permet pas de tenir les professionnels de cet établissement.")
    return site
