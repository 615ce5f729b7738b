"""Drugs of one class: a molecule that takes the place of another, and two that go on together."""

from collections.abc import Sequence

from liaison.core.medication.line import ATC, codes_of
from liaison.core.medication.pairing import Drug, same_substance
from liaison.core.medication.risk import high_risk_class

_CLASS = len("B01AF")
_NOT_FOR_REPLACEMENT = ("psychotropes", "opioïdes", "antiépileptiques")
_GIVEN = ("continued", "equivalent", "modified", "started", "not_mentioned")


def classes_of(drug: Drug) -> frozenset[str]:
    """The ATC classes (fourth level, as B01AF) of a drug, and its high-risk class where one replaces another in it."""
    risk = high_risk_class(drug.codes, drug.label, *drug.names)
    atc = {code[:_CLASS] for code in codes_of(drug.codes, ATC) if len(code) >= _CLASS}
    return frozenset(atc | ({risk} if risk and risk not in _NOT_FOR_REPLACEMENT else set()))


def replacements(lines: Sequence[tuple[str, Drug]]) -> dict[int, int]:
    """By line number, the number of the other: one drug stopped and one of its class started, with no other choice."""
    stopped = [number for number, (status, _) in enumerate(lines, start=1) if status == "stopped"]
    started = [number for number, (status, _) in enumerate(lines, start=1) if status == "started"]
    possible = [
        (one, other)
        for one in stopped
        for other in started
        if classes_of(lines[one - 1][1]) & classes_of(lines[other - 1][1])
    ]
    ones, others = [one for one, _ in possible], [other for _, other in possible]
    pairs = [(one, other) for one, other in possible if ones.count(one) == 1 and others.count(other) == 1]
    return {number: twin for one, other in pairs for number, twin in ((one, other), (other, one))}


def with_duplicates(number: int, change: str, drugs: Sequence[Drug]) -> str:
    """What changes, and the other lines of the same substance."""
    own = drugs[number - 1]
    others = [str(place) for place, drug in enumerate(drugs, start=1) if place != number and same_substance(own, drug)]
    return _noted(change, "même substance que", others)


def class_notes(statuses: Sequence[str], drugs: Sequence[Drug]) -> dict[int, list[str]]:
    """By line number, the other lines of the same class that would be given with it."""
    classes = [
        classes_of(drug) if status in _GIVEN else frozenset() for status, drug in zip(statuses, drugs, strict=True)
    ]
    found: dict[int, list[str]] = {}
    for number, own in enumerate(classes, start=1):
        others = [
            str(place)
            for place, other in enumerate(classes, start=1)
            if place != number and own & other and not same_substance(drugs[number - 1], drugs[place - 1])
        ]
        if others:
            found[number] = others
    return found


def _noted(change: str, words: str, others: Sequence[str]) -> str:
    if not others:
        return change
    note = f"{words} {'la ligne' if len(others) == 1 else 'les lignes'} {', '.join(others)}"
    return " ; ".join(filter(None, [change, note]))


def with_class(change: str, others: Sequence[str]) -> str:
    return _noted(change, "même classe que", others)
