"""Cohorts: facts of many persons that no condition tells apart but by their bounds, so that one is judged for all.

INVARIANT: facts in a cohort are equal in every field that is looked at but bounds, and all that is asked of a bound is on which
side of a point it lies: the instant, its local date, a rating. So facts that `split` leaves together get one verdict from each
condition.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Sequence
from dataclasses import dataclass, fields
from operator import attrgetter, itemgetter
from typing import Any, Generic, TypeVar

from qualsvc.kernel.planes import Members

F = TypeVar("F")

OPEN = math.inf
_DENSE = 32
"""One bit in so many set: from there on it is faster to write a set as text."""


def members(bits: Collection[int], width: int) -> Members:
    """The set of persons at these bits, of so many persons."""
    if len(bits) * _DENSE > width:
        digits = bytearray(b"0") * width
        for bit in bits:
            digits[~bit] = 49
        return int(digits, 2)
    octets = bytearray((width >> 3) + 1)
    for bit in bits:
        octets[bit >> 3] |= 1 << (bit & 7)
    return int.from_bytes(octets, "little")


class Look:
    """What conditions look at in a kind of fact: its bounds, and in which other fields facts of a cohort are equal.

    Bounds are points a fact must have reached, and points it must not have passed. What it is good for by name, its `limits`,
    must reach what is asked, and so is an end as well.
    """

    def __init__(
        self,
        kind: type[Any],
        begins: tuple[str, ...],
        ends: tuple[str, ...],
        limits: tuple[str, ...] = (),
        *,
        besides: Collection[str] = ("code", "person"),
    ) -> None:
        """Every field tells facts apart but bounds, and those `besides` that no condition looks at."""
        self._begins = begins
        self._ends = ends
        self._limits = limits
        left_out = {*begins, *ends, *besides}
        self.alike: Callable[[Any], Hashable] = attrgetter(*[one.name for one in fields(kind) if one.name not in left_out])

    def begins(self, facts: Sequence[Any]) -> tuple[list[float], ...]:
        """The beginnings of facts, field by field."""
        return tuple([_column(facts, field, -OPEN) for field in self._begins])

    def ends(self, facts: Sequence[Any]) -> tuple[list[float], ...]:
        """The ends of facts, field by field, then their limits; where there is no limit there is nothing it reaches."""
        limits = [[fact.limits.get(name, -OPEN) for fact in facts] for name in self._limits]
        return (*[_column(facts, field, OPEN) for field in self._ends], *limits)


@dataclass(frozen=True, slots=True)
class Cohort(Generic[F]):
    """Facts alike but for code, person and bounds."""

    facts: Sequence[F]
    bits: Sequence[int]
    """The persons the facts belong to, in the same order."""
    width: int
    everyone: Members
    begins: tuple[list[float], ...]
    ends: tuple[list[float], ...]

    @classmethod
    def of(cls, facts: Sequence[F], bits: Sequence[int], look: Look, width: int) -> "Cohort[F]":
        """The cohort of these facts, of as many persons as there are bits at all."""
        return cls(facts, bits, width, members(bits, width), look.begins(facts), look.ends(facts))

    def split(self, begins: Sequence[float], ends: Sequence[float]) -> list[tuple[Members, F]]:
        """The facts by which of their bounds hold at these points: who has one, and one that stands for them all.

        A beginning holds at its point and later, an end up to its point. INVARIANT: who has several is in the set of each.
        """
        failing = [
            {place for place, value in enumerate(values) if value > point} if max(values) > point else ()
            for values, point in zip(self.begins, begins, strict=True)
        ] + [
            {place for place, value in enumerate(values) if value < point} if min(values) < point else ()
            for values, point in zip(self.ends, ends, strict=True)
        ]
        amiss = set[int]().union(*failing)
        if not amiss:
            return [(self.everyone, self.facts[0])]
        sides: dict[tuple[bool, ...], list[int]] = defaultdict(list)
        for place in amiss:
            sides[tuple([place in places for places in failing])].append(place)
        parts = [(members(_picked(self.bits, places), self.width), self.facts[places[0]]) for places in sides.values()]
        if len(amiss) < len(self.facts):
            parts.append(self._without(amiss))
        return parts

    def _without(self, amiss: set[int]) -> tuple[Members, F]:
        """Those with a fact at any other place; the first such fact stands for theirs."""
        first = next(place for place in range(len(self.facts)) if place not in amiss)
        if self.everyone.bit_count() == len(self.facts):  # nobody has two, so to be amiss once is to be amiss
            return self.everyone ^ members([self.bits[place] for place in amiss], self.width), self.facts[first]
        rest = [bit for place, bit in enumerate(self.bits) if place not in amiss]
        return members(rest, self.width), self.facts[first]


def _column(facts: Sequence[Any], field: str, missing: float) -> list[float]:
    values = list(map(attrgetter(field), facts))
    return [missing if value is None else value for value in values] if None in values else values


def _picked(values: Sequence[F], places: Sequence[int]) -> Sequence[F]:
    return itemgetter(*places)(values) if len(places) > 1 else [values[places[0]]]


def cohorts(facts: Sequence[F], bits: Sequence[int], look: Look, width: int) -> list[Cohort[F]]:
    """Facts, and the persons they belong to in the same order, sorted into cohorts."""
    found: dict[Hashable, list[int]] = defaultdict(list)
    for place, key in enumerate(map(look.alike, facts)):
        found[key].append(place)
    return [Cohort.of(_picked(facts, places), _picked(bits, places), look, width) for places in found.values()]
