"""The primitives every condition is written with, for any carrier.

A condition (a certificate in date, an assignment in force, a gate) is stated once, through a `View`. `Timelines` makes of it
a step function of time; `Explanations` makes of it a state at one instant together with the reasons for it.
"""

# ruff: noqa: ARG002 -- timelines have no use for the causes that explanations are made of
# ruff: noqa: PLR1730 -- this is asked for each condition of each ask, and a comparison is cheaper than a call

from bisect import bisect_right
from collections.abc import Callable, Hashable, Sequence
from typing import Protocol, TypeVar

from qualsvc.kernel.algebra import Carrier
from qualsvc.kernel.case import Cases
from qualsvc.kernel.explanation import ALLOWED, DENIED, Explanation, explained
from qualsvc.kernel.facts import Rule
from qualsvc.kernel.instants import BEGINNING, FOREVER
from qualsvc.kernel.planes import Members
from qualsvc.kernel.reasons import Because, Reason, completed, ordered
from qualsvc.kernel.requirements import LEAVES
from qualsvc.kernel.states import ALLOW, DENY, NOBODY, RESIDUALS, Discharge, State
from qualsvc.kernel.timeline import ALWAYS, NEVER, Timeline

C = TypeVar("C")
T = TypeVar("T", bound=Carrier)
Bound = tuple[int, int, C, C]
"""The interval `[start, end)`, what is wrong before it, and what after it."""
Path = tuple[T, T, Callable[[], T]]
"""A path's state is the AND of: is it open at all, may it be entered, what lies beyond."""


def never(cause: C) -> Bound[C]:
    """A bound that nothing lies within, for the one cause."""
    return FOREVER, FOREVER, cause, cause


class View(Protocol[T]):
    """How a carrier holds conditions."""

    def when(self, holds: bool, because: Because) -> T:
        """ALLOW if it holds (whatever the time), else DENY because of that."""
        ...

    def during(self, start: int, end: int, *, early: Because, late: Because) -> T:
        """ALLOW within `[start, end)`; before it DENY for `early`, after it for `late`."""
        ...

    def throughout(self, bounds: Sequence[Bound[C]], told: Callable[[C], Reason]) -> T:
        """ALLOW within all the bounds; elsewhere DENY for each that is missed."""
        ...

    def outside(self, start: int, end: int, because: Because) -> T:
        """DENY within `[start, end)` because of that, ALLOW elsewhere."""
        ...

    def give(self, state: State, required: Because, given: Because) -> T:
        """A constant state short of ALLOW; `required` says what it still asks for, `given` that it was discharged."""
        ...

    def remark(self, state: T, start: int, end: int, because: Because) -> T:
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

    def once(self, cases: Cases, what: Hashable, reckon: Callable[[], T]) -> T:
        """`reckon()`, of which it may be remembered what a rule, a leaf or any other part is worth.

        A rule or a leaf is looked up by all of the place that it looks at; any other part must look at its calendar only.
        """
        ...


_Found = tuple[Timeline, int, int]
"""A part of the formula, and its slice of the remarks."""
_LASTING = frozenset((Rule, *LEAVES))
"""Parts that are known by which object they are, for they take long to hash: a snapshot keeps its rules, a rule its leaves."""


class Timelines:
    """Conditions as step functions of time; reasons are never made. Good for one case.

    It keeps of each part what it is worth when, and when there may be something to remark on it: where it allows and nothing
    is to be remarked, there is nothing to be said of it.
    """

    def __init__(self) -> None:
        self.found: dict[Hashable, _Found] = {}
        self.remarks: list[tuple[int, int]] = []

    def when(self, holds: bool, because: Because) -> Timeline:
        return ALWAYS if holds else NEVER

    def during(self, start: int, end: int, *, early: Because, late: Because) -> Timeline:
        return Timeline.within(start, end)

    def throughout(self, bounds: Sequence[Bound[C]], told: Callable[[C], Reason]) -> Timeline:
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

    def remark(self, state: Timeline, start: int, end: int, because: Because) -> Timeline:
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
        entered = self._keep("opened", opened)
        return entered if entered is NEVER else entered & self._keep("narrowing", narrowing)

    def among(self, members: Members, state: Timeline) -> Timeline:
        return state

    def beyond(self, members: Members, state: Timeline) -> Timeline:
        return state

    def once(self, cases: Cases, what: Hashable, reckon: Callable[[], Timeline]) -> Timeline:
        before = len(self.remarks)
        found = reckon()
        self.found[id(what) if what.__class__ in _LASTING else what] = found, before, len(self.remarks)
        return found

    def _keep(self, part: Hashable, reckon: Callable[[], Timeline]) -> Timeline:
        before = len(self.remarks)
        found = reckon()
        self.found[part] = found, before, len(self.remarks)
        return found


class Explanations:
    """Conditions at one instant, with reasons; obligations already discharged count as given.

    INVARIANT: all that was explained by this view would be the same at each instant in `[same_from, same_until)`, since
    conditions look at time through their view alone.
    """

    def __init__(self, instant: int, discharged: Discharge = NOBODY, found: Timelines | None = None) -> None:
        """`found` are the timelines of the very case."""
        self.instant = instant
        self.discharged = discharged
        self._found = found
        self.same_from = BEGINNING
        self.same_until = FOREVER

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

    def throughout(self, bounds: Sequence[Bound[C]], told: Callable[[C], Reason]) -> Explanation:
        reasons = []
        for start, end, early, late in bounds:
            if not self._within(start, end):
                if self.instant >= end:
                    reasons.append(completed(told(late), since=end))
                else:
                    reasons.append(completed(told(early), until=start if start < FOREVER else None))
        return explained(DENY, *reasons) if reasons else ALLOWED

    def outside(self, start: int, end: int, because: Because) -> Explanation:
        if self._within(start, end):
            since, until = start if start > BEGINNING else None, end if end < FOREVER else None
            return explained(DENY, completed(because(), since=since, until=until))
        return ALLOWED

    def give(self, state: State, required: Because, given: Because) -> Explanation:
        left = RESIDUALS[state][self.discharged]
        return explained(left, given() if left == ALLOW else required())

    def remark(self, state: Explanation, start: int, end: int, because: Because) -> Explanation:
        return state & explained(ALLOW, completed(because(), until=end)) if self._within(start, end) else state

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
        return self._told("opened", opened) & self._told("narrowing", narrowing)

    def among(self, members: Members, state: Explanation) -> Explanation:
        return state

    def beyond(self, members: Members, state: Explanation) -> Explanation:
        return state

    def once(self, cases: Cases, what: Hashable, reckon: Callable[[], Explanation]) -> Explanation:
        return self._told(id(what) if what.__class__ in _LASTING else what, reckon)

    def _told(self, part: Hashable, reckon: Callable[[], Explanation]) -> Explanation:
        """ALLOWED where the part is known to allow here with nothing to remark."""
        known = None if self._found is None else self._found.found.get(part)
        return ALLOWED if known is not None and self._is_silent(*known) else reckon()

    def _is_silent(self, known: Timeline, first: int, last: int) -> bool:
        assert self._found is not None
        instant, since = self.instant, bisect_right(known.starts, self.instant)
        if known.values[since - 1] != ALLOW:
            return False
        begins, ends = known.starts[since - 1], known.starts[since] if since < len(known.starts) else FOREVER
        for start, end in self._found.remarks[first:last]:
            if instant < start:
                ends = min(ends, start)
            elif instant >= end:
                begins = max(begins, end)
            else:
                return False
        self._within(begins, ends)
        return True
