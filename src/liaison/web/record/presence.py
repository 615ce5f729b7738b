"""Where a resident is, and where he was, as his screen shows it."""

from typing import Any

from django.utils import timezone

from liaison.apps.exchanges.hospitals import hospitals_of
from liaison.apps.residents.models import Resident
from liaison.web.returns.forms import LeavingForm


def presence_of(resident: Resident) -> dict[str, Any]:
    standing = resident.absences.filter(withdrawn_at__isnull=True).select_related("left_by", "announced_by")
    return {
        "absences": standing.filter(returned_at__isnull=True),
        "past_absences": standing.filter(returned_at__isnull=False),
        "hospitals": hospitals_of(resident.site),
        "now_typed": LeavingForm.now(),
        "today": timezone.localdate(),
    }
