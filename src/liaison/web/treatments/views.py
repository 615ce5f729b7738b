"""The current treatment of a resident: read, written by hand, taken up from a letter."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from liaison.apps.intake.actions import do_trace_view
from liaison.apps.organisations.access import access_documents, access_residents, access_treatment_lines
from liaison.apps.residents.models import Resident
from liaison.apps.treatments.by_hand import do_correct_line, do_stop_line, do_write_line
from liaison.apps.treatments.models import TreatmentLine
from liaison.apps.treatments.prescribers import may_write, prescribers_for
from liaison.apps.treatments.taking_up import do_take_up_letter, letters_to_take_up
from liaison.web.acts import attempt
from liaison.web.requests import PersonRequest
from liaison.web.treatments.forms import LineForm, PrescriberForm, StopForm, held_by
from liaison.web.treatments.page import past_of, treatment_of


@require_safe
def treatment(request: PersonRequest, uuid: UUID) -> HttpResponse:
    """The lines of now, and how they came to be."""
    resident = _resident(request, uuid)
    do_trace_view(resident, user=request.user, site=resident.site, resident=resident)
    context = {
        "section": "residents",
        "resident": resident,
        "history": past_of(resident),
        **treatment_of(resident, request.user),
    }
    return render(request, "treatments/treatment.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def write(request: PersonRequest, uuid: UUID) -> HttpResponse:
    resident = _resident(request, uuid)
    form = LineForm(prescribers_for(resident, request.user), request.POST or None)
    if request.method == "POST" and form.is_valid():
        done = attempt(
            request,
            lambda: do_write_line(
                resident,
                user=request.user,
                written=form.written(),
                prescriber=form.cleaned_data["prescripteur"],
                reason=form.cleaned_data["motif"],
                second=form.cleaned_data["seconde"],
            ),
            "La ligne est ajoutée au traitement en cours.",
        )
        if done:
            return redirect("treatment", uuid)
    return _line_screen(request, resident, form)


@require_http_methods(["GET", "HEAD", "POST"])
def correct(request: PersonRequest, uuid: UUID, line: UUID) -> HttpResponse:
    resident, held = _resident(request, uuid), _line(request, uuid, line)
    prescribers = prescribers_for(resident, request.user)
    form = LineForm(prescribers, request.POST or None, initial=held_by(held))
    if request.method == "POST" and form.is_valid():
        done = attempt(
            request,
            lambda: do_correct_line(
                held,
                user=request.user,
                written=form.written(),
                prescriber=form.cleaned_data["prescripteur"],
                reason=form.cleaned_data["motif"],
            ),
            "La ligne est corrigée ; ce qu'elle était reste dans l'historique.",
        )
        if done:
            return redirect("treatment", uuid)
    return _line_screen(request, resident, form, line=held, stop_form=StopForm(prescribers, prefix="arret"))


def _line_screen(request: PersonRequest, resident: Resident, form: LineForm, **more: object) -> HttpResponse:
    may = may_write(request.user, resident)
    context = {"section": "residents", "resident": resident, "form": form, "may_write": may, **more}
    return render(request, "treatments/line.html", context)


@require_POST
def stop(request: PersonRequest, uuid: UUID, line: UUID) -> HttpResponse:
    resident, held = _resident(request, uuid), _line(request, uuid, line)
    form = StopForm(prescribers_for(resident, request.user), request.POST, prefix="arret")
    said = form.cleaned_data if form.is_valid() else {}
    done = attempt(
        request,
        lambda: do_stop_line(
            held, user=request.user, prescriber=said.get("prescripteur", ""), reason=said.get("motif", "")
        ),
        "La ligne est arrêtée ; elle reste dans l'historique.",
    )
    return redirect("treatment", uuid) if done else redirect("treatment-correct", uuid, line)


@require_http_methods(["GET", "HEAD", "POST"])
def take_up(request: PersonRequest, uuid: UUID, letter: UUID) -> HttpResponse:
    """The lines of an earlier letter, to be ticked, and in whose name they become the treatment."""
    resident = _resident(request, uuid)
    document = get_object_or_404(access_documents(request.user), uuid=letter)
    form = PrescriberForm(prescribers_for(resident, request.user), request.POST or None)
    if request.method == "POST" and form.is_valid():
        numbers = [int(number) for number in request.POST.getlist("ligne") if number.isdecimal()]
        done = attempt(
            request,
            lambda: do_take_up_letter(
                resident,
                user=request.user,
                document=document,
                numbers=numbers,
                prescriber=form.cleaned_data["prescripteur"],
            ),
            "Le traitement de la lettre est maintenant le traitement en cours.",
        )
        if done:
            return redirect("treatment", uuid)
    found = next((each for each in letters_to_take_up(resident) if each.document == document), None)
    context = {
        "section": "residents",
        "resident": resident,
        "letter": found,
        "form": form,
        "may_write": may_write(request.user, resident),
    }
    return render(request, "treatments/take_up.html", context)


def _resident(request: PersonRequest, uuid: UUID) -> Resident:
    return get_object_or_404(access_residents(request.user).select_related("site"), uuid=uuid)


def _line(request: PersonRequest, uuid: UUID, line: UUID) -> TreatmentLine:
    """A line that runs: an ended one is history, which nobody corrects."""
    running = access_treatment_lines(request.user).filter(resident__uuid=uuid, ended_at__isnull=True)
    return get_object_or_404(running.select_related("resident__site"), uuid=line)
