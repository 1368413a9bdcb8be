"""Conditions as step functions of time: the view that answers for a case at every instant at once."""

# ruff: noqa: ARG002 -- timelines have no use for the causes that explanations are made of
# ruff: noqa: PLR1730 -- this is asked for each condition of each ask, and a comparison is cheaper than a call

from collections.abc import Callable, Sequence
from typing import TypeVar

from qualsvc.kernel.case import Cases
from qualsvc.kernel.causes import Asked, Bound, Cause
from qualsvc.kernel.facts import Rule
from qualsvc.kernel.instants import BEGINNING, FOREVER
from qualsvc.kernel.planes import Members
from qualsvc.kernel.reasons import Because
from qualsvc.kernel.requirements import Leaf
from qualsvc.kernel.states import ALLOW, DENY, State
from qualsvc.kernel.timeline import ALWAYS, NEVER, Timeline
from qualsvc.kernel.view import Name, Path, View

A = TypeVar("A")
L = TypeVar("L", bound=Leaf)
Found = tuple[Timeline, int, int]
"""What a part of the formula is worth, and its slice of the remarks."""
OPENED: Name = ("opened",)
NARROWING: Name = ("narrowing",)


class Timelines:
    """Conditions as step functions of time; reasons are never made. Good for one case.

    It keeps of each part what it is worth when, and when there may be something to remark on it: where it allows and nothing
    is to be remarked, there is nothing to be said of it.
    """

    def __init__(self) -> None:
        self.parts: dict[str | Name, Found] = {}
        """Rules by their code, any other part by its name."""
        self.remarks: list[tuple[int, int]] = []
        """When something may be to be remarked, in the order in which parts were reckoned."""

    def when(self, holds: bool, because: Because) -> Timeline:
        return ALWAYS if holds else NEVER

    def during(self, start: int, end: int, *, early: Because, late: Because) -> Timeline:
        return Timeline.within(start, end)

    def throughout(self, bounds: Sequence[Bound], asked: Asked[Leaf]) -> Timeline:
        begins, ends = BEGINNING, FOREVER
        for start, end, _, _ in bounds:
            if start > begins:
                begins = start
            if end < ends:
                ends = end
        return Timeline.within(begins, ends)

    def outside(self, start: int, end: int, because: Because) -> Timeline:
        return Timeline.between(start, end, DENY, ALLOW)

    def give(self, state: State, required: Because, given: Because) -> Timeline:
        return Timeline.constant(state)

    def remark(self, state: Timeline, start: int, end: int, asked: Asked[Leaf], cause: Cause) -> Timeline:
        self.remarks.append((start, end))
        return state

    def recommend(self, met: Callable[[], Timeline], because: Because) -> Timeline:
        self.remarks.append((BEGINNING, FOREVER))
        return ALWAYS

    def span(self, start: int, end: int) -> Timeline:
        return Timeline.within(start, end)

    def explained_by(self, silent: Timeline, refusal: Callable[[], Timeline]) -> Timeline:
        return silent

    def lifted(self, start: int, end: int, unmet: Timeline, because: Because) -> Timeline:
        if unmet.span is None:
            self.remarks.append((start, end))
        else:  # what is met needs no lifting
            self.remarks += ((start, unmet.span[0]), (unmet.span[1], end))
        return Timeline.within(start, end)

    def either_path(self, paths: Sequence[Path[Timeline]]) -> Timeline:
        opened = NEVER
        for opening, entry, beyond in paths:
            entered = opening & entry
            if entered is not NEVER:
                opened |= entered & beyond()
        return opened

    def provided(self, opened: Callable[[], Timeline], narrowing: Callable[[], Timeline]) -> Timeline:
        entered = self._keep(OPENED, opened)
        return entered if entered is NEVER else entered & self._keep(NARROWING, narrowing)

    def among(self, members: Members, state: Timeline) -> Timeline:
        return state

    def beyond(self, members: Members, state: Timeline) -> Timeline:
        return state

    def leaf(self, cases: Cases, asked: Asked[L], reckon: Callable[[View[Timeline], Cases, Asked[L]], Timeline]) -> Timeline:
        return reckon(self, cases, asked)

    def rule(self, cases: Cases, rule: Rule, reckon: Callable[[View[Timeline], Cases, Rule], Timeline]) -> Timeline:
        before = len(self.remarks)
        state = reckon(self, cases, rule)
        self.parts[rule.code] = state, before, len(self.remarks)
        return state

    def part(self, cases: Cases, name: Name, reckon: Callable[[View[Timeline], Cases, A], Timeline], about: A) -> Timeline:
        before = len(self.remarks)
        state = reckon(self, cases, about)
        self.parts[name] = state, before, len(self.remarks)
        return state

    def _keep(self, name: Name, reckon: Callable[[], Timeline]) -> Timeline:
        before = len(self.remarks)
        state = reckon()
        self.parts[name] = state, before, len(self.remarks)
        return state
