"""How a person is looked for among many: the names one may be written under, and the keys that bring them together.

Nothing here decides anything. A key is equal for two writings that a slip of the hand, an accent or a silent letter
tells apart; whoever shares a key is looked at, and scored. The phonetic form is ours because no maintained library
speaks French (ADR 0011): an approximation good enough to gather, never to tell people apart.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from liaison.core.identity.traits import LocalIdentity, search_name, strict_code, strict_date
from liaison.core.people import Patient

NameKind = Literal["birth", "used", "former"]

EDGE = 3
"""Letters kept at each end of a name: one slip of the hand in six letters or more leaves one of the two ends whole."""

_SOUNDS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(written), heard)
    for written, heard in (
        (r"[^A-Z]", ""),
        (r"PH", "F"),
        (r"CH(?=[RL])", "K"),
        (r"SCH|SH|CH", "#"),
        (r"GU(?=[EIY])", "G"),
        (r"QU?|CK|K", "K"),
        (r"C(?=[EIY])", "S"),
        (r"C", "K"),
        (r"G(?=[EIY])", "J"),
        (r"H", ""),
        (r"X(?=.)", "S"),
        (r"Z", "S"),
        (r"W", "V"),
        (r"Y", "I"),
        (r"EAU|AU", "O"),
        (r"OEU|EU", "E"),
        (r"AI|EI", "E"),
        (r"ILL", "I"),
        (r"(.)\1+", r"\1"),
        (r"(?<=.)(?:[TDSXP]+|ES?)$", ""),
        (r"(?<=.)[AEIOU]+", ""),
    )
)


@dataclass(frozen=True, slots=True)
class SearchedName:
    """One way a person is written, in the form that is searched: capitals, no accents, blanks for the rest.

    ``birth_date`` is ISO 8601 at its precision, ``ins`` the matricule that identity bears. ``keys`` in the order of
    ``KEY_NAMES``; an empty key gathers nobody.
    """

    kind: NameKind
    family: str
    given: str
    birth_date: str
    sex: str
    ins: str
    keys: tuple[str, ...]


KEY_NAMES = ("sound", "family_head", "family_tail", "given_head", "given_tail")


@lru_cache(maxsize=65536)
def sound_of(name: str) -> str:
    """A name in search form as it is heard, roughly: GAUTHIER and GOTIER alike, LEFEBVRE and LEFEVRE not.

    One letter at least when the name has one.
    """
    heard = name
    for written, sound in _SOUNDS:
        heard = written.sub(sound, heard)
    return heard or re.sub(r"[^A-Z]", "", name)[:1]


def search_keys(family: str, given: str, birth_date: str) -> tuple[str, ...]:
    """The keys of one writing; names in search form. Those made of an end of a name bear the year of birth too.

    Without the year they would gather thousands: they are for a slip of the hand beside a date at least half right.
    """
    if not family or not given:
        return ("",) * len(KEY_NAMES)
    heard_family, heard_given, year = sound_of(family), sound_of(given), birth_date[:4]
    sound = f"{heard_family}|{heard_given}"
    if not year:
        return (sound, "", "", "", "")
    joined_family, joined_given = family.replace(" ", ""), given.replace(" ", "")
    return (
        sound,
        f"{joined_family[:EDGE]}|{heard_given}|{year}",
        f"{joined_family[-EDGE:]}|{heard_given}|{year}",
        f"{heard_family}|{joined_given[:EDGE]}|{year}",
        f"{heard_family}|{joined_given[-EDGE:]}|{year}",
    )


def names_of(identity: LocalIdentity | Patient) -> tuple[SearchedName, ...]:
    """Every way a person may be written: at birth, in use, and under each identity held before. Each once."""
    found: dict[tuple[str, ...], SearchedName] = {}
    for name in _names(identity):
        found.setdefault((name.family, name.given, name.birth_date, name.ins), name)
    return tuple(found.values())


def _names(identity: LocalIdentity | Patient) -> Iterator[SearchedName]:
    family, given = search_name(identity.birth_family), search_name(identity.birth_given or identity.given_names)
    used_family, used_given = search_name(identity.used_family), search_name(identity.used_given)
    date, sex, ins = strict_date(identity.birth_date), identity.sex, strict_code(identity.ins)
    if family or given:
        yield SearchedName("birth", family, given, date, sex, ins, search_keys(family, given, date))
    if used_family or used_given:
        family, given = used_family or family, used_given or given
        yield SearchedName("used", family, given, date, sex, ins, search_keys(family, given, date))
    for former in identity.former if isinstance(identity, LocalIdentity) else ():
        yield from (replace(name, kind="former") for name in _names(former))


@dataclass(frozen=True, slots=True)
class SearchPlan:
    """What to look up for a claim: each key with the values it may have, and the birth dates it may be written with."""

    keys: dict[str, tuple[str, ...]]
    birth_dates: tuple[str, ...]


def plan_search(claim: Patient) -> SearchPlan:
    """The keys of each writing of the claim, its two names also the other way round.

    Its date too: day and month swapped, and at the lesser precisions a home may hold it with.
    """
    writings = [name for name in names_of(claim) if name.family and name.given]
    swapped = [search_keys(name.given, name.family, name.birth_date) for name in writings]
    sets = [name.keys for name in writings] + swapped
    keys = {
        name: tuple(dict.fromkeys(keys[place] for keys in sets if keys[place])) for place, name in enumerate(KEY_NAMES)
    }
    return SearchPlan(keys, _dates(strict_date(claim.birth_date)))


def _dates(date: str) -> tuple[str, ...]:
    if not date:
        return ()
    year, month, day = ([*date.split("-"), "", ""])[:3]
    swapped = f"{year}-{day}-{month}" if day and int(day) <= 12 else ""  # noqa: PLR2004 (the months of the year)
    whole = (date, swapped, f"{year}-{month}" if month else "", year)
    return tuple(dict.fromkeys(each for each in whole if each))
