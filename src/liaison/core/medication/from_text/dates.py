"""From when until when: days, spans of days, lengths of time."""

import re
from dataclasses import dataclass

_MONTHS = (
    "janvier",
    "fevrier",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "aout",
    "septembre",
    "octobre",
    "novembre",
    "decembre",
)
_SHORT = {"janv": 1, "fevr": 2, "fev": 2, "avr": 4, "juil": 7, "sept": 9, "oct": 10, "nov": 11, "dec": 12}
MONTHS = {**{name: number for number, name in enumerate(_MONTHS, start=1)}, **_SHORT}
MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
DAY = (
    rf"(?:\d{{1,2}}(?:er)?\s*(?:{MONTH})\.?(?:\s*\d{{4}})?|\d{{1,2}}[/.-]\d{{1,"
    rf"2}}(?:[/.-](?:\d{{4}}|\d{{2}}))?)(?![\d/])"
)
WEEKDAY = r"(?:(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)\s+)?"
_FROM_TO = re.compile(
    rf"(?<![a-z])(?:du|entre le)\s+{WEEKDAY}({DAY}|\d{{1,2}})\s+(?:au|jusqu'au|et "
    rf"le)\s+{WEEKDAY}({DAY})"
)
_UNTIL = re.compile(
    rf"(?:jusqu'?\s?a?u?\s*(?:le\s+)?|fin(?: prevue)?(?: du traitement)?(?: le)?\s*:?\s*|"
    rf"(?<![a-z])au plus tard le |arret (?:prevu )?le |a arreter le |date de fin\s*:?\s*|"
    rf"->\s*){WEEKDAY}({DAY})"
)
_SINCE = re.compile(
    rf"(?:a partir du|a compter du|depuis le|des le|a debuter le|debut(?:e|ee)?(?: le)?\s*:?|"
    rf"introduite? le|commencee? le|a commencer le|instaure?e? le|initiee? le|depuis(?: "
    rf"le)?)\s+{WEEKDAY}({DAY})"
)
_NUMBER = r"(?:\d+|un|une|deux|trois|quatre|cinq|six|sept|huit|dix|quinze|vingt|trente)"
_DURATION = re.compile(
    rf"(?:(?:pendant|pdt|durant|pour(?: une duree (?:totale )?de)?|duree\s*:?|duree de|sur|encore|"
    rf"x|soit)\s*(?:encore\s+)?({_NUMBER}\s*(?:jours?|j|semaines?|sem|mois|ans?))(?![a-z])"
    rf"|(?<![/a-z0-9])(?<![/a-z0-9] )({_NUMBER}\s*(?:jours|semaines|mois|j(?=\s*(?:$|[,;.)]|puis))))"
    r"(?:\s+(?:au total|de traitement))?(?![a-z])(?!\s*(?:sur|/)))"
    r"|(?<![a-z])(?:qsp|quantite suffisante pour)\s*(\d+\s*(?:jours?|mois|semaines?))|"
    r"(?<![a-z0-9])(j\d+\s*/\s*j?\d+)(?![\w/])"
)
_FREQUENCY_BEFORE = re.compile(r"(?:tous les|toutes les|par|/)\s*$")
_FULL = re.compile(rf"(?<!\d)\d{{1,2}}(?:er)?(?:[/.-]\d{{1,2}}[/.-]|\s+(?:{MONTH})\s+)(20\d{{2}}|\d{{2}}(?!\d))")
_CENTURY = "20"


@dataclass(frozen=True, slots=True)
class Period:
    """ISO 8601 days, empty when not said; ``spans`` are the characters that say them."""

    start: str = ""
    end: str = ""
    duration: str = ""
    spans: tuple[tuple[int, int], ...] = ()


def read_period(plain: str, year: str = "") -> Period:
    """The period a folded text gives. A day without year is completed with ``year`` when there is one."""
    both = _FROM_TO.search(plain)
    if both:
        end = iso_day(both[2], year)
        start = iso_day(both[1], year) or iso_day(f"{both[1]}/{end[5:7]}/{end[:4]}", year)
        return Period(start, end, spans=(both.span(),))
    until, since, length = _UNTIL.search(plain), _SINCE.search(plain), _duration(plain)
    return Period(
        iso_day(since[1], year) if since else "",
        iso_day(until[1], year) if until else "",
        next(filter(None, length.groups()), "") if length else "",
        tuple(found.span() for found in (until, since, length) if found),
    )


def year_of(plain: str) -> str:
    """The latest year among the full days of a letter: the one it was written in."""
    years = (found[1] for found in _FULL.finditer(plain))
    full = [year if len(year) == len("2026") else _CENTURY + year for year in years]
    return max((year for year in full if "2015" <= year <= "2060"), default="")


def iso_day(said: str, year: str = "") -> str:
    """« 12/12/2026 », « 12 décembre », « 1er mars 2027 » as ISO 8601; empty for what is no day."""
    numbers = re.findall(r"\d+", said)
    word = next((MONTHS[found] for found in re.findall(rf"{MONTH}", said)), 0)
    if word:
        numbers[1:1] = [str(word)]
    if len(numbers) < len(("day", "month")):
        return ""
    day, month = int(numbers[0]), int(numbers[1])
    full = numbers[2] if len(numbers) > len(("day", "month")) else year
    if not full or not (1 <= day <= 31 and 1 <= month <= 12):  # noqa: PLR2004 (a day and a month)
        return ""
    return f"{_CENTURY + full if len(full) == len('26') else full}-{month:02d}-{day:02d}"


def _duration(plain: str) -> re.Match[str] | None:
    return next(
        (found for found in _DURATION.finditer(plain) if not _FREQUENCY_BEFORE.search(plain[: found.start()])), None
    )
