"""One message: what it holds, its original, and the acts on it."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from liaison.apps.exchanges.models import Recipient
from liaison.apps.exchanges.replies import candidates_for
from liaison.apps.intake import actions
from liaison.apps.intake.models import RawMessage
from liaison.apps.intake.twins import twins_of
from liaison.apps.organisations.access import access_leaves, access_messages
from liaison.web.acts import attempt
from liaison.web.files import EXTENSIONS, blob_or_404, download
from liaison.web.inbox import rows
from liaison.web.inbox.answer_views import answers_of
from liaison.web.inbox.working import following, list_address
from liaison.web.requests import PersonRequest


@require_safe
def message(request: PersonRequest, uuid: UUID) -> HttpResponse:
    found = _message(request, uuid)
    actions.do_trace_view(found, user=request.user, site=found.site)
    context = {
        "section": "inbox",
        "message": found,
        "row": rows.row(found),
        "leaves": found.leaves.all(),
        "reply": getattr(found, "reply", None),
        "candidates": _candidates(request, found),
        "following": following(request, found),
        "twins": twins_of(found, access_messages(request.user)),
        **answers_of(found),
    }
    return render(request, "inbox/message.html", context)


def _candidates(request: PersonRequest, found: RawMessage) -> list[Recipient]:
    """The exchanges a message without one may answer: only where it can be an answer."""
    automatic = {RawMessage.Category.REPORT, RawMessage.Category.AUTOMATIC}
    if hasattr(found, "reply") or found.state != RawMessage.State.READ or found.category in automatic:
        return []
    return candidates_for(found, request.user)


@require_safe
def original(request: PersonRequest, uuid: UUID) -> HttpResponse:
    """The raw message, byte for byte as the server gave it; the download is traced."""
    found = _message(request, uuid)
    content = blob_or_404(found.blob)
    actions.do_trace_download(found, user=request.user, site=found.site)
    return download(content, f"message-{str(found.uuid)[:8]}.eml", "message/rfc822")


@require_safe
def leaf(request: PersonRequest, uuid: UUID, position: int) -> HttpResponse:
    """One part of the message as it was sent."""
    found = get_object_or_404(
        access_leaves(request.user).select_related("message__site"), message__uuid=uuid, position=position
    )
    content = blob_or_404(found.blob)
    actions.do_trace_download(found.message, user=request.user, site=found.message.site)
    return download(content, f"piece-{position}.{EXTENSIONS.get(found.media_type, 'bin')}")


@require_POST
def read_again(request: PersonRequest, uuid: UUID) -> HttpResponse:
    found = _message(request, uuid)
    attempt(request, lambda: actions.do_read_again(found, user=request.user), "Une nouvelle lecture est demandée.")
    return redirect("message", uuid)


@require_POST
def handled(request: PersonRequest, uuid: UUID) -> HttpResponse:
    found = _message(request, uuid)
    attempt(request, lambda: actions.do_mark_handled(found, user=request.user), "Le message est marqué comme traité.")
    return redirect(list_address(request))


@require_POST
def reopen(request: PersonRequest, uuid: UUID) -> HttpResponse:
    found = _message(request, uuid)
    attempt(request, lambda: actions.do_reopen(found, user=request.user), "Le message est de nouveau à traiter.")
    return redirect("message", uuid)


def _message(request: PersonRequest, uuid: UUID) -> RawMessage:
    return get_object_or_404(rows.with_documents(access_messages(request.user)).select_related("site"), uuid=uuid)
