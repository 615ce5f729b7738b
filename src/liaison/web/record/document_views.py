"""One document: what it says, whom it is about, and where it goes."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST, require_safe

from liaison.apps.intake import actions
from liaison.apps.intake.models import Document
from liaison.apps.intake.pdf_process import render_page_apart
from liaison.apps.organisations.access import access_documents
from liaison.apps.residents.search import find_residents
from liaison.core.notices import Unreadable
from liaison.web.files import blob_or_404, download
from liaison.web.inbox.working import following
from liaison.web.record import document_page
from liaison.web.record.forms import ResidentChoice, SearchForm
from liaison.web.requests import PersonRequest

PAGE_WIDTH = 1100


def document_or_404(request: PersonRequest, uuid: UUID) -> Document:
    documents = access_documents(request.user).select_related("site", "message__mailbox", "pdf_leaf", "duplicate_of")
    return get_object_or_404(documents, uuid=uuid)


@require_safe
def document(request: PersonRequest, uuid: UUID) -> HttpResponse:
    found = document_or_404(request, uuid)
    filing = document_page.standing(found)
    actions.do_trace_view(found, user=request.user, site=found.site, resident=filing.resident if filing else None)
    return render(request, "record/document.html", _context(request, found, _wanted(request)))


@require_POST
def search(request: PersonRequest, uuid: UUID) -> HttpResponse:
    """The residents a person looks for: as the live part for htmx, on the whole screen without it."""
    found = document_or_404(request, uuid)
    form = SearchForm(request.POST)
    text = form.text()
    residents = find_residents(document_page.choosable(found, request.user), [found.site_id], text) if text else []
    searched = {"document": found, "found": residents, "searched": bool(text)}
    if request.htmx:
        return render(request, "record/found_residents.html", searched)
    context = _context(request, found, "")
    return render(request, "record/document.html", {**context, **searched, "search_form": form})


def _context(request: PersonRequest, found: Document, wanted: str) -> dict[str, Any]:
    context = document_page.context_of(found, request.user, wanted)
    if context["holds_message"] and context["may_file"]:
        context |= {"following": following(request, found.message, found), "works_through": True}
    return context


@require_safe
def page(request: PersonRequest, uuid: UUID, number: int) -> HttpResponse:
    """One page of the readable PDF as an image: no PDF ever runs in the person's browser."""
    found = document_or_404(request, uuid)
    if not 1 <= number <= document_page.page_count(found.pdf_blob):
        raise Http404
    image = render_page_apart(blob_or_404(found.pdf_blob), number - 1, PAGE_WIDTH)
    if isinstance(image, Unreadable) or not image:
        raise Http404
    return HttpResponse(image, content_type="image/png")


@require_safe
def pdf(request: PersonRequest, uuid: UUID) -> HttpResponse:
    """The original PDF, byte for byte, signatures included; the download is traced."""
    found = document_or_404(request, uuid)
    if not found.pdf_blob:
        raise Http404
    content = blob_or_404(found.pdf_blob)
    filing = document_page.standing(found)
    actions.do_trace_download(found, user=request.user, site=found.site, resident=filing.resident if filing else None)
    return download(content, f"document-{str(found.uuid)[:8]}.pdf", "application/pdf")


def _wanted(request: PersonRequest) -> str:
    form = ResidentChoice(request.GET)
    return str(form.cleaned_data["resident"]) if form.is_valid() else ""
