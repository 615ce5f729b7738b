"""The versions of a document: known at arrival, replaced by filing the newer one, standing again if that is undone."""

from collections.abc import Iterator

from django.db.models import Q

from liaison.apps.audit.actions import record
from liaison.apps.filing.derived import withdraw_derived, write_derived
from liaison.apps.filing.models import Filing
from liaison.apps.intake.actions import settle
from liaison.apps.intake.models import Document
from liaison.apps.intake.readings import cda_of
from liaison.apps.organisations.models import User
from liaison.apps.residents.models import Resident
from liaison.core.cda.values import CdaDocument
from liaison.core.versions.decide import Arrival, Version, VersionDecision, decide_version
from liaison.core.xdm.values import RequestedAction

State = Document.State
SETTLED_AT_ARRIVAL = {"duplicate": State.DUPLICATE, "obsolete": State.OBSOLETE}
REPLACEABLE = (State.FILED, State.TO_MATCH, State.PROPOSED)
_ACTIONS: dict[str, RequestedAction] = {"create": "create", "replace": "replace", "cancel": "cancel"}


def note_version(document: Document) -> bool:
    """Write a document's place among those held; whether that settles it. Inside the transaction of the proposal."""
    held, decision = _decide(document)
    other = held[decision.held] if decision.held else None
    document.version_kind, document.other_version = decision.kind, other
    document.state = SETTLED_AT_ARRIVAL.get(decision.kind, State(document.state))
    if decision.kind == "duplicate" and other:
        document.duplicate_of = other.duplicate_of or other
    document.save(update_fields=["version_kind", "other_version", "state", "duplicate_of"])
    if other:
        record(_ENTRIES[decision.kind], document, site=document.site, first=str(other.uuid), version=document.version)
    if document.state in SETTLED_AT_ARRIVAL.values():
        settle(document.message, None)
        return True
    return False


_ENTRIES = {
    "duplicate": "duplicate_linked",
    "conflict": "version_conflict_noted",
    "replaces": "newer_version_noted",
    "obsolete": "obsolete_version_noted",
    "cancels": "cancellation_asked",
    "not_the_last": "version_refused",
    "other_author": "version_refused",
}


def _decide(document: Document) -> tuple[dict[str, Document], VersionDecision]:
    cda = cda_of(document)
    replaces = tuple(str(one) for one in cda.replaces) if cda else ()
    held = {str(one.uuid): one for one in _held(document, replaces)}
    arrival = Arrival(_as_version(document, cda), replaces, _ACTIONS.get(document.requested_action, "create"))
    return held, decide_version(arrival, [_as_version(one, cda_of(one)) for one in held.values()])


def _held(document: Document, replaces: tuple[str, ...]) -> list[Document]:
    """What the site holds of the same id or set, first received first. Of two copies, the later one is the copy."""
    same = Q(document_id=document.document_id, pk__lt=document.pk)
    if not document.document_id:
        same &= Q(sha256=document.sha256)
    related = Q(document_id__in=replaces)
    if document.set_id:
        related |= Q(set_id=document.set_id)
    others = same | (related & ~Q(document_id=document.document_id))
    held = Document.objects.filter(others, site=document.site).exclude(pk=document.pk)
    held = held.exclude(state__in=[State.SET_ASIDE, State.DUPLICATE]).exclude(requested_action="cancel")
    return list(held.select_related("duplicate_of").order_by("pk"))


def _as_version(document: Document, cda: CdaDocument | None) -> Version:
    return Version(
        key=str(document.uuid),
        document_id=document.document_id,
        set_id=document.set_id,
        number=document.version,
        sha256=document.sha256,
        writers=frozenset(_writers(cda)) if cda else frozenset(),
    )


def _writers(cda: CdaDocument) -> Iterator[str]:
    """Those who may replace or cancel: the authors, and the establishments they wrote it for."""
    for author in cda.authors:
        yield from filter(None, (author.id, author.organisation.id))
    if cda.custodian.id:
        yield cda.custodian.id


def replace_older(document: Document, *, user: User | None) -> None:
    """Strike the versions that a filed document replaces, with what was derived. In the filing's transaction."""
    for older in _replaceable(document):
        older.replaced_by = document
        strike(older, State.REPLACED)
        record("document_replaced", older, site=older.site, user=user, resident=_resident(older), by=str(document.uuid))
        settle(older.message, user)


def _replaceable(document: Document) -> list[Document]:
    """The version it names, and every lower one of its set: one that was never received is no gap."""
    if document.version_kind != "replaces":
        return []
    older = Q(pk=document.other_version_id)
    if document.set_id:
        older |= Q(set_id=document.set_id, version__lt=document.version)
    standing = Document.objects.filter(older, site=document.site, state__in=REPLACEABLE)
    standing = standing.exclude(requested_action="cancel")
    return list(standing.select_for_update(of=["self"]).select_related("site", "message").order_by("pk"))


def stand_again(document: Document, *, user: User) -> None:
    """Put back the versions that an unfiled document had replaced. In the unfiling's transaction."""
    replaced = document.replaces.filter(state=State.REPLACED).select_for_update(of=["self"])
    for older in replaced.select_related("site", "message").order_by("pk"):
        _stand_again(older, user)


def _stand_again(older: Document, user: User) -> None:
    filing = standing_filing(older)
    older.state, older.replaced_by = State.FILED if filing else State.TO_MATCH, None
    older.save(update_fields=["state", "replaced_by"])
    if filing:
        write_derived(older, filing.resident, user=user)
    record("document_stands_again", older, site=older.site, user=user, resident=filing.resident if filing else None)
    settle(older.message, user)


def strike(document: Document, state: Document.State) -> None:
    """The document and its filing stay, struck; what was derived from it is withdrawn. Decisions made stay in force."""
    withdraw_derived(document)
    document.state = state
    document.save(update_fields=["state", "replaced_by"])


def standing_filing(document: Document) -> Filing | None:
    return document.filings.select_related("resident").filter(withdrawn_at__isnull=True).first()


def _resident(document: Document) -> Resident | None:
    filing = standing_filing(document)
    return filing.resident if filing else None
