"""What a place asks of a person, as a formula that each peer writes in its own language.

It is the yes of the decision semantics and nothing else: whether somebody may operate with nobody's help. So what only ever
leads to a conditional answer (trials, confirmation, supervision) is not in it.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import TypeVar, assert_never


@dataclass(frozen=True, slots=True)
class Held:
    """The person holds the position by a regular assignment."""

    position: str


@dataclass(frozen=True, slots=True)
class Waived:
    """The person has a waiver of the rule that asks for no supervision."""

    rule: str


@dataclass(frozen=True, slots=True)
class Certificate:
    """The person has a certificate that counts on the day."""

    types: tuple[str, ...]
    """The asked one, then those equivalent to it."""
    levels: tuple[str, ...] | None
    """Those high enough; None asks for none."""
    scope: str | None
    verified: bool
    covers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Training:
    """The person has a record of the course that counts on the day."""

    course: str
    within_days: int | None
    min_score: float | None
    min_hours: float | None
    min_attendance: float | None


Leaf = Held | Waived | Certificate | Training


@dataclass(frozen=True, slots=True)
class All:
    parts: tuple["Formula", ...]


@dataclass(frozen=True, slots=True)
class Any:
    parts: tuple["Formula", ...]


@dataclass(frozen=True, slots=True)
class AtLeast:
    number: int
    parts: tuple["Formula", ...]


Formula = Leaf | All | Any | AtLeast
Clauses = frozenset[frozenset[Leaf]]
"""As a conjunction: of each set one leaf must hold. As a disjunction: of one set all must."""

T = TypeVar("T")


def fold(
    formula: Formula,
    leaf: Callable[[Leaf], T],
    all_of: Callable[[Sequence[T]], T],
    any_of: Callable[[Sequence[T]], T],
    at_least: Callable[[int, Sequence[T]], T],
) -> T:
    """The formula in another carrier: text of a policy language, or the rules of a library."""

    def parts(whole: All | Any | AtLeast) -> list[T]:
        return [fold(part, leaf, all_of, any_of, at_least) for part in whole.parts]

    match formula:
        case All():
            return all_of(parts(formula))
        case Any():
            return any_of(parts(formula))
        case AtLeast(number):
            return at_least(number, parts(formula))
        case Held() | Waived() | Certificate() | Training():
            return leaf(formula)
        case _:
            assert_never(formula)


def written_out(number: int, parts: Sequence[T], all_of: Callable[[Sequence[T]], T], any_of: Callable[[Sequence[T]], T]) -> T:
    """An n-of for languages that have none: any choice of so many, all of them."""
    return any_of([all_of(chosen) for chosen in combinations(parts, number)])


def leaves(formula: Formula) -> Iterator[Leaf]:
    """All leaves of a formula, as written."""
    if isinstance(formula, All | Any | AtLeast):
        for part in formula.parts:
            yield from leaves(part)
    else:
        yield formula


def conjunction(formula: Formula) -> Clauses:
    """The formula as clauses all of which must be met, each by one of its leaves."""
    return _clauses(formula, is_conjunction=True)


def disjunction(formula: Formula) -> Clauses:
    """The formula as sets of leaves, one of which must hold as a whole."""
    return _clauses(formula, is_conjunction=False)


def _clauses(formula: Formula, *, is_conjunction: bool) -> Clauses:
    def joined(parts: Sequence[Clauses]) -> Clauses:
        return _shortest(clause for part in parts for clause in part)

    def crossed(parts: Sequence[Clauses]) -> Clauses:
        return _shortest(frozenset().union(*chosen) for chosen in product(*parts))

    all_of, any_of = (joined, crossed) if is_conjunction else (crossed, joined)

    def at_least(number: int, parts: Sequence[Clauses]) -> Clauses:
        return written_out(number, parts, all_of, any_of)

    return fold(formula, lambda leaf: frozenset({frozenset({leaf})}), all_of, any_of, at_least)


def _shortest(clauses: Iterable[frozenset[Leaf]]) -> Clauses:
    """Without those that contain another: they say nothing more."""
    found = set(clauses)
    return frozenset(clause for clause in found if not any(other < clause for other in found))
