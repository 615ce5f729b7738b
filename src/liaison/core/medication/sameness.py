"""Whether the letter and the home say the same intake and the same times in other words. Compared, never computed."""

import re

from liaison.core.cda.values import MedicationLine, Moments
from liaison.core.medication.from_text.posology import read_posology
from liaison.core.medication.line import CurrentLine, label_of, plain
from liaison.core.medication.posology import same_dose, same_frequency, strength

_ONE = re.compile(r"(?:1|UNE?)(?:\s*(?:CP|CPR|COMPRIMES?|GEL|GELULES?|SACHETS?|CAPSULES?|PRISES?|UNIDOSES?))?")
_COUNT = re.compile(r"(\d+(?:[.,/]\d+)?)\s*(?:CP|CPR|COMPRIMES?|GEL|GELULES?|SACHETS?|CAPSULES?|PRISES?)?")


def same_intake(current: CurrentLine, letter: MedicationLine) -> bool:
    """Same dose, or « 75 mg » beside « 1 sachet » of 75 mg, or « 1 » beside « 1 comprimé »."""
    if same_dose(current.dose, letter.dose):
        return True
    ours, theirs = strength(current.label), strength(label_of(letter))
    if ours and theirs and same_dose(ours, theirs):
        return _is_one_of(current.dose, letter.dose, theirs) or _is_one_of(letter.dose, current.dose, ours)
    one, other = _COUNT.fullmatch(plain(current.dose)), _COUNT.fullmatch(plain(letter.dose))
    return bool(one and other and one[1] == other[1] and "" in (one[0][one.end(1) :], other[0][other.end(1) :]))


def _is_one_of(counted: str, weighed: str, of: str) -> bool:
    return bool(_ONE.fullmatch(plain(counted))) and same_dose(weighed, of)


def same_times(current: CurrentLine, letter: MedicationLine) -> bool:
    """Same frequency, or the same moments of the day: « 1-0-1 » beside « matin et soir »."""
    if same_frequency(current.frequency, letter.frequency):
        return True
    ours = _taken(read_posology(f"{current.dose} {current.frequency}").moments)
    theirs = _taken(letter.moments) or _taken(read_posology(f"{letter.dose} {letter.frequency}").moments)
    return bool(ours) and ours == theirs


def _taken(moments: Moments) -> tuple[bool, ...]:
    """At which moments something is taken; empty when none is said."""
    taken = tuple(text not in ("", "0") for text in (moments.morning, moments.noon, moments.evening, moments.bedtime))
    return taken if any(taken) else ()
