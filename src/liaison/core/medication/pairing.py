"""Which line of the letter speaks of which current line.

By CIS, then CIP, UCD, ATC, then the substance or the name. Lines that could be paired in several ways stay apart unless
they say exactly the same: two lines shown for one drug are seen, two drugs shown as one are not.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

from liaison.core.cda.values import Code, MedicationLine
from liaison.core.medication.from_text.terminology import atc_of
from liaison.core.medication.line import (
    ATC,
    CIP,
    CIS,
    UCD,
    CurrentLine,
    codes_of,
    label_of,
    names_of,
    plain,
    substance_codes,
)
from liaison.core.medication.posology import same_dose, same_frequency, strength

Basis = Literal["CIS", "CIP", "UCD", "ATC", "name"]


@dataclass(frozen=True, slots=True)
class Drug:
    """One line of either side, in the form the pairing looks at; ``position`` is its index in its own sequence."""

    position: int
    label: str
    codes: tuple[Code, ...]
    names: frozenset[str]
    dose: str
    frequency: str
    as_needed: bool


@dataclass(frozen=True, slots=True)
class Pair:
    current: int
    letter: int
    basis: Basis


def current_drug(position: int, line: CurrentLine) -> Drug:
    names = names_of(line.label, line.substance, line.codes)
    codes = with_known_atc(line.codes, line.substance or line.label)
    return Drug(position, line.label, codes, names, line.dose, line.frequency, line.as_needed)


def letter_drug(position: int, line: MedicationLine) -> Drug:
    names = names_of(label_of(line), "", line.codes)
    codes = with_known_atc(line.codes, label_of(line))
    return Drug(position, label_of(line), codes, names, line.dose, line.frequency, line.as_needed)


def with_known_atc(codes: tuple[Code, ...], name: str) -> tuple[Code, ...]:
    """The codes, with the ATC code the terminology gives the name where the line bears none."""
    known = "" if codes_of(codes, ATC) else atc_of(name)
    return (*codes, Code(known, ATC)) if known else codes


def pair(current: Sequence[Drug], letter: Sequence[Drug]) -> tuple[Pair, ...]:
    """One-to-one pairs: lines that say the very same first, then from the surest basis to the least sure."""
    pairs: list[Pair] = []
    for basis, alike, chooses in _PASSES:
        left = [drug for drug in current if drug.position not in {done.current for done in pairs}]
        right = [drug for drug in letter if drug.position not in {done.letter for done in pairs}]
        pairs += [Pair(one, other, basis) for one, other in chooses(left, right, alike)]
    return tuple(pairs)


def same_substance(one: Drug, other: Drug) -> bool:
    """Same substance as far as can be told: by ATC where both have it, else by name."""
    ours, theirs = substance_codes(one.codes), substance_codes(other.codes)
    if ours and theirs:
        return not ours.isdisjoint(theirs)
    return not one.names.isdisjoint(other.names)


Alike = Callable[[Drug, Drug], bool]


def _share(system: str, one: Drug, other: Drug) -> bool:
    return not codes_of(one.codes, system).isdisjoint(codes_of(other.codes, system))


def _share_atc(one: Drug, other: Drug) -> bool:
    return not substance_codes(one.codes).isdisjoint(substance_codes(other.codes))


def _same_words(one: Drug, other: Drug) -> bool:
    """The same label, and no code that says otherwise."""
    return plain(one.label) == plain(other.label) != "" and not any(
        _contradict(system, one, other) for system in (CIS, CIP, UCD, ATC)
    )


def _contradict(system: str, one: Drug, other: Drug) -> bool:
    ours, theirs = codes_of(one.codes, system), codes_of(other.codes, system)
    return bool(ours and theirs) and ours.isdisjoint(theirs)


_BASES: tuple[tuple[Basis, Alike], ...] = (
    ("CIS", partial(_share, CIS)),
    ("CIP", partial(_share, CIP)),
    ("UCD", partial(_share, UCD)),
    ("ATC", _share_atc),
    ("name", same_substance),
)


def _identical(current: Sequence[Drug], letter: Sequence[Drug], alike: Alike) -> list[tuple[int, int]]:
    """Lines alike that also say the same posology, each taken once, in order."""
    taken: dict[int, int] = {}
    for one in current:
        fits = (
            other.position
            for other in letter
            if other.position not in taken and alike(one, other) and _same_posology(one, other)
        )
        found = next(fits, None)
        if found is not None:
            taken[found] = one.position
    return [(one, other) for other, one in taken.items()]


def _alone(current: Sequence[Drug], letter: Sequence[Drug], alike: Alike) -> list[tuple[int, int]]:
    """Lines alike with one possibility only, seen from both sides."""
    possible = [(one.position, other.position) for one in current for other in letter if alike(one, other)]
    lefts, rights = [one for one, _ in possible], [other for _, other in possible]
    return [(one, other) for one, other in possible if lefts.count(one) == 1 and rights.count(other) == 1]


def _same_posology(one: Drug, other: Drug) -> bool:
    strengths = strength(one.label), strength(other.label)
    return (
        same_dose(one.dose, other.dose)
        and same_frequency(one.frequency, other.frequency)
        and one.as_needed == other.as_needed
        and (not all(strengths) or same_dose(*strengths))
    )


Chooses = Callable[[Sequence[Drug], Sequence[Drug], Alike], list[tuple[int, int]]]
_PASSES: tuple[tuple[Basis, Alike, Chooses], ...] = (
    ("name", _same_words, _identical),
    *((basis, alike, chooses) for basis, alike in _BASES for chooses in (_identical, _alone)),
)
