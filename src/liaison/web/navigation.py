"""What the header of every screen counts for the person signed in."""

from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from liaison.apps.exchanges.models import Answer, Note, Recipient
from liaison.apps.filing.returns import LOOKED_BACK, letters_to_ask_for
from liaison.apps.intake.models import RawMessage
from liaison.apps.organisations.access import (
    access_absences,
    access_answers,
    access_decisions,
    access_incidents,
    access_messages,
    access_notes,
    access_recipients,
    access_rereadings,
    access_tasks,
    access_treatment_acts,
)
from liaison.apps.organisations.models import User
from liaison.apps.treatments.changes import changing
from liaison.apps.treatments.taking_in import to_take_in
from liaison.web.inbox.working import list_address

WAITS_FOR_A_PERSON = [Recipient.State.FAILED, Recipient.State.IN_DOUBT, Recipient.State.HELD]
MOST_REREADINGS = 10
TO_LOOK_AT = (
    Q(state__in=WAITS_FOR_A_PERSON, followed_by__isnull=True)
    | Q(escalated_at__isnull=False)
    | Q(replies__isnull=False, replies__handled_at__isnull=True)
)


def counts(request: HttpRequest) -> dict[str, object]:
    """``todo``: what waits for the person, counted only where a template shows it; ``arrivals``: the list as left."""
    user = request.user
    if not isinstance(user, User):
        return {}
    return {"todo": SimpleLazyObject(lambda: _count(user)), "arrivals": list_address(request)}


def _count(user: User) -> dict[str, Any]:
    return {
        "messages": access_messages(user).filter(handling=RawMessage.Handling.TO_DO).count(),
        "incidents": access_incidents(user).filter(closed_at=None).count(),
        "rereadings": [each.document for each in access_rereadings(user).select_related("document")[:MOST_REREADINGS]],
        "letters": letters_to_ask_for(access_absences(user), since=timezone.now() - LOOKED_BACK),
        "tasks": access_tasks(user).filter(done_at=None, look_on__lte=timezone.localdate()).count(),
        "changes": changing(access_decisions(user).filter(acknowledgement__isnull=True)).count()
        + to_take_in(access_treatment_acts(user)).count(),
        "exchanges": access_recipients(user).filter(TO_LOOK_AT).aggregate(n=Count("pk", distinct=True))["n"]
        + access_answers(user).filter(state=Answer.State.IN_DOUBT).count()
        + access_notes(user).filter(state=Note.State.IN_DOUBT).count(),
    }
