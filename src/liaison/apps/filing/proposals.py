"""What the rule table says of a document, put to the residents of its home and kept with its evidence."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.utils import timezone

from liaison.apps.filing.models import Proposal
from liaison.apps.intake.models import Document
from liaison.apps.intake.readings import patient_of, to_json
from liaison.apps.organisations.models import Site
from liaison.apps.residents.models import Resident
from liaison.apps.residents.search import identities_near_each
from liaison.core.contradictions import CONTRADICTIONS
from liaison.core.identity.decide import Decision, decide
from liaison.core.notices import Notice


def decide_for(document: Document) -> Decision:
    """The decision for the home; residents of the other homes of the group only ever stand beside it."""
    return decide_for_each([document])[0]


def decide_for_each(documents: Sequence[Document]) -> list[Decision]:
    """The decision for each of the documents of one home, with their people looked for together."""
    site = documents[0].site
    claims = [patient_of(document) for document in documents]
    others = Site.objects.filter(group=site.group_id).exclude(pk=site.pk)
    own = identities_near_each(claims, [site.pk])
    elsewhere = identities_near_each(claims, list(others.values_list("pk", flat=True)))
    return [
        decide(
            claim,
            near,
            elsewhere=beside,
            contradictions=[notice for notice in _notices(document) if notice.code in CONTRADICTIONS],
            accept_test_ins=settings.ACCEPT_TEST_INS,
        )
        for document, claim, near, beside in zip(documents, claims, own, elsewhere, strict=True)
    ]


def _notices(document: Document) -> list[Notice]:
    return [Notice(one["code"], one["message"]) for one in (*document.notices, *document.message.notices)]


def new_proposals(documents: Sequence[Document], decisions: Sequence[Decision]) -> list[Proposal]:
    """The proposals of documents that have none, not saved yet."""
    keys = {decision.resident_key for decision in decisions if decision.resident_key}
    residents = {str(resident.uuid): resident for resident in Resident.objects.filter(uuid__in=keys)}
    return [
        Proposal(
            document=document,
            resident=residents[decision.resident_key] if decision.resident_key else None,
            decided_at=timezone.now(),
            **_said(decision),
        )
        for document, decision in zip(documents, decisions, strict=True)
    ]


def keep_proposal(document: Document, decision: Decision) -> tuple[Proposal, bool]:
    """The proposal, and whether it says anything it did not say before."""
    resident = Resident.objects.get(uuid=decision.resident_key) if decision.resident_key else None
    said = {**_said(decision), "resident": resident}
    proposal = Proposal.objects.select_related("resident").filter(document=document).first()
    if proposal is not None and all(getattr(proposal, name) == value for name, value in said.items()):
        return proposal, False
    proposal, _ = Proposal.objects.update_or_create(document=document, defaults={**said, "decided_at": timezone.now()})
    return proposal, True


def _said(decision: Decision) -> dict[str, Any]:
    return {
        "rule": decision.rule,
        "kind": decision.kind,
        "error_code": decision.error_code,
        "sentence": decision.sentence,
        "evidence": to_json(decision.evidence),
        "candidates": to_json(decision.candidates),
        "alerts": to_json(decision.alerts),
        "elsewhere": to_json(decision.elsewhere),
    }
