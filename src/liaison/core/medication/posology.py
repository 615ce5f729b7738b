"""Whether two posologies say the same. Texts are only compared, never turned into another dose.

Two ways of writing one amount are the same (« 2.5mg », « 2,5 mg », « 0,0025 g »); everything else that differs in
writing differs, because a difference shown for nothing costs a look, and one hidden may cost more.
"""

import re
from decimal import Decimal

from liaison.core.medication.line import plain

_AMOUNT = re.compile(r"(?<![\w.,])(\d+(?: \d{3})+|\d+)([.,]\d+)?\s*([A-Z%{}]+)?", re.ASCII)
_STRENGTH = re.compile(
    r"(?<![\w.,])(?:\d+(?: \d{3})+|\d+)(?:[.,]\d+)?\s*(?:MICROGRAMMES?|MCG|UG|MG|G|UI|U|UNITES?|ML|MMOL|MEQ|%)(?![A-Z])"
    r"(?:\s*/\s*(?:(?:\d+(?:[.,]\d+)?\s*)?(?:MG|ML|G|H|HEURES?|DOSE|24\s*H)(?![A-Z])|"
    r"\d+(?:[.,]\d+)?\s*(?:MICROGRAMMES?|MCG|UG|MG|G|UI)(?![A-Z])))*",
    re.ASCII,
)
_PER_DAY = re.compile(r"\b(\d+|UNE?)\s*(?:X|FOIS|PRISES?)?\s*(?:/|PAR)\s*(?:JOUR|24\s*H|J|D)\b", re.ASCII)
_UNITS = {
    **dict.fromkeys(("CP", "CPR", "CPS", "COMP", "COMPRIME", "COMPRIMES", "{TBL}", "{TABLET}", "TABLET"), "CP"),
    **dict.fromkeys(("GEL", "GELU", "GELULE", "GELULES", "{CAPSULE}"), "GELULE"),
    **dict.fromkeys(("GTT", "GTTES", "GOUTTE", "GOUTTES", "{DROP}"), "GOUTTE"),
    **dict.fromkeys(("SACHET", "SACHETS", "{SACHET}"), "SACHET"),
    **dict.fromkeys(("UI", "U", "UNITE", "UNITES", "{IU}"), "UI"),
}
_MICROGRAMS = {"G": 1_000_000, "MG": 1000, "UG": 1, "MCG": 1, "MICROGRAMME": 1, "MICROGRAMMES": 1}


def same_dose(one: str, other: str) -> bool:
    """True when both texts state the same amounts in the same words."""
    return _canonical(one) == _canonical(other)


def same_frequency(one: str, other: str) -> bool:
    """True when both say the same; « 1/j », « 1 fois par jour » and « 1/d » are one."""
    return _canonical(_daily(one)) == _canonical(_daily(other))


def strength(label: str) -> str:
    """The strength a label bears (« 75 MG », « 100 UI/ML »), as written in plain form, or empty."""
    found = _STRENGTH.search(plain(label))
    return found.group() if found else ""


def _daily(text: str) -> str:
    return _PER_DAY.sub(lambda found: f"{found[1].replace('UNE', '1').replace('UN', '1')} PARJOUR", plain(text))


def _canonical(text: str) -> str:
    return " ".join(_AMOUNT.sub(_canonical_amount, plain(text)).split())


def _canonical_amount(found: re.Match[str]) -> str:
    number = Decimal(found[1].replace(" ", "") + (found[2] or "").replace(",", "."))
    unit = found[3] or ""
    if unit in _MICROGRAMS:
        number, unit = number * _MICROGRAMS[unit], "UG"
    return f"{number.normalize():f} {_UNITS.get(unit, unit)} "
