"""The day something is due, as said: a date, a month, or so long after the letter."""

import calendar
import re
from datetime import date, timedelta

from liaison.core.medication.from_text.dates import DAY, MONTH, MONTHS, WEEKDAY, iso_day

_DAY = re.compile(rf"(?<![\d/]){WEEKDAY}({DAY})")
_MONTH_OF_YEAR = re.compile(rf"(?<![a-z\d])({MONTH})\.?\s+(20\d\d)(?!\d)")
_WORDS = {
    "un": 1,
    "une": 1,
    "deux": 2,
    "trois": 3,
    "quatre": 4,
    "cinq": 5,
    "six": 6,
    "huit": 8,
    "dix": 10,
    "quinze": 15,
}
_NUMBER = "|".join(_WORDS)
_LATER = re.compile(
    rf"(?<![a-z])(?<!y )(?:dans|a|sous|d'ici|apres|au bout de|vers)\s+(?:environ\s+)?(\d{{1,3}}|{_NUMBER})\s*"
    r"(heures?|h|jours?|j|semaines?|sem|mois|ans?)(?![a-z])"
)
_MOST_YEARS = 5


def due_of(plain: str, *, year: str = "", written: str = "") -> str:
    """ISO 8601: the day, the month, or the day that « dans trois mois » gives from the letter's; empty when unsaid."""
    day = next((iso for found in _DAY.finditer(plain) if (iso := iso_day(found[1], year))), "")
    if day:
        return day
    month = _MONTH_OF_YEAR.search(plain)
    if month:
        return f"{month[2]}-{MONTHS[month[1]]:02d}"
    later = _LATER.search(plain)
    return _after(written, _number(later[1]), later[2]) if later else ""


def real_day(iso: str) -> date | None:
    """The date of a whole ISO day; None for what is none."""
    try:
        return date.fromisoformat(iso[:10])
    except ValueError:
        return None


def _number(said: str) -> int:
    return _WORDS.get(said) or int(said)


def _after(written: str, number: int, unit: str) -> str:
    start = real_day(written)
    if start is None:
        return ""
    if unit.startswith("h"):
        return (start + timedelta(hours=number)).isoformat()
    if unit.startswith("j"):
        return (start + timedelta(days=number)).isoformat()
    if unit.startswith("sem"):
        return (start + timedelta(weeks=number)).isoformat()
    months = number * 12 if unit.startswith("an") else number
    if months > 12 * _MOST_YEARS:
        return ""
    year, month = divmod(start.month - 1 + months, 12)
    day = min(start.day, calendar.monthrange(start.year + year, month + 1)[1])
    return date(start.year + year, month + 1, day).isoformat()
