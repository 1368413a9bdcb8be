"""Figures measured in pairs: each round gives a ratio, and the median of the ratios is the result."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Spread:
    """The median of several figures, and the least and greatest of them."""

    middle: float
    least: float
    most: float
    rounds: int

    @classmethod
    def of(cls, figures: Sequence[float]) -> "Spread":
        return cls(median(figures), min(figures), max(figures), len(figures))

    @classmethod
    def of_ratios(cls, ones: Sequence[float], others: Sequence[float]) -> "Spread":
        """Of each figure to the one of the same round."""
        return cls.of([one / other for one, other in zip(ones, others, strict=True)])


def in_turns(names: Sequence[str], turn: int) -> list[str]:
    """The order of a round: there and back, so that neighbours stay neighbours and none is always first."""
    return list(names) if turn % 2 == 0 else list(reversed(names))
