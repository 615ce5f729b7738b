"""The work list of residents who might be the patient of a document. It orders candidates; it never files."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from liaison.core.identity.search import SearchedName
from liaison.core.identity.traits import (
    LocalIdentity,
    TraitComparison,
    compare_traits,
    search_name,
    strict_code,
    strict_date,
    strict_sex,
)
from liaison.core.people import Patient

FAMILY_WEIGHT, GIVEN_WEIGHT, DATE_WEIGHT, SEX_WEIGHT = 40, 30, 20, 10
LOWEST_SCORE = 60
SCORE_OF_THE_SAME_MATRICULE = 90
FORMER_IDENTITY_COUNTS = 0.98
SWAPPED_COUNTS = 0.95
_NOISE = 50


@dataclass(frozen=True, slots=True)
class Candidate:
    """A resident to look at; ``score`` from 0 to 100 orders the list and means nothing else.

    ``former`` says that it is an identity the home held of him before that is the nearest to the claim.
    """

    key: str
    score: int
    evidence: tuple[TraitComparison, ...]
    former: bool = False


@dataclass(frozen=True, slots=True)
class _Searched:
    families: tuple[str, ...]
    givens: tuple[str, ...]
    date: str
    sex: str
    ins: str = ""

    @property
    def stated(self) -> int:
        """The weight of all that is said: what a claim leaves out is not held against anybody."""
        weights = (
            (FAMILY_WEIGHT, self.families),
            (GIVEN_WEIGHT, self.givens),
            (DATE_WEIGHT, self.date),
            (SEX_WEIGHT, self.sex),
        )
        return sum(weight for weight, said in weights if said)


def rank_candidates(claim: Patient, residents: Iterable[LocalIdentity], limit: int = 8) -> tuple[Candidate, ...]:
    """The residents nearest to the claim, best first, tolerant of typos, swapped, used and former names, accents.

    Ties keep the order of the keys, so that the list is stable. Twins and homonyms all appear, up to ``limit``.
    """
    searched = _searched(claim)
    scored = [(*_best_score(searched, local), local) for local in residents]
    kept = [each for each in scored if each[0] >= LOWEST_SCORE]
    best: Sequence[tuple[int, bool, LocalIdentity]] = sorted(kept, key=lambda each: (-each[0], each[2].key))[:limit]
    return tuple(Candidate(local.key, score, compare_traits(claim, local), former) for score, former, local in best)


def score_names(claim: Patient, names: Iterable[SearchedName]) -> list[int]:
    """How near each writing is to the claim, in the order given: the score of the list, without the matricule."""
    searched = _searched(claim)
    held = (_Searched((name.family,), (name.given,), name.birth_date, name.sex) for name in names)
    stated = searched.stated
    return [_score_of_traits(searched, each, stated) for each in held]


def _best_score(claim: _Searched, local: LocalIdentity) -> tuple[int, bool]:
    """The score of a resident, and whether it is that of an identity held before."""
    now = _score(claim, _searched(local))
    before = max((_score(claim, _searched(former)) for former in local.former), default=0)
    discounted = round(FORMER_IDENTITY_COUNTS * before)
    return (discounted, True) if discounted > now else (now, False)


def _searched(identity: Patient | LocalIdentity) -> _Searched:
    every_given = (identity.birth_given, identity.used_given, *identity.given_names.split())
    return _Searched(
        families=_distinct(identity.birth_family, identity.used_family),
        givens=_distinct(*every_given),
        date=strict_date(identity.birth_date),
        sex=strict_sex(identity.sex),
        ins=strict_code(identity.ins),
    )


def _distinct(*names: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in map(search_name, names) if name))


def _score(claim: _Searched, local: _Searched) -> int:
    by_traits = _score_of_traits(claim, local, claim.stated)
    same_matricule = bool(claim.ins) and claim.ins == local.ins
    return max(by_traits, SCORE_OF_THE_SAME_MATRICULE) if same_matricule else by_traits


def _score_of_traits(claim: _Searched, local: _Searched, stated: int) -> int:
    """Weights 40, 30, 20, 10, spread over what the document states; a claim without any name finds nobody."""
    if not claim.families and not claim.givens:
        return 0
    points = _names(claim, local)
    points += DATE_WEIGHT * _dates_alike(claim.date, local.date) if claim.date else 0
    points += SEX_WEIGHT * (claim.sex == local.sex) if claim.sex else 0
    return round(100 * points / stated)


def _names(claim: _Searched, local: _Searched) -> float:
    straight = _weigh(claim, local.families, local.givens)
    if straight >= SWAPPED_COUNTS * (FAMILY_WEIGHT + GIVEN_WEIGHT):
        return straight
    return max(straight, SWAPPED_COUNTS * _weigh(claim, local.givens, local.families))


def _weigh(claim: _Searched, families: tuple[str, ...], givens: tuple[str, ...]) -> float:
    return FAMILY_WEIGHT * _alike(claim.families, families) + GIVEN_WEIGHT * _alike(claim.givens, givens)


@lru_cache(maxsize=65536)
def _alike(claimed: tuple[str, ...], held: tuple[str, ...]) -> float:
    """The best likeness of two sets of names, 0 to 1; what unrelated names have in common by chance counts for 0.

    Remembered: among a thousand people the same given names come back all the time.
    """
    best = 0.0
    for one in claimed:
        for other in held:
            best = max(best, _names_alike(one, other))
    return max(0.0, best - _NOISE) / (100 - _NOISE)


def _names_alike(one: str, other: str) -> float:
    """0 to 100, and 0 for what chance alone would give."""
    if " " not in one and " " not in other:
        return fuzz.ratio(one, other, score_cutoff=_NOISE)
    joined = fuzz.ratio(one.replace(" ", ""), other.replace(" ", ""), score_cutoff=_NOISE)
    return max(joined, 0.9 * fuzz.token_set_ratio(one, other))


def _dates_alike(claimed: str, held: str) -> float:
    """1 when equal; 0.8 for day and month swapped or one slip of the hand; 0.6 for a part missing; else 0."""
    if claimed == held:
        return 1.0
    if not claimed or not held:
        return 0.0
    if held.startswith(claimed) or claimed.startswith(held):
        return 0.6
    swapped = "-".join([claimed[:4], claimed[8:], claimed[5:7]])
    return 0.8 if swapped == held or OSA.distance(claimed, held) == 1 else 0.0
