"""Answers a person deals with: attached by hand, written down from a call or a visit, links withdrawn."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from liaison.apps.exchanges.links import do_withdraw_link
from liaison.apps.exchanges.models import AnswerLink, Recipient
from liaison.apps.exchanges.replies import do_attach_reply, do_record_spoken_answer
from liaison.apps.organisations.access import access_messages, access_recipients
from liaison.web.acts import attempt
from liaison.web.follow_up.answer_forms import AttachForm, SpokenForm
from liaison.web.requests import PersonRequest


def _recipient(request: PersonRequest, uuid: UUID) -> Recipient:
    rows = access_recipients(request.user).select_related("transmission__site", "transmission__reconciliation")
    return get_object_or_404(rows, uuid=uuid)


@require_POST
def record_spoken(request: PersonRequest, uuid: UUID) -> HttpResponse:
    recipient = _recipient(request, uuid)
    form = SpokenForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Dites qui a répondu, quand, et ce qui a été dit.")
        return redirect("transmission", recipient.transmission.uuid)
    said = form.cleaned_data
    attempt(
        request,
        lambda: do_record_spoken_answer(
            recipient,
            user=request.user,
            source=said["voie"],
            speaker=said["interlocuteur"],
            said_at=said["quand"],
            said=said["paroles"],
        ),
        "La réponse est notée : elle se traite comme les autres.",
    )
    return redirect("transmission", recipient.transmission.uuid)


@require_POST
def withdraw_links(request: PersonRequest, uuid: UUID) -> HttpResponse:
    """Every answering page of the recipient that is still open."""
    recipient = _recipient(request, uuid)
    standing = list(AnswerLink.objects.filter(recipient=recipient, withdrawn_at__isnull=True).select_related("site"))
    attempt(
        request,
        lambda: [do_withdraw_link(link, user=request.user) for link in standing],
        "Le lien de réponse ne mène plus à rien.",
    )
    return redirect("transmission", recipient.transmission.uuid)


@require_POST
def attach(request: PersonRequest, uuid: UUID) -> HttpResponse:
    message = get_object_or_404(access_messages(request.user).select_related("site"), uuid=uuid)
    form = AttachForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Choisissez l'échange auquel ce message répond.")
        return redirect("message", uuid)
    recipient = get_object_or_404(
        access_recipients(request.user).select_related("transmission__site", "transmission__reconciliation"),
        uuid=form.cleaned_data["echange"],
    )
    done = attempt(
        request,
        lambda: do_attach_reply(message, recipient, user=request.user),
        "Le message est rattaché : c'est une réponse de cet échange.",
    )
    return redirect("transmission", recipient.transmission.uuid) if done else redirect("message", uuid)
