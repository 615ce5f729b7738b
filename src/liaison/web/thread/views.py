"""One hospital return read back as one thread."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from liaison.apps.intake.actions import do_trace_view
from liaison.apps.organisations.access import access_documents
from liaison.web.requests import PersonRequest
from liaison.web.thread.events import events_of, open_questions


@require_safe
def thread(request: PersonRequest, uuid: UUID) -> HttpResponse:
    """Letter, suggestion, sending, receipts, answers, decisions, application, in the order of time."""
    rows = access_documents(request.user).select_related("site", "message__mailbox")
    document = get_object_or_404(rows, uuid=uuid)
    filing = document.filings.filter(withdrawn_at__isnull=True).select_related("resident").first()
    resident = filing.resident if filing else None
    do_trace_view(document, user=request.user, site=document.site, resident=resident)
    context = {
        "section": "follow-up",
        "document": document,
        "resident": resident,
        "events": events_of(document, request.user),
        "open": open_questions(document, request.user),
    }
    return render(request, "thread/thread.html", context)
