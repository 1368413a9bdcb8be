"""Conditions at one instant, with the reasons: the view that says why."""

# ruff: noqa: ARG002 -- a part that is known needs nothing else
# ruff: noqa: PLR1730 -- this is asked for each condition of each ask, and a comparison is cheaper than a call

from collections.abc import Callable, Sequence
from typing import TypeVar

from qualsvc.kernel.case import Cases
from qualsvc.kernel.causes import Asked, Bound, Cause, told
from qualsvc.kernel.explanation import ALLOWED, DENIED, Explanation, explained
from qualsvc.kernel.facts import Rule
from qualsvc.kernel.instants import BEGINNING, FOREVER
from qualsvc.kernel.planes import Members
from qualsvc.kernel.reasons import Because, completed, ordered
from qualsvc.kernel.requirements import Leaf
from qualsvc.kernel.states import ALLOW, DENY, NOBODY, RESIDUALS, Discharge, State
from qualsvc.kernel.timelines import NARROWING, OPENED, Timelines
from qualsvc.kernel.view import Name, Path, View

A = TypeVar("A")
L = TypeVar("L", bound=Leaf)


class Explanations:
    """Conditions at one instant, with reasons; obligations already discharged count as given.

    INVARIANT: all that was explained by this view would be the same at each instant in `[same_from, same_until)`, since
    conditions look at time through their view alone.
    """

    def __init__(self, instant: int, discharged: Discharge = NOBODY, found: Timelines | None = None) -> None:
        """`found` are the timelines of the very case at this instant: what allows without a word is not gone into again."""
        self.instant = instant
        self.discharged = discharged
        self._found = found
        self.same_from = BEGINNING if found is None else found.same_from
        self.same_until = FOREVER if found is None else found.same_until

    def _within(self, start: int, end: int) -> bool:
        """Whether the instant lies in `[start, end)`; what is made here is the same only for as long as that is."""
        instant = self.instant
        if instant < start:
            if start < self.same_until:
                self.same_until = start
            if instant >= end > self.same_from:
                self.same_from = end
            return False
        if start > self.same_from:
            self.same_from = start
        if instant < end:
            if end < self.same_until:
                self.same_until = end
            return True
        if end > self.same_from:
            self.same_from = end
        return False

    def when(self, holds: bool, because: Because) -> Explanation:
        return ALLOWED if holds else explained(DENY, because())

    def during(self, start: int, end: int, *, early: Because, late: Because) -> Explanation:
        if self._within(start, end):
            return ALLOWED
        if self.instant >= end:
            return explained(DENY, completed(late(), since=end))
        return explained(DENY, completed(early(), until=start if start < FOREVER else None))

    def throughout(self, bounds: Sequence[Bound], asked: Asked[Leaf]) -> Explanation:
        reasons = []
        for start, end, early, late in bounds:
            if not self._within(start, end):
                if self.instant >= end:
                    reasons.append(completed(told(asked, late), since=end))
                else:
                    reasons.append(completed(told(asked, early), until=start if start < FOREVER else None))
        return explained(DENY, *reasons) if reasons else ALLOWED

    def outside(self, start: int, end: int, because: Because) -> Explanation:
        if self._within(start, end):
            since, until = start if start > BEGINNING else None, end if end < FOREVER else None
            return explained(DENY, completed(because(), since=since, until=until))
        return ALLOWED

    def give(self, state: State, required: Because, given: Because) -> Explanation:
        left = RESIDUALS[state][self.discharged]
        return explained(left, given() if left == ALLOW else required())

    def remark(self, state: Explanation, start: int, end: int, asked: Asked[Leaf], cause: Cause) -> Explanation:
        if not self._within(start, end):
            return state
        return state & explained(ALLOW, completed(told(asked, cause), until=end))

    def recommend(self, met: Callable[[], Explanation], because: Because) -> Explanation:
        unmet = met()
        if unmet.state == ALLOW:
            return ALLOWED
        return explained(ALLOW, completed(because(), causes=ordered(unmet.reasons)))

    def span(self, start: int, end: int) -> Explanation:
        return ALLOWED if self._within(start, end) else DENIED

    def explained_by(self, silent: Explanation, refusal: Callable[[], Explanation]) -> Explanation:
        return refusal() if silent.state == DENY else silent

    def lifted(self, start: int, end: int, unmet: Explanation, because: Because) -> Explanation:
        if not self._within(start, end):
            return DENIED
        until = end if end < FOREVER else None
        return explained(ALLOW, completed(because(), until=until, causes=ordered(unmet.reasons)))

    def either_path(self, paths: Sequence[Path[Explanation]]) -> Explanation:
        """While some path can be entered, one that cannot says only that: what lies behind it would be noise."""
        there = [(entry, beyond) for opening, entry, beyond in paths if opening.state == ALLOW]
        some_entered = any(entry.state != DENY for entry, _ in there)
        opened = DENIED
        for entry, beyond in there:
            opened |= entry if some_entered and entry.state == DENY else entry & beyond()
        return opened

    def provided(self, opened: Callable[[], Explanation], narrowing: Callable[[], Explanation]) -> Explanation:
        entered = ALLOWED if self._is_silent(OPENED) else opened()
        return entered if self._is_silent(NARROWING) else entered & narrowing()

    def among(self, members: Members, state: Explanation) -> Explanation:
        return state

    def beyond(self, members: Members, state: Explanation) -> Explanation:
        return state

    def leaf(
        self, cases: Cases, asked: Asked[L], reckon: Callable[[View[Explanation], Cases, Asked[L]], Explanation]
    ) -> Explanation:
        return reckon(self, cases, asked)

    def rule(self, cases: Cases, rule: Rule, reckon: Callable[[View[Explanation], Cases, Rule], Explanation]) -> Explanation:
        return ALLOWED if self._is_silent(rule.code) else reckon(self, cases, rule)

    def part(
        self, cases: Cases, name: Name, reckon: Callable[[View[Explanation], Cases, A], Explanation], about: A
    ) -> Explanation:
        return ALLOWED if self._is_silent(name) else reckon(self, cases, about)

    def _is_silent(self, part: str | Name) -> bool:
        """Whether the part is known to allow here with nothing to remark."""
        timeline = None if self._found is None else self._found.silent.get(part)
        if timeline is None:
            return False
        state, begins, ends = timeline.stretch(self.instant)
        if state != ALLOW:
            return False
        if begins > self.same_from:
            self.same_from = begins
        if ends < self.same_until:
            self.same_until = ends
        return True
