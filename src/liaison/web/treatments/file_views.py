"""The treatments of a whole home from a file: looked at first, then taken, whole or not at all."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from liaison.apps.organisations.access import FILING_ROLES, sites_of
from liaison.apps.organisations.models import Site
from liaison.apps.refusals import Refused
from liaison.apps.treatments.imports import TreatmentsReport, do_import_treatments
from liaison.core.csv_list import MOST_BYTES
from liaison.core.notices import Unreadable
from liaison.core.treatment_list import COLUMNS, read_treatment_list
from liaison.web.requests import PersonRequest
from liaison.web.treatments.forms import FileForm

MOST_PROBLEMS_SHOWN = 200


@require_http_methods(["GET", "HEAD", "POST"])
def import_file(request: PersonRequest) -> HttpResponse:
    """« Vérifier » says what the file would do; « Importer » does it. The file is given each time: none is kept."""
    sites = list(sites_of(request.user, FILING_ROLES).order_by("name"))
    form = FileForm(request.POST or None, request.FILES or None)
    context = {"section": "residents", "sites": sites, "form": form, "columns": COLUMNS, "most": MOST_PROBLEMS_SHOWN}
    if request.method == "POST" and form.is_valid():
        site = next((each for each in sites if each.uuid == form.cleaned_data["etablissement"]), None)
        said = _read(request, site, form, dry_run="importer" not in request.POST)
        context |= {"refusal": said} if isinstance(said, str) else {"report": said, "problems": _shown(said)}
    return render(request, "treatments/import.html", context)


def _read(request: PersonRequest, site: Site | None, form: FileForm, *, dry_run: bool) -> TreatmentsReport | str:
    """What came of it, or the sentence that says why the file cannot be used at all."""
    if site is None:
        return "Choisissez un établissement où vous pouvez importer des traitements."
    listed = read_treatment_list(form.cleaned_data["fichier"].read(MOST_BYTES + 1))
    if isinstance(listed, Unreadable):
        return listed.notice.message
    try:
        return do_import_treatments(site, listed, user=request.user, replace=form.cleaned_data["tout"], dry_run=dry_run)
    except Refused as refusal:
        return str(refusal)


def _shown(report: TreatmentsReport) -> list[object]:
    return list(report.problems[:MOST_PROBLEMS_SHOWN])
