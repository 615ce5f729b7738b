"""The returns expected, and the letters that are missing."""

from datetime import timedelta
from itertools import groupby

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from liaison.apps.directory.queries import search_directory
from liaison.apps.exchanges.hospitals import Hospital, hospital_of, hospitals_of
from liaison.apps.exchanges.models import Note
from liaison.apps.filing.models import Proposal
from liaison.apps.filing.returns import LOOKED_BACK, WAITING, returns_expected, returns_without_letter
from liaison.apps.intake.models import Document
from liaison.apps.organisations.access import access_absences, access_documents, access_mailboxes, access_notes
from liaison.apps.residents.models import Absence
from liaison.web.requests import PersonRequest
from liaison.web.returns.forms import DirectoryForm

MOST_SHOWN = 200


@require_safe
def returns(request: PersonRequest) -> HttpResponse:
    absences = access_absences(request.user).select_related("resident__site")
    lacking = list(returns_without_letter(absences, since=timezone.now() - LOOKED_BACK)[:MOST_SHOWN])
    asked, waiting = _asked(request, lacking), _waiting(request, lacking)
    context = {
        "section": "returns",
        "expected": returns_expected(absences)[:MOST_SHOWN],
        "without_letter": [
            (absence, hospital_of(absence), asked.get(absence.pk, []), waiting.get(absence.resident_id))
            for absence in lacking
        ],
        "settled": _settled(request),
        "may_write": access_mailboxes(request.user).exists(),
        "today": timezone.localdate(),
        "days": LOOKED_BACK.days,
        "most": MOST_SHOWN,
    }
    return render(request, "returns/returns.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def hospital(request: PersonRequest, number: int) -> HttpResponse:
    """Whom to ask, when the home does not know where the resident was; a search is posted."""
    absence = get_object_or_404(access_absences(request.user).select_related("resident__site"), pk=number)
    form = DirectoryForm(request.POST or None)
    text = form.text() if request.method == "POST" else ""
    context = {
        "section": "returns",
        "absence": absence,
        "known": hospitals_of(absence.resident.site),
        "found": _services(text),
        "searched": bool(text),
        "text": text,
    }
    return render(request, "returns/hospital.html", context)


def _services(text: str) -> list[Hospital]:
    """The services of the national directory, one line for each address."""
    found = [one for one in search_directory(text) if one.listed.kind == "ORG"] if text else []
    return [Hospital(one.name, line.email) for one in found for line in one.lines]


def _asked(request: PersonRequest, absences: list[Absence]) -> dict[int, list[Note]]:
    notes = access_notes(request.user).filter(absence__in=absences).select_related("asked_by").order_by("absence", "pk")
    return {int(number or 0): list(found) for number, found in groupby(notes, lambda note: note.absence_id)}


def _waiting(request: PersonRequest, absences: list[Absence]) -> dict[int, Document]:
    """By resident, the letter that waits to be filed, where the person may open it."""
    proposals = Proposal.objects.filter(WAITING, resident__in=[absence.resident_id for absence in absences])
    seen = proposals.filter(document__in=access_documents(request.user)).select_related("document")
    return {proposal.resident_id or 0: proposal.document for proposal in seen.order_by("pk")}


def _settled(request: PersonRequest) -> list[Absence]:
    """Those a person took off the list lately: the act can be undone."""
    since = timezone.now() - timedelta(days=7)
    absences = access_absences(request.user).filter(letter_settled_at__gte=since, withdrawn_at__isnull=True)
    return list(absences.select_related("resident", "letter_settled_by").order_by("-letter_settled_at")[:20])
