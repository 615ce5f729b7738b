"""Sending a filed document on to the resident's doctors."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from liaison.apps.directory.models import Professional
from liaison.apps.directory.queries import search_professionals
from liaison.apps.exchanges.actions import do_send
from liaison.apps.exchanges.models import Transmission
from liaison.apps.filing.models import Filing
from liaison.apps.intake.models import Document
from liaison.apps.organisations.access import access_documents, access_mailboxes, may_file
from liaison.web.acts import attempt
from liaison.web.record.forms import SearchForm
from liaison.web.requests import PersonRequest
from liaison.web.send.forms import SendForm
from liaison.web.send.preview import preview_of


@require_http_methods(["GET", "HEAD", "POST"])
def send(request: PersonRequest, uuid: UUID) -> HttpResponse:
    document, filing = _document(request, uuid)
    form = SendForm(request.POST or None, mailboxes=_mailboxes(request, document))
    if filing and form.is_valid():
        transmission = _send(request, document, form)
        if transmission is not None:
            return redirect("transmission", transmission.uuid)
    ticked = _ticked(request, filing) if filing else []
    return _screen(request, document, filing, form, ticked)


@require_POST
def search(request: PersonRequest, uuid: UUID) -> HttpResponse:
    """Other professionals: as the live part for htmx, without it on the whole screen with what was filled in."""
    document, filing = _document(request, uuid)
    form = SendForm(initial=_kept(request), mailboxes=_mailboxes(request, document))
    ticked = _professionals(request.POST.getlist("destinataires"))
    return _screen(request, document, filing, form, ticked, text=SearchForm(request.POST).text())


def _document(request: PersonRequest, uuid: UUID) -> tuple[Document, Filing | None]:
    documents = access_documents(request.user).select_related("site", "message", "pdf_leaf")
    document = get_object_or_404(documents, uuid=uuid)
    standing = document.filings.filter(withdrawn_at__isnull=True).select_related("resident__site")
    return document, standing.first() if document.state == Document.State.FILED else None


def _mailboxes(request: PersonRequest, document: Document) -> Any:
    return access_mailboxes(request.user).filter(site=document.site).distinct()


def _send(request: PersonRequest, document: Document, form: SendForm) -> Transmission | None:
    made: list[Transmission] = []
    attempt(
        request,
        lambda: made.append(
            do_send(
                document,
                user=request.user,
                mailbox=form.cleaned_data["bal"],
                professionals=list(form.cleaned_data["destinataires"]),
                note=form.cleaned_data["note"],
            )
        ),
        "Envoi préparé : il part maintenant. Chaque étape s'affiche ici.",
    )
    return made[0] if made else None


def _ticked(request: PersonRequest, filing: Filing) -> list[Professional]:
    """What the person ticked; at first, every doctor of the care team who can be written to."""
    if request.method == "POST":
        return _professionals(request.POST.getlist("destinataires"))
    return [member for member in _care_team(filing) if member.addresses.all()]


def _care_team(filing: Filing) -> list[Professional]:
    members = filing.resident.care_team.select_related("professional").prefetch_related("professional__addresses")
    return [member.professional for member in members]


def _professionals(uuids: Sequence[str]) -> list[Professional]:
    valid = [uuid for uuid in uuids if _is_uuid(uuid)]
    return list(Professional.objects.filter(uuid__in=valid).prefetch_related("addresses"))


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _kept(request: PersonRequest) -> dict[str, str]:
    return {name: request.POST.get(name, "") for name in ("bal", "note")}


def _screen(
    request: PersonRequest,
    document: Document,
    filing: Filing | None,
    form: SendForm,
    ticked: list[Professional],
    text: str = "",
) -> HttpResponse:
    care_team = _care_team(filing) if filing else []
    others = [professional for professional in ticked if professional not in care_team]
    shown = {*care_team, *others}
    mailbox = _mailboxes(request, document).first()
    context = {
        "section": "follow-up",
        "document": document,
        "filing": filing,
        "form": form,
        "may_send": filing is not None and mailbox is not None and may_file(request.user, document.site),
        "mailbox": mailbox,
        "care_team": care_team,
        "others": others,
        "ticked": {professional.pk for professional in ticked},
        "preview": preview_of(document, filing, mailbox, request.user) if filing and mailbox else None,
        "searched": bool(text),
        "text": text,
        "found": [one for one in search_professionals(text) if one not in shown] if text else [],
    }
    return render(request, "send/found_professionals.html" if request.htmx else "send/send.html", context)
