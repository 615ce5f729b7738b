"""HL7 timestamps (TS) to ISO 8601 and back, at the precision of the source."""

import re
from datetime import date as calendar_date
from functools import lru_cache

_HL7 = re.compile(r"(\d{4})(\d\d)?(\d\d)?T?(\d\d)?(\d\d)?(\d\d)?(\.\d+)?([+-]\d\d|Z)?:?(\d\d)?", re.ASCII)
_ISO = re.compile(
    r"\d{4}(?:-\d\d(?:-\d\d(?:[T ]\d\d(?::\d\d(?::\d\d(?:\.\d+)?)?)?(?:Z|[+-]\d\d:?\d\d)?)?)?)?", re.ASCII
)

_MONTHS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)
_DAY = slice(10)


@lru_cache(maxsize=4096)
def iso_time(value: str) -> str:
    """``20191203133000+0100`` -> ``2019-12-03T13:30:00+01:00``; ``201912`` -> ``2019-12``.

    Digits are not checked against the calendar: an unknown day (``19400000``, RNIV) must reach the person who reads.
    A value already in ISO 8601 is kept, its short form read (``20191203T133000Z``); anything else gives an empty text.
    """
    value = value.strip()
    parts = _HL7.fullmatch(value)
    if not parts:
        return value.replace(" ", "T") if _ISO.fullmatch(value) else ""
    year, month, day, hour, minute, second, fraction, zone_hour, zone_minute = parts.groups("")
    date = "-".join(part for part in (year, month, day) if part)
    clock = ":".join(part for part in (hour, minute, second) if part) + fraction
    zone = f"{zone_hour}:{zone_minute or '00'}" if zone_hour.strip("Z") else zone_hour
    return f"{date}T{clock}{zone}" if hour else date


def iso_date(value: str) -> str:
    """The date alone of an HL7 timestamp."""
    return iso_time(value)[:10]


def hl7_time(iso: str) -> str:
    """``2019-12-03T13:30:00+01:00`` -> ``20191203133000+0100``; empty when it is not ISO 8601."""
    if not _ISO.fullmatch(iso):
        return ""
    date, _, clock = iso.replace(" ", "T").partition("T")
    body = re.match(r"[\d:.]*", clock)
    digits = body[0] if body else ""
    zone = clock[len(digits) :].replace("Z", "+0000").replace(":", "")
    return date.replace("-", "") + digits.replace(":", "") + zone


def french_date(iso: str) -> str:
    """``2019-12-03…`` -> ``03/12/2019``, ``2019-12`` -> ``12/2019``, for a person to read."""
    return "/".join(reversed(iso[:10].split("-")))


def french_day(iso: str) -> str:
    """``2026-03-01T…`` -> ``1er mars 2026``; a date without its day, or none, is given back as it is."""
    try:
        day = calendar_date.fromisoformat(iso[_DAY])
    except ValueError:
        return iso
    return f"{'1er' if day.day == 1 else day.day} {_MONTHS[day.month - 1]} {day.year}"
