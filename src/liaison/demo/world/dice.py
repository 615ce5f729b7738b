"""Choices that look random and never change: the same seed gives the same world on every machine and Python."""

import hashlib
from collections.abc import Sequence
from typing import TypeVar

Thing = TypeVar("Thing")


class Dice:
    """A stream of numbers drawn from SHA-256 of a seed and a count."""

    def __init__(self, *seed: object) -> None:
        self._seed = "/".join(str(part) for part in seed)
        self._count = 0

    def below(self, limit: int) -> int:
        """A number from 0 to ``limit`` excluded."""
        self._count += 1
        digest = hashlib.sha256(f"{self._seed}#{self._count}".encode()).digest()
        return int.from_bytes(digest[:8]) % limit

    def between(self, low: int, high: int) -> int:
        """A number from ``low`` to ``high``, both included."""
        return low + self.below(high - low + 1)

    def chance(self, percent: int) -> bool:
        return self.below(100) < percent

    def pick(self, things: Sequence[Thing]) -> Thing:
        return things[self.below(len(things))]

    def weighted(self, things: Sequence[tuple[Thing, int]]) -> Thing:
        """One of the things, each with its weight."""
        rest = self.below(sum(weight for _, weight in things))
        for thing, weight in things:
            if rest < weight:
                return thing
            rest -= weight
        raise ValueError("weights must be positive")

    def sample(self, things: Sequence[Thing], count: int) -> list[Thing]:
        """``count`` different ones, in the order drawn."""
        left = list(things)
        return [left.pop(self.below(len(left))) for _ in range(min(count, len(left)))]
