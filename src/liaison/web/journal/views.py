"""Who saw, filed, sent and decided, for one resident: on the screen and on paper."""

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from liaison.apps.audit.models import Entry
from liaison.apps.intake.actions import do_trace_view
from liaison.apps.organisations.access import access_journal, access_residents
from liaison.web.journal import words
from liaison.web.pagination import address, page_of
from liaison.web.requests import PersonRequest

ROWS = 200
HASH_CHARACTERS = 12


@dataclass(frozen=True, slots=True)
class Row:
    entry: Entry
    action: str
    subject: str
    details: str
    short_hash: str


@require_safe
def journal(request: PersonRequest, uuid: UUID) -> HttpResponse:
    """Newest first; opening the journal is itself written in it."""
    resident = get_object_or_404(access_residents(request.user).select_related("site"), uuid=uuid)
    do_trace_view(resident, user=request.user, site=resident.site, resident=resident)
    entries = access_journal(request.user, resident).select_related("user").order_by("-seq")
    page = page_of(request, entries, ROWS)
    context = {
        "section": "residents",
        "resident": resident,
        "rows": [_row(entry) for entry in page],
        "page": page,
        "printed_at": timezone.now(),
        "previous": address(request, page=page.number - 1),
        "next": address(request, page=page.number + 1),
    }
    return render(request, "journal/journal.html", context)


def _row(entry: Entry) -> Row:
    return Row(entry, words.action(entry), words.subject(entry), words.details(entry), entry.hash[:HASH_CHARACTERS])
