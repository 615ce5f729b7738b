"""The current treatment of a resident as screens show it."""

from dataclasses import dataclass
from typing import Any

from liaison.apps.organisations.access import access_treatment_lines
from liaison.apps.organisations.models import User
from liaison.apps.residents.models import Resident
from liaison.apps.treatments.history import Past, history_of
from liaison.apps.treatments.models import TreatmentLine
from liaison.apps.treatments.prescribers import may_write
from liaison.apps.treatments.taking_up import letters_to_take_up
from liaison.core.cda.values import Code
from liaison.core.medication.from_text.posology import read_posology
from liaison.core.medication.line import ATC, CIP, CIS, UCD, names_of
from liaison.core.medication.risk import high_risk_class

_SYSTEMS = {CIS: "CIS", CIP: "CIP", UCD: "UCD", ATC: "ATC"}


@dataclass(frozen=True, slots=True)
class Row:
    """One line; ``codes`` in words, ``moments`` the four of the day, none when no one is said."""

    line: TreatmentLine
    codes: str
    moments: tuple[str, ...]
    high_risk: str
    origin: str


def treatment_of(resident: Resident, user: User) -> dict[str, Any]:
    """What the current treatment is, and what the person may do about it."""
    lines = access_treatment_lines(user).filter(resident=resident, ended_at__isnull=True)
    rows = [_row(line) for line in lines.select_related("started_by", "started_in").order_by("label", "pk")]
    writes = may_write(user, resident)
    return {
        "treatment_rows": rows,
        "may_write": writes,
        "letters_to_take_up": letters_to_take_up(resident) if writes and not rows else [],
    }


def past_of(resident: Resident) -> list[Past]:
    return history_of(resident)


def _row(line: TreatmentLine) -> Row:
    codes = tuple(Code(**code) for code in line.codes)
    moments = _moments(line)
    return Row(
        line,
        codes=" · ".join(f"{_SYSTEMS.get(code.system, 'code')} {code.code}" for code in codes),
        moments=moments if any(moments) else (),
        high_risk=high_risk_class(codes, line.label, *names_of(line.label, line.substance, codes)),
        origin=_origin(line),
    )


def _moments(line: TreatmentLine) -> tuple[str, ...]:
    """Those of the line; when it has none, those its own words say, which are shown beside them."""
    kept = (line.morning, line.noon, line.evening, line.bedtime)
    if any(kept) or not line.frequency:
        return kept
    read = read_posology(f"{line.dose} {line.frequency}").moments
    return read.morning, read.noon, read.evening, read.bedtime


def _origin(line: TreatmentLine) -> str:
    if line.started_by_id:
        return "décidé ici"
    return line.started_in.get_kind_display() if line.started_in else ""
