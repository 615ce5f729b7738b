"""What a person wrote of a treatment, until a nurse has taken it in: pill box, care plan."""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from liaison.apps.audit.actions import begin, record
from liaison.apps.organisations.access import has_role
from liaison.apps.organisations.models import User
from liaison.apps.refusals import AlreadyDone, NotAllowed
from liaison.apps.treatments.changes import NURSES, do_acknowledge_all
from liaison.apps.treatments.models import Decision, TreatmentAct


def to_take_in(acts: QuerySet[TreatmentAct]) -> QuerySet[TreatmentAct]:
    """The acts of persons that no nurse took in; a file repeats what is given already."""
    return acts.filter(taken_in_at__isnull=True).exclude(kind=TreatmentAct.Kind.FILE)


@transaction.atomic
def do_take_in_all(decisions: Sequence[Decision], acts: Sequence[TreatmentAct], *, user: User) -> int:
    """A nurse takes in what changed for one resident, decided or written, all or none; how many. Raises Refused."""
    for act in acts:
        _take_in(act, user)
    return do_acknowledge_all(decisions, user=user) + len(acts)


def _take_in(act: TreatmentAct, user: User) -> None:
    begin(act.resident.site)
    if not has_role(user, act.resident.site, NURSES):
        raise NotAllowed(
            "La prise en compte d'un changement de traitement est l'acte d'une infirmière ou d'un infirmier."
        )
    locked = TreatmentAct.objects.get(pk=act.pk)
    if locked.taken_in_at is not None:
        raise AlreadyDone("Ce changement est déjà pris en compte.")
    locked.taken_in_by, locked.taken_in_at = user, timezone.now()
    locked.save(update_fields=["taken_in_by", "taken_in_at"])
    record("treatment_act_taken_in", locked, site=act.resident.site, user=user, resident=act.resident)
