"""What a person answers to a sender: a read receipt, and the receipts that wait for a confirmation."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from liaison.apps.blobs import store
from liaison.apps.exchanges import answers
from liaison.apps.exchanges.models import Answer
from liaison.apps.intake.models import RawMessage
from liaison.apps.organisations.access import access_answers, access_messages
from liaison.web.acts import attempt
from liaison.web.requests import PersonRequest


def answers_of(message: RawMessage) -> dict[str, Any]:
    """The answers given, and where a read receipt would go when one may still be given."""
    given = list(message.answers.select_related("asked_by", "document"))
    return {"answers": given, "receipt_to": "" if given else _receipt_to(message)}


def _receipt_to(message: RawMessage) -> str:
    try:
        way = answers.way_to_answer(message)
    except (FileNotFoundError, store.BlobDamaged):
        return ""
    return way.address if way and way.by_mdn else ""


@require_POST
def acknowledge(request: PersonRequest, uuid: UUID) -> HttpResponse:
    found = get_object_or_404(access_messages(request.user).select_related("site", "mailbox"), uuid=uuid)
    attempt(
        request,
        lambda: answers.do_acknowledge_reading(found, user=request.user),
        "L'accusé de lecture part vers l'expéditeur.",
    )
    return redirect("message", uuid)


@require_POST
def confirm(request: PersonRequest, number: int) -> HttpResponse:
    found = _answer(request, number)
    attempt(request, lambda: answers.do_confirm_answer(found, user=request.user), "L'accusé part.")
    return redirect("message", found.original.uuid)


@require_POST
def drop(request: PersonRequest, number: int) -> HttpResponse:
    found = _answer(request, number)
    attempt(request, lambda: answers.do_drop_answer(found, user=request.user), "L'accusé ne sera pas envoyé.")
    return redirect("message", found.original.uuid)


def _answer(request: PersonRequest, number: int) -> Answer:
    return get_object_or_404(access_answers(request.user).select_related("original__site"), pk=number)
