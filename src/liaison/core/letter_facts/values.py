"""What the words of a letter say of the resident beside the treatments, each with its sentence and place."""

from dataclasses import dataclass
from typing import Literal

from liaison.core.cda.values import Place

FactKind = Literal["date", "stay", "allergy", "carriage", "problem", "follow_up", "expected_result"]


@dataclass(frozen=True, slots=True)
class ReadFact:
    """One thing read, in the words of the letter; never more than a proposal to a person.

    ``label`` is the agent of an allergy, the problem, what is asked for, the bacteria; empty for a stay or the day of
    the letter. ``detail`` is the reaction of an allergy. Days are ISO 8601, at the precision of the letter: ``start``
    and ``end`` of a stay, ``start`` alone the day of the letter or that something is due. ``excerpt`` is the sentence
    it comes from; ``page`` is 1-based, None where there are no pages. ``doubts`` say in French what the letter itself
    is not sure of; empty when it states it.
    """

    kind: FactKind
    label: str = ""
    detail: str = ""
    start: str = ""
    end: str = ""
    excerpt: str = ""
    page: int | None = None
    places: tuple[Place, ...] = ()
    doubts: tuple[str, ...] = ()
