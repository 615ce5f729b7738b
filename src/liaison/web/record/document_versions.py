"""What the screen of a document says of its other versions, and of those it was sent to."""

from typing import Any

from django.db.models import Q, QuerySet

from liaison.apps.exchanges.models import Recipient
from liaison.apps.intake.models import Document
from liaison.apps.organisations.access import access_documents, access_recipients
from liaison.apps.organisations.models import User
from liaison.core.versions.decide import rule_of

UNREMARKABLE = {"first", "duplicate"}
STRUCK = {Document.State.REPLACED, Document.State.CANCELLED}
WAITING = {Document.State.TO_MATCH, Document.State.PROPOSED, Document.State.SET_ASIDE}
TONES = {
    Document.State.FILED: "ok",
    Document.State.TO_MATCH: "warn",
    Document.State.PROPOSED: "info",
    Document.State.REPLACED: "bad",
    Document.State.OBSOLETE: "bad",
    Document.State.CANCELLED: "bad",
}


def versions_of(document: Document, user: User) -> dict[str, Any]:
    rule = None if document.version_kind in UNREMARKABLE else rule_of(document.version_kind)
    return {
        "tone": TONES.get(Document.State(document.state), ""),
        "version_rule": rule,
        "other_version": _seen(document.other_version, user) if rule else None,
        "replaced_by": _seen(document.replaced_by, user),
        "may_be_filed": document.requested_action != "cancel" and document.state in WAITING,
        "asks_cancellation": document.version_kind == "cancels" and document.state != Document.State.SET_ASIDE,
        "already_sent": already_sent(document, user),
    }


def _seen(other: Document | None, user: User) -> Document | None:
    return access_documents(user).filter(pk=other.pk).first() if other else None


def already_sent(document: Document, user: User) -> "QuerySet[Recipient]":
    """Those who hold a version that is struck, or that this document strikes: they are to be told."""
    concerned = Q(transmission__document__replaced_by=document)
    if document.state in STRUCK:
        concerned |= Q(transmission__document=document)
    if document.version_kind in {"replaces", "cancels"}:
        concerned |= Q(transmission__document=document.other_version_id)
    recipients = access_recipients(user).filter(concerned).exclude(state=Recipient.State.FAILED)
    return recipients.select_related("professional", "transmission__document").order_by("pk").distinct()
