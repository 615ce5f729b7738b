"""Sending a filed document on to the resident's doctors."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from liaison.apps.directory.models import Professional
from liaison.apps.exchanges.actions import do_send
from liaison.apps.exchanges.models import Transmission
from liaison.apps.filing.models import Filing
from liaison.apps.intake.models import Document
from liaison.apps.organisations.access import access_documents, access_mailboxes, may_file
from liaison.apps.organisations.models import Site
from liaison.apps.residents.models import Opposition
from liaison.apps.residents.oppositions import standing_opposition
from liaison.web.acts import attempt
from liaison.web.directory.candidates import is_uuid, picked, professional_behind, search
from liaison.web.record.forms import SearchForm
from liaison.web.requests import PersonRequest
from liaison.web.send import addressees
from liaison.web.send.forms import SendForm, chosen, lettered
from liaison.web.send.preview import preview_of


@require_http_methods(["GET", "HEAD", "POST"])
def send(request: PersonRequest, uuid: UUID) -> HttpResponse:
    document, filing = _document(request, uuid)
    form = SendForm(request.POST or None, mailboxes=_mailboxes(request, document))
    if filing and form.is_valid():
        transmission = _send(request, document, filing, form)
        if transmission is not None:
            return redirect("transmission", transmission.uuid)
    return _screen(request, document, filing, form)


@require_POST
def search_professionals(request: PersonRequest, uuid: UUID) -> HttpResponse:
    """Other professionals: as the live part for htmx, without it on the whole screen with what was filled in."""
    document, filing = _document(request, uuid)
    text = SearchForm(request.POST).text()
    if request.htmx:
        return render(request, "send/found_professionals.html", _people(request, filing, text) if filing else {})
    kept = {name: request.POST.get(name, "") for name in ("bal", "note", "naissance", "sexe", "copie")}
    form = SendForm(initial=kept, mailboxes=_mailboxes(request, document))
    return _screen(request, document, filing, form, text)


def _document(request: PersonRequest, uuid: UUID) -> tuple[Document, Filing | None]:
    documents = access_documents(request.user).select_related("site", "message", "pdf_leaf")
    document = get_object_or_404(documents, uuid=uuid)
    standing = document.filings.filter(withdrawn_at__isnull=True).select_related("resident__site")
    return document, standing.first() if document.state == Document.State.FILED else None


def _mailboxes(request: PersonRequest, document: Document) -> Any:
    return access_mailboxes(request.user).filter(site=document.site).distinct()


def _send(request: PersonRequest, document: Document, filing: Filing, form: SendForm) -> Transmission | None:
    made: list[Transmission] = []

    def act() -> None:
        site = filing.resident.site
        written_to = _behind(request, chosen(request.POST), site)
        made.append(
            do_send(
                document,
                user=request.user,
                mailbox=form.cleaned_data["bal"],
                professionals=written_to,
                note=form.cleaned_data["note"],
                addresses=_addresses(request, written_to),
                letters=_behind(request, lettered(request.POST), site),
                patient_copy=form.patient_copy(),
            )
        )

    attempt(request, act, "Envoi préparé : il part maintenant. Chaque étape s'affiche ici.")
    return made[0] if made else None


def _behind(request: PersonRequest, values: list[str], site: Site) -> list[Professional]:
    return [professional_behind(value, site=site, user=request.user) for value in values]


def _addresses(request: PersonRequest, professionals: list[Professional]) -> dict[int, str]:
    """The address a person chose for each, where the screen gave several."""
    named = {one.pk: request.POST.get(f"adresse-{one.uuid}", "").strip() for one in professionals}
    return {number: address for number, address in named.items() if address}


def _screen(
    request: PersonRequest, document: Document, filing: Filing | None, form: SendForm, text: str = ""
) -> HttpResponse:
    mailbox = _mailboxes(request, document).first()
    context = {
        "section": "follow-up",
        "document": document,
        "filing": filing,
        "form": form,
        "may_send": filing is not None and mailbox is not None and may_file(request.user, document.site),
        "mailbox": mailbox,
        "preview": preview_of(document, filing, mailbox, request.user) if filing and mailbox else None,
    }
    if filing:
        context |= _people(request, filing, text)
    return render(request, "send/send.html", context)


def _people(request: PersonRequest, filing: Filing, text: str) -> dict[str, Any]:
    """The care team, those the person added, and who is ticked: at first everybody who is there to be written to."""
    site = filing.resident.site
    team = addressees.care_team_of(filing.resident)
    values = chosen(request.POST)
    known = Professional.objects.filter(uuid__in=[value for value in values if is_uuid(value)])
    added = addressees.others(known, team, site)
    shown = {one.value for one in (*team, *added)}
    beside = picked([value for value in (*values, *lettered(request.POST)) if value not in shown])
    there = shown | {one.value for one in beside}
    posted = request.method == "POST"
    return {
        "care_team": team,
        "others": added,
        "picked": beside,
        "text": text,
        "searched": bool(text),
        "found": [one for one in search(text, site) if one.value not in there] if text else [],
        "ticked": set(values) if posted else {one.value for one in team if one.at_first},
        "lettered": set(lettered(request.POST)),
        "patient": addressees.patient_option(filing.resident),
        "opposition": standing_opposition(filing.resident, Opposition.Scope.PROFESSIONALS),
    }
