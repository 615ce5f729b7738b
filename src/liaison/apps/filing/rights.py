"""Who may put documents in records and take them out."""

from liaison.apps.organisations.access import may_file
from liaison.apps.organisations.models import Site, User
from liaison.apps.refusals import NotAllowed


def check_may_file(user: User, site: Site) -> None:
    """Raises NotAllowed."""
    if not may_file(user, site):
        raise NotAllowed("Votre rôle ne permet pas d'intégrer des documents dans cet établissement.")
