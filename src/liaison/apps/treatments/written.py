"""A line of treatment before it is one: as a person writes it, or as a letter gives it."""

from dataclasses import dataclass
from datetime import date

from liaison.core.cda.values import Code


@dataclass(frozen=True, slots=True)
class Written:
    """One line as written. ``start`` is today when it is not said; ``codes`` are in the systems of ``core``."""

    label: str
    substance: str = ""
    codes: tuple[Code, ...] = ()
    dose: str = ""
    unit: str = ""
    morning: str = ""
    noon: str = ""
    evening: str = ""
    bedtime: str = ""
    frequency: str = ""
    route: str = ""
    as_needed: bool = False
    start: date | None = None
    ends_on: date | None = None
    indication: str = ""
