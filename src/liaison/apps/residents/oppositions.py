"""A resident's refusal that his documents be sent by MSSanté: recorded, lifted, and asked before each sending."""

from django.db import transaction
from django.utils import timezone

from liaison.apps.audit.actions import begin, record
from liaison.apps.organisations.access import CARE_ROLES, has_role
from liaison.apps.organisations.models import User
from liaison.apps.refusals import AlreadyDone, NotAllowed, NotPossible
from liaison.apps.residents.models import Opposition, Resident

NOT_YOURS = "Votre rôle ne permet pas de noter une opposition dans cet établissement."


@transaction.atomic
def do_record_opposition(resident: Resident, *, scope: Opposition.Scope, stated_by: str, user: User) -> Opposition:
    """The resident, or who speaks for him, refuses. From now on nothing of this scope leaves."""
    begin(resident.site)
    _check(resident, user)
    if not stated_by.strip():
        raise NotPossible("Dites qui a exprimé l'opposition.")
    if standing_opposition(resident, scope) is not None:
        raise AlreadyDone("Cette opposition est déjà notée.")
    opposition = Opposition.objects.create(
        resident=resident,
        scope=scope,
        stated_by=stated_by.strip()[:200],
        recorded_by=user,
        recorded_at=timezone.now(),
    )
    record("opposition_recorded", opposition, site=resident.site, user=user, resident=resident, scope=str(scope))
    return opposition


@transaction.atomic
def do_lift_opposition(opposition: Opposition, *, user: User) -> None:
    """The resident does not refuse any more."""
    resident = opposition.resident
    begin(resident.site)
    _check(resident, user)
    locked = Opposition.objects.select_for_update(of=["self"]).get(pk=opposition.pk)
    if locked.lifted_at is not None:
        raise AlreadyDone("Cette opposition est déjà levée.")
    locked.lifted_by, locked.lifted_at = user, timezone.now()
    locked.save(update_fields=["lifted_by", "lifted_at"])
    record("opposition_lifted", locked, site=resident.site, user=user, resident=resident, scope=locked.scope)


def standing_opposition(resident: Resident, scope: Opposition.Scope) -> Opposition | None:
    standing = Opposition.objects.filter(resident=resident, scope=scope, lifted_at__isnull=True)
    return standing.select_related("recorded_by").first()


def _check(resident: Resident, user: User) -> None:
    if not has_role(user, resident.site, CARE_ROLES):
        raise NotAllowed(NOT_YOURS)


def check_not_opposed(resident: Resident) -> None:
    """Raises NotPossible, with who noted the opposition and when, if the resident refuses exchanges by MSSanté."""
    opposition = standing_opposition(resident, Opposition.Scope.PROFESSIONALS)
    if opposition is not None:
        noted = timezone.localtime(opposition.recorded_at)
        raise NotPossible(
            f"Le résident s'oppose aux échanges par messagerie (exprimé par {opposition.stated_by}, noté par "
            f"{opposition.recorded_by} le {noted:%d/%m/%Y}) : rien n'est envoyé."
        )
