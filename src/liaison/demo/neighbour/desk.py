"""What the secretary of the second home does with a letter about a resident of the first."""

from liaison.apps.filing.hand_over import do_hand_over
from liaison.apps.filing.models import Proposal
from liaison.apps.intake.models import RawMessage
from liaison.apps.organisations.access import access_messages
from liaison.apps.organisations.models import Role, Site, User
from liaison.apps.refusals import Refused

REASON = "Cette personne est de votre établissement"


def secretary_of(finess: str) -> User:
    """The first secretary of a home."""
    memberships = Site.objects.get(finess=finess).memberships.filter(role=Role.SECRETARY).select_related("user")
    return memberships.order_by("pk")[0].user


def hand_over_what_is_of(finess: str, user: User) -> int:
    """Hand over to that home each message of the person's that is about somebody known elsewhere; how many went."""
    to = Site.objects.get(finess=finess)
    known_elsewhere = Proposal.objects.filter(resident__isnull=True).exclude(elsewhere=[]).values("document__message")
    waiting = access_messages(user).filter(
        pk__in=known_elsewhere, state=RawMessage.State.READ, handling=RawMessage.Handling.TO_DO
    )
    return sum(_hand_over(message, to, user) for message in waiting)


def _hand_over(message: RawMessage, to: Site, user: User) -> bool:
    try:
        do_hand_over(message, to=to, user=user, reason=REASON)
    except Refused:
        return False  # handed over already, and not settled yet
    return True
