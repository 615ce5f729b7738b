"""A resident goes to hospital and comes back."""

from datetime import datetime

from django.db import transaction

from liaison.apps.audit.actions import begin, record
from liaison.apps.residents.models import Absence, Resident, Source


@transaction.atomic
def do_leave_for_hospital(resident: Resident, *, source: Source, at: datetime) -> Absence:
    """The resident is away from ``at``; the absence already open when there is one."""
    begin(resident.site)
    open_one = resident.absences.filter(returned_at__isnull=True).first()
    if open_one is not None:
        return open_one
    absence = Absence.objects.create(resident=resident, source=source, left_at=at)
    record("absence_begun", absence, site=resident.site, resident=resident, source=source)
    return absence


@transaction.atomic
def do_come_back(resident: Resident, *, source: Source, at: datetime) -> Absence | None:
    """The resident is back; None when he was not known to be away. A return is never before the leaving."""
    begin(resident.site)
    absence = resident.absences.select_for_update(of=["self"]).filter(returned_at__isnull=True).first()
    if absence is None:
        return None
    absence.returned_at = max(at, absence.left_at)
    absence.save(update_fields=["returned_at"])
    record("absence_ended", absence, site=resident.site, resident=resident, source=source)
    return absence
