"""Cohorts: facts of many persons that no condition tells apart but by their dates, so that one of them is judged for all.

INVARIANT: facts in a cohort are equal in every field but code, person and bounds. Whatever is asked of bounds is on which side of the
instant, or of its local date, they lie; so facts that a split leaves together get one verdict from every condition.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Any, Generic, TypeVar

from qualsvc.kernel.planes import Members

F = TypeVar("F")

OPEN = 2**63
"""As a bound, one that is never reached."""


def members(bits: Iterable[int], width: int) -> Members:
    """The set of persons at these bits, of so many persons."""
    octets = bytearray((width >> 3) + 1)
    for bit in bits:
        octets[bit >> 3] |= 1 << (bit & 7)
    return int.from_bytes(octets, "little")


@dataclass(frozen=True, slots=True)
class Bounds:
    """Which fields of a kind of fact are its bounds. A fact is in force from all of `begins` until all of `ends`."""

    begins: tuple[str, ...]
    ends: tuple[str, ...]

    def columns(self, facts: Sequence[Any]) -> list[list[int]]:
        """The bounds of each fact, those of beginnings negated: the greater, the better."""
        begins = [_column(facts, field, OPEN, -1) for field in self.begins]
        return begins + [_column(facts, field, OPEN, 1) for field in self.ends]


def _column(facts: Sequence[Any], field: str, missing: int, sign: int) -> list[int]:
    values = list(map(attrgetter(field), facts))
    return [missing if value is None else sign * value for value in values]


@dataclass(frozen=True, slots=True)
class Cohort(Generic[F]):
    """Facts alike but for code, person and bounds."""

    facts: list[F]
    bits: list[int]
    """The persons the facts belong to, in the same order."""
    everyone: Members
    columns: list[list[int]]
    least: list[int]
    """The least value of each column."""
    repeated: bool
    """Whether somebody has two of them."""
    width: int

    @classmethod
    def of(cls, facts: list[F], bits: list[int], bounds: Bounds, width: int) -> "Cohort[F]":
        """The cohort of these facts, of as many persons as there are bits at all."""
        columns = bounds.columns(facts)
        everyone = members(bits, width)
        return cls(facts, bits, everyone, columns, [min(column) for column in columns], everyone.bit_count() < len(bits), width)

    def split(self, thresholds: Sequence[int]) -> list[tuple[Members, F]]:
        """Who has one for each way the bounds lie to the thresholds, each with a fact that stands for theirs."""
        short: set[int] = set()
        for column, least, threshold in zip(self.columns, self.least, thresholds, strict=True):
            if least < threshold:
                short.update([place for place, value in enumerate(column) if value < threshold])
        if not short:
            return [(self.everyone, self.facts[0])]
        sides: dict[tuple[bool, ...], list[int]] = defaultdict(list)
        for place in short:
            sides[tuple([column[place] < limit for column, limit in zip(self.columns, thresholds, strict=True)])].append(place)
        parts = [
            (members([self.bits[place] for place in places], self.width), self.facts[places[0]]) for places in sides.values()
        ]
        if len(short) < len(self.facts):
            parts.append(self._rest(short))
        return parts

    def _rest(self, short: set[int]) -> tuple[Members, F]:
        """Those whose bounds all hold: by far the most, mostly."""
        first = next(place for place in range(len(self.facts)) if place not in short)
        if self.repeated:
            return members([bit for place, bit in enumerate(self.bits) if place not in short], self.width), self.facts[first]
        return self.everyone ^ members([self.bits[place] for place in short], self.width), self.facts[first]


def alike_by(fact: type[Any], bounds: Bounds, *besides: str) -> Callable[[Any], Hashable]:
    """What must be equal in facts of a cohort: every field but bounds, and `besides` that no condition looks at."""
    left_out = {*bounds.begins, *bounds.ends, *besides}
    whole = [field.name for field in fields(fact) if field.name not in left_out and field.type != Mapping[str, float]]
    mappings = [field.name for field in fields(fact) if field.type == Mapping[str, float]]
    read = attrgetter(*whole)
    if not mappings:
        return read
    (mapping,) = map(attrgetter, mappings)

    def alike(one: Any) -> Hashable:
        limits = mapping(one)
        return (read(one), frozenset(limits.items())) if limits else read(one)

    return alike


def cohorts(
    facts: Iterable[F], bits: Iterable[int], alike: Callable[[F], Hashable], bounds: Bounds, width: int
) -> list[Cohort[F]]:
    """Facts, and the persons they belong to in the same order, sorted into cohorts."""
    sorted_facts: dict[Hashable, tuple[list[F], list[int]]] = {}
    for fact, bit in zip(facts, bits, strict=True):
        key = alike(fact)
        known = sorted_facts.get(key)
        if known is None:
            known = sorted_facts[key] = ([], [])
        known[0].append(fact)
        known[1].append(bit)
    return [Cohort.of(*found, bounds, width) for found in sorted_facts.values()]
