"""Doses, frequencies and durations of a medication entry, as text for a person: never computed with."""

import re

from liaison.core.cda.markup import Element, attribute, find, find_all
from liaison.core.cda.quotes import Quotes

_UNITS = {
    "{tbl}": "comprimé",
    "{tablet}": "comprimé",
    "{capsule}": "gélule",
    "{sachet}": "sachet",
    "{puff}": "bouffée",
    "[drp]": "goutte",
    "{drop}": "goutte",
    "{count}": "",
    "1": "",
    "h": "h",
    "d": "jour",
    "wk": "semaine",
    "mo": "mois",
    "a": "an",
    "min": "min",
}
_COUNTED = frozenset({"{tbl}", "{capsule}", "{sachet}", "{puff}", "[drp]", "d", "wk"})
_INVARIABLE = frozenset({"mois", "h", "min"})
_FRENCH_WORDS = frozenset(_UNITS.values())
_EVENTS = {
    "AC": "avant le repas",
    "ACD": "avant le déjeuner",
    "ACM": "avant le petit-déjeuner",
    "ACV": "avant le dîner",
    "C": "pendant le repas",
    "CD": "pendant le déjeuner",
    "CM": "pendant le petit-déjeuner",
    "CV": "pendant le dîner",
    "HS": "au coucher",
    "IC": "entre les repas",
    "ICD": "entre le déjeuner et le dîner",
    "ICM": "entre le petit-déjeuner et le déjeuner",
    "ICV": "entre le dîner et le coucher",
    "PC": "après le repas",
    "PCD": "après le déjeuner",
    "PCM": "après le petit-déjeuner",
    "PCV": "après le dîner",
    "WAKE": "au réveil",
}
_ONCE = {("1", "d"): "1 fois par jour", ("1", "wk"): "1 fois par semaine", ("1", "mo"): "1 fois par mois"}
_TIMES_A_DAY = re.compile(r"(\d{1,2}) fois (?:par|/) ?(jour|semaine|mois)", re.ASCII)
_AMOUNT = re.compile(r"(\d{1,6}(?:[.,]\d{1,4})?) (\S.*)", re.ASCII)
_UCUM = re.compile(r"(mg|g|µg|mcg|ml|mL|l|L|UI|kg|%)", re.ASCII)
_HOURS = {"jour": 24, "semaine": 168, "mois": 720}
_PERIOD_UNITS = {"jour": "d", "semaine": "wk", "mois": "mo"}


def quantity_text(element: Element | None, quotes: Quotes) -> str:
    """A PQ or IVL<PQ>: the words of its translation when it has some, else its value and unit."""
    if element is None:
        return ""
    own = _amount_text(element, quotes)
    if own:
        return own
    low, high = _amount_text(find(element, "low"), quotes), _amount_text(find(element, "high"), quotes)
    return f"{low} à {high}" if low and high and low != high else low or high


def _amount_text(element: Element | None, quotes: Quotes) -> str:
    return quotes.text(find(element, "translation/originalText")) or amount(
        attribute(element, "value"), attribute(element, "unit")
    )


def amount(value: str, unit: str) -> str:
    """``1`` and ``{tbl}`` -> ``1 comprimé``; an unknown unit is kept as written, without its braces."""
    if not value:
        return ""
    word = _UNITS.get(unit, unit.strip("{}"))
    plural = "s" if word in _FRENCH_WORDS - _INVARIABLE and word and value not in ("0", "1", "0.5", "1.5") else ""
    return f"{value.replace('.', ',')} {word}{plural}".strip()


def frequency_text(times: list[Element], quotes: Quotes) -> str:
    """The PIVL_TS (period) and EIVL_TS (event) among the effectiveTime of an entry, told apart by what they hold."""
    parts = [part for time in times for part in (_period(time, quotes), *_events(time, quotes)) if part]
    return ", ".join(dict.fromkeys(parts))


def _period(time: Element, quotes: Quotes) -> str:
    period = find(time, "period")
    if period is None:
        return ""
    if written := quotes.text(find(period, "translation/originalText")):
        return written
    value, unit = attribute(period, "value"), attribute(period, "unit")
    if not value:
        return ""
    every = "toutes les" if unit in ("h", "min", "wk") else "tous les"
    return _ONCE.get((value, unit), f"1 fois {every} {amount(value, unit)}")


def _events(time: Element, quotes: Quotes) -> list[str]:
    return [
        _EVENTS.get(attribute(event, "code"), "")
        or attribute(event, "displayName")
        or quotes.text(find(event, "originalText"))
        or attribute(event, "code")
        for event in find_all(time, "event")
    ]


def with_components(times: list[Element]) -> list[Element]:
    """The effectiveTime of an entry, and the parts of those that are sets (SXPR_TS)."""
    found = []
    for time in times:
        found += with_components(find_all(time, "comp"))
        found.append(time)
    return found


def is_interval(time: Element) -> bool:
    return find(time, "low") is not None or find(time, "high") is not None or find(time, "width") is not None


def width_text(time: Element | None, quotes: Quotes) -> str:
    return quantity_text(find(time, "width"), quotes)


def coded_period(frequency: str) -> tuple[str, str]:
    """``3 fois par jour`` -> ``("8", "h")``; a text that says no regular period -> two empty strings."""
    times = _TIMES_A_DAY.fullmatch(frequency)
    count = int(times[1]) if times else 0
    if not times or not count:
        return "", ""
    if count == 1:
        return "1", _PERIOD_UNITS[times[2]]
    hours = _HOURS[times[2]]
    return (str(hours // count), "h") if times[2] == "jour" and hours % count == 0 else ("", "")


def coded_amount(dose: str) -> tuple[str, str]:
    """``1 comprimé`` -> ``("1", "{tbl}")``, ``500 mg`` -> ``("500", "mg")``; else two empty strings."""
    parts = _AMOUNT.fullmatch(dose)
    if not parts:
        return "", ""
    value, word = parts[1].replace(",", "."), parts[2]
    if _UCUM.fullmatch(word):
        return value, "[IU]" if word == "UI" else word
    singular = word.removesuffix("s")
    unit = next((unit for unit, french in _UNITS.items() if french == singular and unit in _COUNTED), "")
    return (value, unit) if unit else ("", "")
