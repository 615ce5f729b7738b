"""The identity table applied to documents that came together, in a few statements where each alone takes twenty."""

import logging
from collections import Counter
from collections.abc import Collection, Sequence

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.fields.json import KeyTransform

from liaison.apps.audit.actions import begin, record_all
from liaison.apps.filing.actions import do_file, do_propose, files_itself
from liaison.apps.filing.models import Proposal
from liaison.apps.filing.proposals import decide_for_each, new_proposals
from liaison.apps.intake.models import Document
from liaison.apps.rows import insert_rows
from liaison.runtime.failpoints import reach

logger = logging.getLogger(__name__)
FIRST = "first"


def propose_all(numbers: Sequence[int]) -> None:
    """Apply the identity table to documents of one site; when that breaks, to each by itself: one stops no other."""
    try:
        do_propose_together(numbers)
    except Exception as error:  # noqa: BLE001 (law 1: the fault of one document must not reach the others)
        logger.warning("%s documents not proposed together (%s)", len(numbers), type(error).__name__)
        for document in Document.objects.filter(pk__in=numbers).order_by("pk"):
            _propose_or_leave(document)


def _propose_or_leave(document: Document) -> None:
    """The sweep offers again what is left here."""
    try:
        do_propose(document)
    except Exception as error:  # noqa: BLE001 (as above)
        logger.warning("document %s: proposal failed (%s)", document.pk, type(error).__name__)


@transaction.atomic
def do_propose_together(numbers: Sequence[int]) -> None:
    """What ``do_propose`` does of each, in one transaction. Safe to run twice.

    Those that the site holds nothing of the kind of are all « first » versions and are written together.
    """
    first = Document.objects.select_related("site").filter(pk__in=numbers).first()
    if first is None:
        return
    begin(first.site)
    locked = list(_locked(numbers))
    alone = _without_kin(locked)
    if alone:
        _propose_first(alone)
    for document in locked:
        if document not in alone:
            do_propose(document)


def _locked(numbers: Sequence[int]) -> QuerySet[Document]:
    """Without what they say, which is long, but for the documents it replaces."""
    locked = Document.objects.select_for_update(of=["self"]).select_related("site", "message")
    said = KeyTransform("replaces", "content")
    return locked.filter(pk__in=numbers).annotate(said_replaced=said).defer("content", "text").order_by("pk")


def _propose_first(documents: Sequence[Document]) -> None:
    proposals = new_proposals(documents, decide_for_each(documents))
    insert_rows(proposals)
    for state, resident in ((Document.State.PROPOSED, True), (Document.State.TO_MATCH, False)):
        numbers = [each.document_id for each in proposals if (each.resident is not None) is resident]
        Document.objects.filter(pk__in=numbers).update(state=state, version_kind=FIRST)
    reach("propose: decided")
    entries = [(proposal.document, {"rule": proposal.rule}) for proposal in proposals]
    record_all("identity_proposed", entries, site=documents[0].site, residents=[each.resident for each in proposals])
    for document, proposal in zip(documents, proposals, strict=True):
        document.version_kind = FIRST
        if proposal.resident and files_itself(document, proposal):
            do_file(document, resident=proposal.resident, user=None)


def _without_kin(documents: Sequence[Document]) -> list[Document]:
    """Those never looked at, that replace nothing, and of whose id, set or bytes neither the site nor the lot has more.

    The others are left to the version rules, one by one.
    """
    looked_at = set(Proposal.objects.filter(document__in=documents).values_list("document_id", flat=True))
    known = Counter(key for document in documents for key in _keys(document)) + _held(documents)
    return [
        document
        for document in documents
        if document.state == Document.State.TO_MATCH
        and document.requested_action == "create"
        and not getattr(document, "said_replaced", None)
        and document.pk not in looked_at
        and all(known[key] == 1 for key in _keys(document))
    ]


def _held(documents: Sequence[Document]) -> Counter[str]:
    """The keys of these documents that other documents of the site have."""
    wanted = {key for document in documents for key in _keys(document)}
    columns = ("document_id", "set_id", "sha256")
    others = Document.objects.filter(site=documents[0].site).exclude(pk__in=[document.pk for document in documents])
    rows = others.filter(_has_one_of(wanted, columns)).values_list(*columns)
    return Counter(key for row in rows for key in {*row} & wanted)


def _has_one_of(keys: Collection[str], columns: Sequence[str]) -> Q:
    wanted = Q()
    for column in columns:
        wanted |= Q(**{f"{column}__in": keys})
    return wanted


def _keys(document: Document) -> set[str]:
    return {document.document_id, document.set_id, document.sha256} - {""}
