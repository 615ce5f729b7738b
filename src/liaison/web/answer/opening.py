"""Which answering pages this browser has opened, until when, and by which proof."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest
from django.utils import timezone

from liaison.apps.exchanges.links import OPEN_LASTS, find_link
from liaison.apps.exchanges.models import AnswerLink, Reply

OPENINGS = "answer_openings"


@dataclass(frozen=True, slots=True)
class Opening:
    """A page open in this browser."""

    link: AnswerLink
    proven_by: Reply.Proof


def keep_open(request: HttpRequest, link: AnswerLink, proven_by: Reply.Proof) -> None:
    """The page of the link, open an hour in this browser, under a new session key."""
    request.session.cycle_key()
    until = (timezone.now() + OPEN_LASTS).isoformat()
    openings = request.session.get(OPENINGS, {})
    request.session[OPENINGS] = {**openings, str(link.uuid): {"until": until, "proven_by": proven_by.value}}


def opened(request: HttpRequest, token: str) -> Opening | None:
    """The page of the token, when this browser proved itself less than an hour ago."""
    link = find_link(token)
    kept = request.session.get(OPENINGS, {}).get(str(link.uuid)) if link else None
    if link is None or kept is None or timezone.now() >= datetime.fromisoformat(kept["until"]):
        return None
    return Opening(link, Reply.Proof(kept["proven_by"]))
