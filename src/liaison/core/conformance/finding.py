"""What a rule is, and what it finds."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Generic, Literal, TypeVar

Severity = Literal["error", "warning", "note"]
Subject = TypeVar("Subject")
Places = Callable[[Subject], Iterable[str]]


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that a file breaks: where, how gravely, and why in French.

    ``error`` is against a « shall » of the source, ``warning`` against a « should » or against what a reader needs,
    ``note`` is a fact worth knowing. ``rule`` is the name of the rule, or the id of its requirement (ECO.2.1.3).
    """

    rule: str
    place: str
    severity: Severity
    message: str

    def inside(self, place: str) -> "Finding":
        """The same finding, told from the file that holds the one it was found in."""
        return replace(self, place=f"{place} : {self.place}" if self.place else place)


@dataclass(frozen=True, slots=True)
class Rule(Generic[Subject]):
    """One rule: ``broken_at`` gives each place where a subject breaks it, nothing where it is kept."""

    name: str
    severity: Severity
    message: str
    broken_at: Places[Subject]


def findings_of(rules: Iterable[Rule[Subject]], subject: Subject) -> Iterator[Finding]:
    """What the rules find in one subject, in the order of the rules."""
    for rule in rules:
        for place in rule.broken_at(subject):
            yield Finding(rule.name, place, rule.severity, rule.message)
