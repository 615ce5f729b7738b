"""What the rule table says of a document, put to the residents of its home and kept with its evidence."""

from typing import Any

from django.conf import settings
from django.utils import timezone

from liaison.apps.filing.models import Proposal
from liaison.apps.intake.models import Document
from liaison.apps.intake.readings import patient_of, to_json
from liaison.apps.organisations.models import Site
from liaison.apps.residents.models import Resident
from liaison.apps.residents.search import identities_near
from liaison.core.identity.decide import Decision, decide
from liaison.core.notices import Notice
from liaison.core.reading import CONTRADICTIONS


def decide_for(document: Document) -> Decision:
    """The decision for the home; residents of the other homes of the group only ever stand beside it."""
    claim = patient_of(document)
    others = Site.objects.filter(group=document.site.group_id).exclude(pk=document.site_id)
    notices = [Notice(one["code"], one["message"]) for one in (*document.notices, *document.message.notices)]
    return decide(
        claim,
        identities_near(claim, [document.site_id]),
        elsewhere=identities_near(claim, list(others.values_list("pk", flat=True))),
        contradictions=[notice for notice in notices if notice.code in CONTRADICTIONS],
        accept_test_ins=settings.ACCEPT_TEST_INS,
    )


def new_proposal(document: Document, decision: Decision) -> Proposal:
    """The proposal of a document that has none, not saved yet."""
    return Proposal(document=document, **_said(decision), decided_at=timezone.now())


def keep_proposal(document: Document, decision: Decision) -> tuple[Proposal, bool]:
    """The proposal, and whether it says anything it did not say before."""
    said = _said(decision)
    proposal = Proposal.objects.select_related("resident").filter(document=document).first()
    if proposal is not None and all(getattr(proposal, name) == value for name, value in said.items()):
        return proposal, False
    proposal, _ = Proposal.objects.update_or_create(document=document, defaults={**said, "decided_at": timezone.now()})
    return proposal, True


def _said(decision: Decision) -> dict[str, Any]:
    resident = Resident.objects.get(uuid=decision.resident_key) if decision.resident_key else None
    return {
        "rule": decision.rule,
        "kind": decision.kind,
        "error_code": decision.error_code,
        "sentence": decision.sentence,
        "resident": resident,
        "evidence": to_json(decision.evidence),
        "candidates": to_json(decision.candidates),
        "alerts": to_json(decision.alerts),
        "elsewhere": to_json(decision.elsewhere),
    }
