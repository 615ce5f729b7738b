"""How the current treatment came to be what it is: each change, when, by whom, from what."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from liaison.apps.residents.models import Resident
from liaison.apps.treatments.models import Decision, TreatmentAct, TreatmentLine
from liaison.apps.treatments.words import named_posology


@dataclass(frozen=True, slots=True)
class Past:
    """One change. Exactly one of ``decision`` and ``act`` is there; ``stopped`` and ``started`` are in words."""

    at: datetime
    stopped: tuple[str, ...]
    started: tuple[str, ...]
    decision: Decision | None = None
    act: TreatmentAct | None = None


def history_of(resident: Resident) -> list[Past]:
    """Every change known here, the latest first."""
    decisions = (
        Decision.objects.filter(line__reconciliation__resident=resident)
        .select_related("line__reconciliation__document", "decided_by")
        .prefetch_related("ended_lines", "started_lines")
    )
    decided = [
        Past(each.decided_at, _said(each.ended_lines.all()), _said(each.started_lines.all()), decision=each)
        for each in decisions
    ]
    written = changes_of_acts(TreatmentAct.objects.filter(resident=resident))
    changed = [past for past in (*decided, *written) if past.stopped or past.started]
    return sorted(changed, key=lambda past: past.at, reverse=True)


def changes_of_acts(acts: QuerySet[TreatmentAct]) -> list[Past]:
    """What each act changed, the oldest first."""
    rows = acts.select_related("by", "document", "taken_in_by", "resident__site")
    shown = rows.prefetch_related("ended_lines", "started_lines").order_by("at", "pk")
    return [Past(each.at, _said(each.ended_lines.all()), _said(each.started_lines.all()), act=each) for each in shown]


def _said(lines: Iterable[TreatmentLine]) -> tuple[str, ...]:
    return tuple(map(named_posology, lines))
