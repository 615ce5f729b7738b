"""Finding residents: those a document may be about, and those a person types the name of.

Every look-up is an equality or a beginning of a name, of some sites, in the table of names: what PostgreSQL may take an
index for behind the wall of row-level security (ADR 0011). What it gathers is scored in Python.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import permutations
from typing import Any

from django.db.models import Q, QuerySet

from liaison.apps.residents.models import Resident, ResidentName
from liaison.apps.residents.names import identities_of
from liaison.core.identity.candidates import LOWEST_SCORE, score_names
from liaison.core.identity.search import EDGE, NameKind, SearchedName, plan_search, sound_of
from liaison.core.identity.traits import LocalIdentity, search_name, strict_code, strict_date
from liaison.core.people import Patient

MOST_GATHERED = 3000
MOST_NEAR, MOST_BORN_THEN = 20, 10
LEAST = 50
"""A name may be a little under what the list asks: all the given names of the resident are not looked at yet."""
MOST_TYPED_WORDS = 5
_AFTER_ANY_LETTER = "\x7f"
_FRENCH_DATE = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})", re.ASCII)
_COLUMNS = ("resident_id", "kind", "family", "given", "birth_date", "sex", "ins")
_KINDS: dict[str, NameKind] = {"birth": "birth", "used": "used", "former": "former"}
Gathered = list[tuple[int, SearchedName]]


def identities_near(claim: Patient | None, sites: Collection[int]) -> list[LocalIdentity]:
    """The present residents of these sites a document may be about, each with the identities held before.

    All who hold or held the matricule, and the nearest by the names and the birth date: whoever has every strict trait
    equal is among them, or the « one single match » of rule 1 would be a guess.
    """
    return identities_near_each([claim], sites)[0]


def identities_near_each(claims: Sequence[Patient | None], sites: Collection[int]) -> list[list[LocalIdentity]]:
    """The same of each claim, in as many statements as for one."""
    wanted = [_wanted(claim, gathered) if claim else set() for claim, gathered in _gather_each(claims, sites)]
    every = set().union(*wanted)
    records = Resident.objects.filter(Q(pk__in=every, present=True) | Q(merged_into__in=every)) if every else []
    standing = [record for record in records if record.merged_into_id is None]
    found = identities_of(standing, [record for record in records if record.merged_into_id is not None])
    identities = dict(zip((record.pk for record in standing), found, strict=True))
    return [[identity for number, identity in identities.items() if number in each] for each in wanted]


def _wanted(claim: Patient, gathered: Gathered) -> set[int]:
    matricule = strict_code(claim.ins)
    holders = {number for number, name in gathered if matricule and name.ins == matricule}
    return holders | set(_nearest(claim, gathered))


def find_residents(residents: QuerySet[Resident], sites: Collection[int], text: str, limit: int = 20) -> list[Resident]:
    """Among ``residents`` of these sites, those a person means; those written nearly so when there is none."""
    return find_exactly(residents, sites, text, limit) or find_nearly(residents, sites, text, limit)


def find_exactly(residents: QuerySet[Resident], sites: Collection[int], text: str, limit: int = 20) -> list[Resident]:
    """By the beginnings of names, a room, a birth date (JJ/MM/AAAA), in any order."""
    dates, words = _split(text)
    if not dates and not words:
        return []
    exact = residents.filter(site__in=sites).filter(_means(dates, words, sites))
    return list(exact.order_by("birth_family", "birth_given", "pk")[:limit])


def find_nearly(residents: QuerySet[Resident], sites: Collection[int], text: str, limit: int = 20) -> list[Resident]:
    """By the sound of the names, or by the beginnings of both, in either order; the nearest first."""
    dates, words = _split(text)
    best: dict[int, int] = {}
    for family, given in _orders(words):
        claim = Patient(birth_family=family, birth_given=given, birth_date="".join(dates))
        gathered = _gather(_heard(claim), sites) or _gather(_begun(claim), sites)
        for place, number in enumerate(_nearest(claim, gathered)):
            best[number] = min(place, best.get(number, place))
    found = residents.filter(pk__in=best, site__in=sites)
    return sorted(found, key=lambda resident: (best[resident.pk], resident.pk))[:limit]


def _gather_each(claims: Sequence[Patient | None], sites: Collection[int]) -> Iterator[tuple[Patient | None, Gathered]]:
    """Those each claim looks like: read together, given to each by the values it shares with them."""
    values = [_values_of(claim) if claim else {} for claim in claims]
    together: dict[str, set[str]] = {}
    for each in values:
        for column, own in each.items():
            together.setdefault(column, set()).update(own)
    columns = sorted(together)
    rows = _rows(_one_of(together), sites, columns, MOST_GATHERED * len(claims)) if columns and sites else []
    by_value: dict[tuple[str, str], list[int]] = {}
    for place, row in enumerate(rows):
        for column, value in zip(columns, row[len(_COLUMNS) :], strict=True):
            by_value.setdefault((column, value), []).append(place)
    for claim, each in zip(claims, values, strict=True):
        places = {place for column, own in each.items() for value in own for place in by_value.get((column, value), ())}
        yield claim, [_gathered(rows[place]) for place in sorted(places)[:MOST_GATHERED]]


def _looks_like(claim: Patient) -> Q:
    return _one_of(_values_of(claim))


def _values_of(claim: Patient) -> dict[str, set[str]]:
    """What the claim looks for, by column of the table of names."""
    plan = plan_search(claim)
    values = {column: set(keys) for column, keys in plan.keys.items()} | {"birth_date": set(plan.birth_dates)}
    matricule = {strict_code(claim.ins)} - {""}
    return {column: own for column, own in (values | {"ins": matricule}).items() if own}


def _one_of(values: Mapping[str, Collection[str]]) -> Q:
    wanted = Q(pk__in=[])
    for column, own in values.items():
        wanted |= Q(**{f"{column}__in": own})
    return wanted


def _rows(wanted: Q, sites: Collection[int], columns: Sequence[str], most: int) -> list[tuple[Any, ...]]:
    names = ResidentName.objects.filter(wanted, site__in=sites)
    return list(names.values_list(*_COLUMNS, *columns)[:most])


def _gathered(row: tuple[Any, ...]) -> tuple[int, SearchedName]:
    number, kind, family, given, date, sex, ins = row[: len(_COLUMNS)]
    return number, SearchedName(_KINDS[kind], family, given, date, sex, ins, ())


def _gather(wanted: Q, sites: Collection[int]) -> Gathered:
    return [_gathered(row) for row in _rows(wanted, sites, (), MOST_GATHERED)]


def _nearest(claim: Patient, gathered: Gathered) -> list[int]:
    """The residents whose best name is the nearest, best first: of all, and of those born that day.

    Apart, because the namesakes of a common name may be more than the list holds, and hide the one whose given name
    alone is another of his own.
    """
    best: dict[int, int] = {}
    born_then: set[int] = set()
    date = strict_date(claim.birth_date)
    for (number, name), score in zip(gathered, score_names(claim, (name for _, name in gathered)), strict=True):
        best[number] = max(score, best.get(number, 0))
        if date and name.birth_date == date:
            born_then.add(number)
    ranked = [number for _, number in sorted((-score, number) for number, score in best.items() if score >= LEAST)]
    same_day = [number for number in ranked if number in born_then][:MOST_BORN_THEN]
    return list(dict.fromkeys([*[number for number in ranked if best[number] >= LOWEST_SCORE][:MOST_NEAR], *same_day]))


def _split(text: str) -> tuple[list[str], list[str]]:
    """The birth dates typed, in ISO 8601, and the other words in search form."""
    dates, words = [], []
    for typed in text.split():
        french = _FRENCH_DATE.fullmatch(typed)
        iso = f"{french[3]}-{french[2]:0>2}-{french[1]:0>2}" if french else strict_date(typed) if "-" in typed else ""
        if iso:
            dates.append(iso)
        else:
            words += search_name(typed).split()
    return dates[:1], words[:MOST_TYPED_WORDS]


def _means(dates: list[str], words: list[str], sites: Collection[int]) -> Q:
    """Each word begins a name or is the room; the date is the birth date."""
    wanted = Q(birth_date__in=dates) if dates else Q()
    for word in words:
        begins = ResidentName.objects.filter(_begins("family", word) | _begins("given", word), site__in=sites)
        named = Q(pk__in=begins.exclude(kind=ResidentName.Kind.FORMER).values("resident"))
        wanted &= named | Q(room__iexact=word) if any(sign.isdigit() for sign in word) or len(word) <= EDGE else named
    return wanted


def _begins(column: str, word: str) -> Q:
    return Q(**{f"{column}__gte": word, f"{column}__lt": word + _AFTER_ANY_LETTER})


def _orders(words: list[str]) -> Iterator[tuple[str, str]]:
    """The words as a family name and a given name: cut at each place, either way round. One word is a family name."""
    if len(words) == 1:
        yield words[0], ""
    cuts: Iterable[int] = range(1, len(words))
    for cut in cuts:
        yield from permutations((" ".join(words[:cut]), " ".join(words[cut:])))


def _heard(claim: Patient) -> Q:
    """Whoever's names sound like the two typed, or begin as they do; whose family name sounds like the one typed."""
    family, given = search_name(claim.birth_family), search_name(claim.birth_given)
    if not given:
        heard = sound_of(family)
        return Q(sound__gte=f"{heard}|", sound__lt=f"{heard}|{_AFTER_ANY_LETTER}")
    begins = _begins("family", family[:EDGE]) & _begins("given", given[: EDGE - 1])
    return _looks_like(claim) | begins


def _begun(claim: Patient) -> Q:
    """Whoever has a name that begins as the only one typed does."""
    typed = search_name(claim.birth_family)[:EDGE]
    alone = typed and not claim.birth_given
    return _begins("family", typed) | _begins("given", typed) if alone else Q(pk__in=[])
