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
OPENED: Name = ("opened",)
NARROWING: Name = ("narrowing",)


class Timelines:
    """Conditions as step functions of time; reasons are never made. Good for one case.

    For whoever explains it at `instant` it keeps of each part what it is worth, and whether there is something to remark on it
    then: where it allows and nothing is to be remarked, there is nothing to be said of it.

    INVARIANT: what there is to remark is the same at each instant in `[same_from, same_until)`.
    """

    def __init__(self, instant: int = BEGINNING) -> None:
        self.instant = instant
        self.silent: dict[str | Name, Timeline] = {}
        """Parts on which there is nothing to remark; rules by their code, any other part by its name."""
        self.same_from = BEGINNING
        self.same_until = FOREVER
        self._remarks = 0

    def _may_remark(self, start: int, end: int) -> None:
        if self.instant < start:
            if start < self.same_until:
                self.same_until = start
        elif self.instant >= end:
            if end > self.same_from:
                self.same_from = end
        else:
            self._remarks += 1

    def when(self, holds: bool, because: Because) -> Timeline:
        return ALWAYS if holds else NEVER

    def during(self, start: int, end: int, *, early: Because, late: Because) -> Timeline:
        return Timeline.within(start, end)

    def throughout(self, bounds: Sequence[Bound], asked: Asked[Leaf]) -> Timeline:
        begins, ends = bounds[0][0], bounds[0][1]
        for start, end, _, _ in bounds[1:] if len(bounds) > 1 else ():
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
        self._may_remark(start, end)
        return state

    def recommend(self, met: Callable[[], Timeline], because: Because) -> Timeline:
        self._remarks += 1
        return ALWAYS

    def span(self, start: int, end: int) -> Timeline:
        return Timeline.within(start, end)

    def explained_by(self, silent: Timeline, refusal: Callable[[], Timeline]) -> Timeline:
        return silent

    def lifted(self, start: int, end: int, unmet: Timeline, because: Because) -> Timeline:
        state, begins, ends = unmet.stretch(self.instant)
        if state != ALLOW:
            self._may_remark(start, end)
        else:  # what is met needs no lifting, for as long as it is met
            self.same_from = max(self.same_from, begins)
            self.same_until = min(self.same_until, ends)
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
        before = self._remarks
        state = reckon(self, cases, rule)
        if self._remarks == before:
            self.silent[rule.code] = state
        return state

    def part(self, cases: Cases, name: Name, reckon: Callable[[View[Timeline], Cases, A], Timeline], about: A) -> Timeline:
        before = self._remarks
        state = reckon(self, cases, about)
        if self._remarks == before:
            self.silent[name] = state
        return state

    def _keep(self, name: Name, reckon: Callable[[], Timeline]) -> Timeline:
        before = self._remarks
        state = reckon()
        if self._remarks == before:
            self.silent[name] = state
        return state
