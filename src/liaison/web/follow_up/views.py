"""Following up: each addressee's state, the doubts a person resolves, the answers to deal with."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from liaison.apps.exchanges import actions
from liaison.apps.exchanges.models import Call, Reply
from liaison.apps.intake.actions import do_trace_view
from liaison.apps.organisations.access import (
    access_recipients,
    access_reconciliations,
    access_replies,
    access_transmissions,
    may_file,
)
from liaison.apps.treatments.models import Reconciliation
from liaison.web.acts import attempt, back
from liaison.web.follow_up import rows
from liaison.web.follow_up.answer_rows import answers_of
from liaison.web.follow_up.doubts import doubts_for
from liaison.web.pagination import address, page_of
from liaison.web.requests import PersonRequest


@require_safe
@vary_on_headers("HX-Request")
def follow_up(request: PersonRequest) -> HttpResponse:
    """The whole screen, or for htmx its live part alone."""
    asked = request.GET.get("voir", "")
    chosen = asked if asked in dict(rows.FILTERS) else rows.ALL
    recipients = access_recipients(request.user).order_by("-transmission__prepared_at", "pk")
    if chosen != rows.ALL:
        recipients = recipients.filter(rows.CHOSEN[chosen])
    page = page_of(request, rows.detailed(recipients))
    context = {
        "section": "follow-up",
        "rows": [rows.row(recipient) for recipient in page],
        "page": page,
        "pills": [
            {"label": label, "href": address(request, page="", voir=value), "current": value == chosen}
            for value, label in rows.FILTERS
        ],
        "replies": [rows.reply_line(reply, remarked=True) for reply in _waiting_replies(request)],
        "reconciliations": _waiting_reconciliations(request),
        "doubts": doubts_for(request.user),
        "previous": address(request, page=page.number - 1),
        "next": address(request, page=page.number + 1),
    }
    return render(request, "follow_up/live.html" if request.htmx else "follow_up/follow_up.html", context)


@require_safe
def transmission(request: PersonRequest, uuid: UUID) -> HttpResponse:
    """One sending; while it leaves, the page asks by itself for its steps, which is not a consultation more."""
    sent = access_transmissions(request.user).select_related(
        "site", "resident", "document", "mailbox", "prepared_by", "reconciliation"
    )
    found = get_object_or_404(sent, uuid=uuid)
    if not request.htmx:
        do_trace_view(found, user=request.user, site=found.site, resident=found.resident)
    recipients = rows.detailed(access_recipients(request.user).filter(transmission=found).order_by("pk"))
    context = {
        "section": "follow-up",
        "transmission": found,
        "rows": [rows.row(recipient, with_ways=True) for recipient in recipients],
        "leaving": any(rows.is_leaving(recipient, timezone.now()) for recipient in recipients),
        "answers": {recipient.pk: answers_of(recipient) for recipient in recipients},
        "outcomes": Call.Outcome.choices,
        "may_file": may_file(request.user, found.site),
    }
    return render(request, "follow_up/transmission.html", context)


@require_POST
def resend(request: PersonRequest, uuid: UUID) -> HttpResponse:
    recipient = get_object_or_404(access_recipients(request.user).select_related("transmission"), uuid=uuid)
    attempt(
        request,
        lambda: actions.do_resend(recipient, user=request.user),
        "Le même message est renvoyé, sous le même numéro.",
    )
    return redirect("transmission", recipient.transmission.uuid)


@require_POST
def confirm_delivery(request: PersonRequest, uuid: UUID) -> HttpResponse:
    recipient = get_object_or_404(access_recipients(request.user).select_related("transmission"), uuid=uuid)
    attempt(
        request,
        lambda: actions.do_confirm_delivery(recipient, user=request.user),
        "C'est noté : le message est bien arrivé.",
    )
    return redirect("transmission", recipient.transmission.uuid)


@require_POST
def reply_handled(request: PersonRequest, uuid: UUID) -> HttpResponse:
    reply = get_object_or_404(access_replies(request.user), uuid=uuid)
    attempt(request, lambda: actions.do_handle_reply(reply, user=request.user), "La réponse est marquée comme traitée.")
    return back(request, "follow-up")


def _waiting_replies(request: PersonRequest) -> list[Reply]:
    replies = access_replies(request.user).filter(handled_at__isnull=True).order_by("received_at")
    return list(
        replies.select_related(
            "recipient__professional",
            "recipient__transmission__resident",
            "recipient__transmission__document",
            "recipient__transmission__reconciliation",
        )[:20]
    )


def _waiting_reconciliations(request: PersonRequest) -> list[Reconciliation]:
    waiting = [Reconciliation.State.OPEN, Reconciliation.State.PARTIAL]
    reconciliations = access_reconciliations(request.user).filter(state__in=waiting)
    return list(reconciliations.select_related("resident", "document").order_by("opened_at")[:20])
