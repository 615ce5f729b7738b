"""What was read in the words of a document beside its treatments, as its screen shows it."""

from collections import Counter
from typing import Any

from liaison.apps.filing.models import ProposedFact
from liaison.apps.intake.models import Document
from liaison.apps.organisations.access import CARE_ROLES, access_proposed_facts, has_role
from liaison.apps.organisations.models import User
from liaison.apps.residents.models import Resident


def read_facts_of(document: Document, user: User) -> dict[str, Any]:
    facts = list(access_proposed_facts(user).filter(document=document).select_related("decided_by"))
    return {
        "read_facts": facts,
        "facts_to_decide": sum(fact.state == ProposedFact.State.PROPOSED for fact in facts),
        "may_keep_facts": has_role(user, document.site, CARE_ROLES),
    }


def waiting_in(resident: Resident, user: User) -> list[tuple[Document, int]]:
    """The documents of the record in whose words something waits for a person, each with how much."""
    standing = resident.filings.filter(withdrawn_at__isnull=True).values("document")
    proposed = access_proposed_facts(user).filter(document__in=standing, state=ProposedFact.State.PROPOSED)
    proposed = proposed.exclude(kind=ProposedFact.Kind.DATE)
    waiting = Counter(fact.document for fact in proposed.select_related("document"))
    return sorted(waiting.items(), key=lambda each: -each[0].pk)
