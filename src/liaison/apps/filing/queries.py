"""Which documents wait for the rule table to look at them."""

from datetime import timedelta

from django.utils import timezone

from liaison.apps.filing.models import HandOver
from liaison.apps.intake.models import Document
from liaison.apps.queue import forgotten

LOST_AFTER = timedelta(seconds=60)
MOST_AT_ONCE = 500
WAITING = (Document.State.TO_MATCH, Document.State.PROPOSED)


def unproposed_documents() -> list[int]:
    """The documents that wait for their proposal for longer than a job takes, and that no waiting job is about.

    The rule table says a document's place among its versions before whose it is: without the one, the other lacks.
    """
    waiting = Document.objects.filter(state=Document.State.TO_MATCH, version_kind="", proposal__isnull=True)
    old = waiting.filter(created_at__lt=timezone.now() - LOST_AFTER, filings__isnull=True)
    return forgotten(old, task="propose_documents", argument="documents")[:MOST_AT_ONCE]


def hand_overs_on_their_way() -> list[int]:
    """The hand-overs that no job brought to the other home for longer than a job takes."""
    lost = HandOver.objects.filter(state=HandOver.State.ON_ITS_WAY, handed_at__lt=timezone.now() - LOST_AFTER)
    return list(lost.order_by("pk").values_list("pk", flat=True)[:MOST_AT_ONCE])


def documents_without_resident(site: int, after: int) -> list[int]:
    """The documents of a home that no record holds, past a number, in their order, at most ``MOST_AT_ONCE``."""
    waiting = Document.objects.filter(site=site, state__in=WAITING, pk__gt=after).exclude(requested_action="cancel")
    return list(waiting.order_by("pk").values_list("pk", flat=True)[:MOST_AT_ONCE])
