"""The one small interface the decision algebra is written over.

Rules combine values by AND, OR and n-of and by nothing else. Whatever offers these three can carry a decision: a state at
an instant, a timeline of states, a state with its explanation, or a set of persons at one instant.
"""

from collections.abc import Sequence
from typing import Protocol, Self


class Carrier(Protocol):
    """A bounded distributive lattice, with n-of given apart because carriers can count faster than expand."""

    def __and__(self, other: Self, /) -> Self: ...

    def __or__(self, other: Self, /) -> Self: ...

    @classmethod
    def at_least(cls, number: int, values: Sequence[Self], /) -> Self:
        """OR over every choice of `number` values of the AND of that choice."""
        ...
