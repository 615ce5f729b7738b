"""The return sheet as it would be sent, with the remarks just typed: looked at before sending."""

from base64 import b64encode
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from liaison.apps.exchanges.sheet import has_sheet, sheet_pdf
from liaison.apps.intake.models import Document
from liaison.apps.intake.pdf_process import read_pdf_apart, render_page_apart
from liaison.apps.organisations.access import access_documents, access_mailboxes
from liaison.core.notices import Unreadable
from liaison.web.requests import PersonRequest
from liaison.web.send.preview import unsaved

PAGE_WIDTH = 1100
NOTE_CHARACTERS = 4000


@require_POST
def sheet(request: PersonRequest, uuid: UUID) -> HttpResponse:
    """Its pages as images: nothing of it is kept, neither here nor in the browser."""
    document = get_object_or_404(access_documents(request.user).select_related("site"), uuid=uuid)
    filing = document.filings.filter(withdrawn_at__isnull=True).select_related("resident__site").first()
    mailbox = access_mailboxes(request.user).filter(site=document.site).first()
    if filing is None or mailbox is None or document.state != Document.State.FILED:
        raise Http404
    note = request.POST.get("note", "")[:NOTE_CHARACTERS]
    transmission = unsaved(document, filing, mailbox, request.user, note)
    if not has_sheet(transmission):
        raise Http404
    context = {
        "section": "follow-up",
        "document": document,
        "resident": filing.resident,
        "pages": _images(sheet_pdf(transmission)),
    }
    return render(request, "send/sheet.html", context)


def _images(pdf: bytes) -> list[str]:
    read = read_pdf_apart(pdf)
    count = 0 if isinstance(read, Unreadable) else len(read.pages)
    pages = (render_page_apart(pdf, number, PAGE_WIDTH) for number in range(count))
    return [b64encode(page).decode("ascii") for page in pages if isinstance(page, bytes) and page]
