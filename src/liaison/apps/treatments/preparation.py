"""Preparing a reconciliation for the doctors, line by line: what the difference is, how grave, what to look at."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from liaison.apps.audit.actions import begin, record
from liaison.apps.organisations.access import may_file
from liaison.apps.organisations.models import User
from liaison.apps.refusals import NotAllowed, NotPossible
from liaison.apps.treatments.models import (
    Discrepancy,
    DiscrepancyType,
    Gravity,
    Reconciliation,
    ReconciliationLine,
    Resolution,
)

_CODES = {
    "discrepancy": Discrepancy,
    "discrepancy_type": DiscrepancyType,
    "gravity": Gravity,
    "resolution": Resolution,
}
REMARK_CHARACTERS = 500


@dataclass(frozen=True, slots=True)
class Preparation:
    """What is said of the line of that number. Codes are those of HL7 France, empty for what is not qualified."""

    number: int
    discrepancy: str = ""
    discrepancy_type: str = ""
    gravity: str = ""
    resolution: str = ""
    remark: str = ""


@transaction.atomic
def do_prepare_lines(reconciliation: Reconciliation, *, user: User, said: Sequence[Preparation]) -> int:
    """Write what is said of each line, and who said it; how many lines changed. It decides nothing. Raises Refused."""
    begin(reconciliation.resident.site)
    locked = (
        Reconciliation.objects.select_for_update(of=["self"]).select_related("resident__site").get(pk=reconciliation.pk)
    )
    if not may_file(user, locked.resident.site):
        raise NotAllowed("Une secrétaire médicale ou un médecin coordonnateur prépare la conciliation.")
    if locked.state == Reconciliation.State.WITHDRAWN:
        raise NotPossible("La lettre a été retirée du dossier : il n'y a plus rien à préparer ici.")
    lines = {line.number: line for line in locked.lines.all()}
    changed = [each.number for each in said if _note(lines.get(each.number), each, user)]
    if changed:
        record("lines_prepared", locked, site=locked.resident.site, user=user, resident=locked.resident, lines=changed)
    return len(changed)


def _note(line: ReconciliationLine | None, said: Preparation, user: User) -> bool:
    if line is None:
        raise NotPossible(f"La ligne {said.number} n'existe pas.")
    values = {name: getattr(said, name) for name in _CODES} | {"remark": said.remark.strip()[:REMARK_CHARACTERS]}
    for name, choices in _CODES.items():
        if values[name] and values[name] not in choices.values:
            raise NotPossible(f"Ligne {said.number} : ce code n'est pas de la liste.")
    if all(getattr(line, name) == value for name, value in values.items()):
        return False
    for name, value in values.items():
        setattr(line, name, value)
    line.prepared_by, line.prepared_at = user, timezone.now()
    line.save(update_fields=[*values, "prepared_by", "prepared_at"])
    return True
