"""What stands beside the comparison: what to look twice at, the same person at another home, handing over."""

from typing import Any

from liaison.apps.filing.models import HandOver, Proposal
from liaison.apps.intake.models import Document
from liaison.apps.organisations.access import access_messages, access_residents, may_file
from liaison.apps.organisations.models import Site, User
from liaison.apps.residents.models import Resident
from liaison.core.identity.decide import NEVER_OVERWRITTEN


def beside_of(document: Document, user: User, proposal: Proposal | None) -> dict[str, Any]:
    others = Site.objects.filter(group=document.site.group_id).exclude(pk=document.site_id).order_by("name")
    holds = access_messages(user).filter(pk=document.message_id).exists()
    return {
        "alerts": proposal.alerts if proposal else [],
        "elsewhere": elsewhere_of(document, user, proposal),
        "never_overwritten": NEVER_OVERWRITTEN.sentence,
        "hand_overs": HandOver.objects.filter(message=document.message_id).select_related("other_site", "handed_by"),
        "other_sites": others if holds and may_file(user, document.site) else [],
    }


def elsewhere_of(document: Document, user: User, proposal: Proposal | None) -> list[Resident]:
    """The residents of other homes the document may be about, those only whom the person sees there anyway."""
    keys = [str(candidate["key"]) for candidate in proposal.elsewhere] if proposal else []
    seen = access_residents(user).exclude(site=document.site_id).filter(uuid__in=keys).select_related("site")
    return sorted(seen, key=lambda resident: keys.index(str(resident.uuid)))
