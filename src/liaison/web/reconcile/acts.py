"""Around the decisions: compare again, tell the pharmacy, take the report."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST, require_safe

from liaison.apps.exchanges.pharmacy import do_copy_to_pharmacy
from liaison.apps.intake.actions import do_trace_download
from liaison.apps.organisations.access import access_reconciliations
from liaison.apps.treatments.changes import do_compare_again
from liaison.apps.treatments.models import DecisionReport, Reconciliation
from liaison.web.acts import attempt
from liaison.web.files import blob_or_404, download
from liaison.web.requests import PersonRequest


def _found(request: PersonRequest, uuid: UUID) -> Reconciliation:
    rows = access_reconciliations(request.user).select_related("resident__site", "document")
    return get_object_or_404(rows, uuid=uuid)


@require_POST
def compare_again(request: PersonRequest, uuid: UUID) -> HttpResponse:
    found = _found(request, uuid)
    opened: list[Reconciliation] = []
    attempt(
        request,
        lambda: opened.append(do_compare_again(found, user=request.user)),
        "La lettre est comparée au traitement d'aujourd'hui. Les décisions déjà prises restent.",
    )
    return redirect("reconciliation", opened[0].uuid if opened else uuid)


@require_POST
def tell_pharmacy(request: PersonRequest, uuid: UUID) -> HttpResponse:
    found = _found(request, uuid)
    attempt(request, lambda: do_copy_to_pharmacy(found, user=request.user), "Le bilan part à la pharmacie.")
    return redirect("reconciliation", uuid)


@require_safe
def report(request: PersonRequest, uuid: UUID) -> HttpResponse:
    """The report in PDF/A; the download is traced."""
    found = _found(request, uuid)
    made = DecisionReport.objects.filter(reconciliation=found).first()
    if made is None:
        raise Http404
    do_trace_download(found, user=request.user, site=found.resident.site, resident=found.resident)
    return download(blob_or_404(made.blob), f"bilan-{made.uuid.hex[:8]}.pdf", "application/pdf")
