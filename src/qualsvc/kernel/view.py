"""The primitives every condition is written with, for any carrier.

A condition (a certificate in date, an assignment in force, a gate) is stated once, through a `View`. `timelines` makes of it
a step function of time, `explanations` a state at one instant together with the reasons for it, `sets` all persons' states.
"""

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from qualsvc.kernel.algebra import Carrier
from qualsvc.kernel.case import Cases
from qualsvc.kernel.causes import Asked, Bound, Cause
from qualsvc.kernel.facts import Rule
from qualsvc.kernel.planes import Members
from qualsvc.kernel.reasons import Because
from qualsvc.kernel.requirements import Leaf
from qualsvc.kernel.states import State

A = TypeVar("A")
L = TypeVar("L", bound=Leaf)
T = TypeVar("T", bound=Carrier)
Name = tuple[str | None, ...]
"""Of a part of the formula that is neither a rule nor a leaf."""
Path = tuple[T, T, Callable[[], T]]
"""A path's state is the AND of: is it open at all, may it be entered, what lies beyond."""


class View(Protocol[T]):
    """How a carrier holds conditions."""

    def when(self, holds: bool, because: Because) -> T:
        """ALLOW if it holds (whatever the time), else DENY because of that."""
        ...

    def during(self, start: int, end: int, *, early: Because, late: Because) -> T:
        """ALLOW within `[start, end)`; before it DENY for `early`, after it for `late`."""
        ...

    def throughout(self, bounds: Sequence[Bound], asked: Asked[Leaf]) -> T:
        """ALLOW within all the bounds; elsewhere DENY for each that is missed."""
        ...

    def outside(self, start: int, end: int, because: Because) -> T:
        """DENY within `[start, end)` because of that, ALLOW elsewhere."""
        ...

    def give(self, state: State, required: Because, given: Because) -> T:
        """A constant state short of ALLOW; `required` says what it still asks for, `given` that it was discharged."""
        ...

    def remark(self, state: T, start: int, end: int, asked: Asked[Leaf], cause: Cause) -> T:
        """`state`, with something worth saying within `[start, end)`."""
        ...

    def recommend(self, met: Callable[[], T], because: Because) -> T:
        """ALLOW always, saying so where `met()` is less; it is not reckoned where nothing is said."""
        ...

    def span(self, start: int, end: int) -> T:
        """ALLOW within `[start, end)`, DENY elsewhere, without a word: when a rule is in force is nobody's fault."""
        ...

    def explained_by(self, silent: T, refusal: Callable[[], T]) -> T:
        """`silent`; where it denies, for the reasons of `refusal()`, which denies there too."""
        ...

    def lifted(self, start: int, end: int, unmet: T, because: Because) -> T:
        """ALLOW within `[start, end)` in spite of what is `unmet`, saying so; DENY elsewhere."""
        ...

    def either_path(self, paths: Sequence["Path[T]"]) -> T:
        """OR of the paths. What lies beyond is not reckoned where nobody enters and nobody asks why."""
        ...

    def provided(self, opened: Callable[[], T], narrowing: Callable[[], T]) -> T:
        """`opened()` AND `narrowing()`, which is not reckoned where nothing is open and nobody asks why."""
        ...

    def among(self, members: Members, state: T) -> T:
        """The state for the members, DENY for everyone else."""
        ...

    def beyond(self, members: Members, state: T) -> T:
        """The state for the members, ALLOW for everyone else."""
        ...

    def leaf(self, cases: Cases, asked: Asked[L], reckon: Callable[["View[T]", Cases, Asked[L]], T]) -> T:
        """`reckon(self, cases, asked)`, which may be remembered for all places with these ratings and this calendar."""
        ...

    def rule(self, cases: Cases, rule: Rule, reckon: Callable[["View[T]", Cases, Rule], T]) -> T:
        """`reckon(self, cases, rule)`, which may be remembered for all places that are alike to the rule."""
        ...

    def part(self, cases: Cases, name: Name, reckon: Callable[["View[T]", Cases, A], T], about: A) -> T:
        """`reckon(self, cases, about)`, which must look at no more of the place than its calendar, and may be remembered."""
        ...
