"""The matricule of the national health identity (INS): a NIR, or a NIA while the NIR is awaited.

Shape (INSEE, répertoire RNIPP): sex (1), year (2), month (2), department and commune (5), order (3), key (2).
"""

import re
from collections.abc import Callable

from liaison.core.identity.traits import strict_date
from liaison.core.notices import Notice

MATRICULE_LENGTH = 15
_ROOT = re.compile(r"[1-478][0-9]{4}(?:[0-9]{2}|2A|2B)[0-9]{6}")
_CORSICA = {"2A": "19", "2B": "18"}
_MEN, _WOMEN = "137", "248"
_MONTHS = range(1, 13)
_MONTHS_OF_INCOMPLETE_RECORDS = range(31, 43)
_DEPARTMENTS_REDRAWN_IN_1968 = frozenset({"75", "78", "91", "92", "93", "94", "95", "96"})

MALFORMED = Notice(
    "ins_malformed", "Le matricule INS n'a pas la forme attendue (13 caractères et une clé de 2 chiffres)."
)
WRONG_KEY = Notice("ins_key_wrong", "La clé de contrôle du matricule INS est fausse.")
OTHER_SEX = Notice("ins_sex_differs", "Le matricule INS indique un autre sexe que l'identité.")
OTHER_YEAR = Notice("ins_year_differs", "Le matricule INS indique une autre année de naissance que l'identité.")
OTHER_MONTH = Notice("ins_month_differs", "Le matricule INS indique un autre mois de naissance que l'identité.")
OTHER_PLACE = Notice("ins_place_differs", "Le matricule INS indique un autre lieu de naissance que l'identité.")


def ins_key(root13: str) -> str:
    """The two-digit key of a 13-character root: 97 - (N mod 97), with 2A read as 19 and 2B as 18.

    Empty when the root has not the form of a NIR or NIA.
    """
    if not _ROOT.fullmatch(root13):
        return ""
    department = root13[5:7]
    number = int(root13[:5] + _CORSICA.get(department, department) + root13[7:])
    return f"{97 - number % 97:02d}"


def is_valid_ins(matricule: str) -> bool:
    """True for the 15 characters of a well-formed matricule whose key is right."""
    return len(matricule) == MATRICULE_LENGTH and ins_key(matricule[:13]) == matricule[13:]


def ins_coherent(matricule: str, sex: str, birth_date: str, birth_place: str) -> tuple[Notice, ...]:
    """What the matricule says against the traits beside it; a trait left empty is not checked.

    ``sex`` is M or F, ``birth_date`` ISO 8601 at any precision, ``birth_place`` an INSEE code. A remark for a person,
    never a refusal: communes were renumbered, civil records may be incomplete.
    """
    if len(matricule) != MATRICULE_LENGTH or not _ROOT.fullmatch(matricule[:13]):
        return (MALFORMED,)
    date = strict_date(birth_date)
    year, month = date[2:4], date[5:7]
    disagreements: tuple[tuple[Notice, Callable[[], bool]], ...] = (
        (WRONG_KEY, lambda: not is_valid_ins(matricule)),
        (OTHER_SEX, lambda: not _sex_agrees(matricule[0], sex.upper())),
        (OTHER_YEAR, lambda: bool(year) and year != matricule[1:3]),
        (OTHER_MONTH, lambda: bool(month) and not _month_agrees(int(matricule[3:5]), int(month))),
        (OTHER_PLACE, lambda: not _place_agrees(matricule[5:10], birth_place.upper(), date)),
    )
    return tuple(notice for notice, disagrees in disagreements if disagrees())


def _sex_agrees(digit: str, sex: str) -> bool:
    return not ((sex == "M" and digit not in _MEN) or (sex == "F" and digit not in _WOMEN))


def _month_agrees(encoded: int, month: int) -> bool:
    if encoded in _MONTHS_OF_INCOMPLETE_RECORDS:
        return encoded - 30 == month
    return encoded == month or encoded not in _MONTHS


def _place_agrees(encoded: str, place: str, date: str) -> bool:
    if not place or encoded == place:
        return True
    department = encoded[:2]
    if department == "20" and place[:2] in _CORSICA:
        return encoded[2:] == place[2:]
    return department in _DEPARTMENTS_REDRAWN_IN_1968 and date[:4] < "1968"
