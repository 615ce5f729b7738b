"""Where a person is in the inbox: the list as they left it, and what waits after the message before them."""

from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse

from liaison.apps.intake.models import Document, RawMessage
from liaison.apps.organisations.access import access_messages
from liaison.web.inbox.rows import WAITS
from liaison.web.inbox.stretch import next_to_do
from liaison.web.requests import PersonRequest

KEPT = "inbox"


def keep_list(request: PersonRequest, chosen: dict[str, str], after: str) -> None:
    """Filters and place, in the session: nothing there names anyone. ``after`` is where the stretch shown begins."""
    request.session[KEPT] = {**chosen, "apres": after}


def list_address(request: HttpRequest) -> str:
    """The inbox as the person last saw it."""
    kept = {name: value for name, value in request.session.get(KEPT, {}).items() if value}
    return f"{reverse('inbox')}?{urlencode(kept)}" if kept else reverse("inbox")


def following(request: PersonRequest, message: RawMessage, document: Document | None = None) -> str:
    """The address of what waits next: the other documents of this message, then the next message; empty if nothing."""
    if document and (other := message.documents.filter(state__in=WAITS).exclude(pk=document.pk).first()):
        return reverse("document", args=[other.uuid])
    number = next_to_do(request.user, request.session.get(KEPT, {}).get("bal", ""), message)
    return _address(access_messages(request.user).get(pk=number)) if number else ""


def _address(message: RawMessage) -> str:
    waiting = message.documents.filter(state__in=WAITS).first()
    return reverse("document", args=[waiting.uuid]) if waiting else reverse("message", args=[message.uuid])
