"""Identities proven by Pro Santé Connect: how many are tried, and which account of ours they open.

An identity proven elsewhere gives no right here: it opens the one account that a person already gave this RPPS.
"""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from liaison.apps.audit.actions import begin, record
from liaison.apps.organisations.models import Identification, User
from liaison.apps.organisations.row_security import every_site
from liaison.apps.refusals import NotAllowed, NotPossible

LINK_WINDOW, MOST_FAILED_FOR_A_LINK = timedelta(hours=1), 5
HOUSE_WINDOW, MOST_FAILED_HERE = timedelta(minutes=10), 60
KEPT = timedelta(days=1)


@transaction.atomic
def do_begin_identification(about: UUID | None) -> Identification:
    """Count a return from the provider before the provider is called; it counts as failed until proven otherwise.

    Raises NotPossible when too many failed lately, for this link or in the whole house.
    """
    begin(None)
    now = timezone.now()
    Identification.objects.filter(at__lt=now - KEPT).delete()
    failed = Identification.objects.filter(succeeded=False)
    too_many = failed.filter(at__gt=now - HOUSE_WINDOW).count() >= MOST_FAILED_HERE or (
        about is not None and failed.filter(about=about, at__gt=now - LINK_WINDOW).count() >= MOST_FAILED_FOR_A_LINK
    )
    if too_many:
        raise NotPossible("Trop d'identifications ont échoué : attendez un peu avant de recommencer.")
    return Identification.objects.create(about=about, at=now)


@transaction.atomic
def do_end_identification(begun: Identification, *, refused_for: str = "") -> None:
    """Note how it ended; a refusal is written in the journal of the house, with its code."""
    begin(None)
    begun.succeeded = not refused_for
    begun.save(update_fields=["succeeded"])
    if refused_for:
        with every_site():  # nobody is known yet, and the journal of the house is behind the wall like the sites'
            record("identification_refused", begun, site=None, reason=refused_for)


def account_of(rpps: str) -> User:
    """The one account that bears this RPPS. Raises NotAllowed; the sentence is for the person identified."""
    found = list(User.objects.filter(rpps=rpps)[:2]) if rpps else []
    if not found:
        raise NotAllowed("Aucun compte d'ici ne porte votre numéro RPPS : demandez-le à votre administrateur.")
    if len(found) > 1:
        raise NotAllowed("Plusieurs comptes portent votre numéro RPPS : entrez par votre identifiant.")
    if not found[0].is_active:
        raise NotAllowed("Ce compte n'est plus actif.")
    return found[0]
