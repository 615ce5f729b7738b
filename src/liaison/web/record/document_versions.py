"""What the screen of a document says of its other versions, and of those it was sent to."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch, Q

from liaison.apps.exchanges.models import Note, Recipient
from liaison.apps.exchanges.notes import why_withdrawn
from liaison.apps.intake.models import Document
from liaison.apps.organisations.access import access_documents, access_recipients
from liaison.apps.organisations.models import User
from liaison.core.versions.decide import rule_of

UNREMARKABLE = {"first", "duplicate"}
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
        **_holders(document, user),
    }


def _holders(document: Document, user: User) -> dict[str, Any]:
    holders = already_sent(document, user)
    return {"already_sent": holders, "to_tell": [one for one in holders if one.withdrawn and one.note is None]}


def _seen(other: Document | None, user: User) -> Document | None:
    return access_documents(user).filter(pk=other.pk).first() if other else None


@dataclass(frozen=True, slots=True)
class Holder:
    """One who holds what is withdrawn, or is about to be; ``note`` is the mail that told him, if any."""

    recipient: Recipient
    note: Note | None
    withdrawn: bool


def already_sent(document: Document, user: User) -> list[Holder]:
    """Those who hold what is struck, what this document strikes, or what left the record it was sent for."""
    concerned = Q(transmission__document__replaced_by=document) | Q(transmission__document=document)
    if document.version_kind in {"replaces", "cancels"}:
        concerned |= Q(transmission__document=document.other_version_id)
    recipients = access_recipients(user).filter(concerned).exclude(state=Recipient.State.FAILED)
    told = Prefetch("notes", Note.objects.filter(kind=Note.Kind.CORRECTION), to_attr="corrections")
    seen = recipients.select_related("professional", "transmission__document", "transmission__resident")
    found = seen.prefetch_related(told).order_by("pk").distinct()
    holders = [Holder(one, next(iter(one.corrections), None), withdrawn=bool(why_withdrawn(one))) for one in found]
    return [one for one in holders if one.withdrawn or one.recipient.transmission.document_id != document.pk]
