"""A step function of time over states: the answer to a question for every instant at once."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from operator import and_, or_

from qualsvc.kernel import states
from qualsvc.kernel.instants import BEGINNING, FOREVER
from qualsvc.kernel.states import ALLOW, DENY, State


class Timeline:
    """State `values[i]` holds on `[starts[i], starts[i + 1])`, the last one for ever.

    INVARIANT: `starts[0]` is BEGINNING, starts rise strictly, neighbouring values differ, a constant is always the same object.
    So equal functions are equal timelines, and each start but the first is an instant at which something changes.
    """

    __slots__ = ("span", "starts", "values")

    def __init__(self, starts: tuple[int, ...], values: tuple[State, ...], span: tuple[int, int] | None = None) -> None:
        """`span` is the interval in which it is ALLOW, where it is DENY elsewhere, as most conditions are; else None."""
        self.starts = starts
        self.values = values
        self.span = span

    @staticmethod
    def constant(state: State) -> "Timeline":
        """The same state at every instant."""
        return _CONSTANT[state]

    @staticmethod
    def within(start: int, end: int) -> "Timeline":
        """ALLOW on `[start, end)`, DENY elsewhere."""
        if start >= end:
            return NEVER
        if start <= BEGINNING:
            if end >= FOREVER:
                return ALWAYS
            return Timeline((BEGINNING, end), _UP_TO, (BEGINNING, end))
        if end >= FOREVER:
            return Timeline((BEGINNING, start), _FROM, (start, FOREVER))
        return Timeline((BEGINNING, start, end), _WITHIN, (start, end))

    @staticmethod
    def between(start: int, end: int, inside: State = ALLOW, outside: State = DENY) -> "Timeline":
        """`inside` on `[start, end)`, `outside` elsewhere."""
        return Timeline.of_steps(
            [(BEGINNING, outside), (start, inside), (end, outside)] if start < end else [(BEGINNING, outside)]
        )

    @staticmethod
    def of_steps(steps: list[tuple[int, State]]) -> "Timeline":
        """From (instant, state from then on) in rising order; a later step at the same instant wins."""
        starts: list[int] = []
        values: list[State] = []
        for start, value in steps:
            if start >= FOREVER:
                break
            if starts and starts[-1] == start:
                starts.pop()
                values.pop()
            if not values or values[-1] != value:
                starts.append(start)
                values.append(value)
        return _timeline(tuple(starts), tuple(values))

    def at(self, instant: int) -> State:
        """The state at an instant."""
        return self.values[bisect_right(self.starts, instant) - 1]

    def next_change(self, instant: int) -> int | None:
        """The first later instant with another state, or None when it holds for ever."""
        following = bisect_right(self.starts, instant)
        return self.starts[following] if following < len(self.starts) else None

    def stretch(self, instant: int) -> tuple[State, int, int]:
        """The state at an instant, and the interval around it in which it stays."""
        following = bisect_right(self.starts, instant)
        end = self.starts[following] if following < len(self.starts) else FOREVER
        return self.values[following - 1], self.starts[following - 1], end

    def steps(self, start: int, end: int) -> Iterator[tuple[int, State]]:
        """The (first instant, state) of each stretch within `[start, end)`."""
        index = bisect_right(self.starts, start)
        yield start, self.values[index - 1]
        while index < len(self.starts) and self.starts[index] < end:
            yield self.starts[index], self.values[index]
            index += 1

    def map(self, change: Callable[[State], State]) -> "Timeline":
        """The same stretches with another reading of each state."""
        return Timeline.of_steps([(start, change(value)) for start, value in zip(self.starts, self.values, strict=True)])

    def __and__(self, other: "Timeline") -> "Timeline":
        one, another = self.span, other.span
        if one is not None and another is not None:
            (begins, ends), (start, end) = one, another
            if begins >= start:
                return self if ends <= end else Timeline.within(begins, end)
            return other if end <= ends else Timeline.within(start, ends)
        if one is not None:
            return other.clipped(*one)
        if another is not None:
            return self.clipped(*another)
        if self is NEVER or other is NEVER:
            return NEVER
        return combine(and_, self, other)

    def clipped(self, start: int, end: int) -> "Timeline":
        """The same on `[start, end)`, which is not empty; DENY elsewhere."""
        starts, values = self.starts, self.values
        first, last = bisect_right(starts, start), bisect_left(starts, end)
        if first == 1 and start <= BEGINNING and last == len(starts) and end >= FOREVER:
            return self
        starts, values = (start, *starts[first:last]), values[first - 1 : last]
        if start > BEGINNING:
            starts = (BEGINNING, *(starts[1:] if values[0] == DENY else starts))
            values = values if values[0] == DENY else (DENY, *values)
        if end < FOREVER and values[-1] != DENY:
            starts, values = (*starts, end), (*values, DENY)
        return _timeline(starts, values)

    def __or__(self, other: "Timeline") -> "Timeline":
        one, another = self.span, other.span
        if one is not None and another is not None and one[0] <= another[1] and another[0] <= one[1]:
            if one[0] <= another[0] and one[1] >= another[1]:
                return self
            return Timeline.within(min(one[0], another[0]), max(one[1], another[1]))
        if self is NEVER or other is ALWAYS:
            return other
        if other is NEVER or self is ALWAYS:
            return self
        if one is not None and len(other.values) == 1:
            return self._raised(other.values[0])
        if another is not None and len(self.values) == 1:
            return other._raised(self.values[0])
        return combine(or_, self, other)

    def _raised(self, least: State) -> "Timeline":
        """At least this state everywhere, which is neither ALLOW nor DENY; of one that is ALLOW in its span."""
        return Timeline(self.starts, tuple([value | least for value in self.values]))

    @classmethod
    def at_least(cls, number: int, values: Sequence["Timeline"]) -> "Timeline":
        """n-of at every instant."""
        instants = sorted({start for value in values for start in value.starts})
        return Timeline.of_steps(
            [(start, states.at_least(number, [value.at(start) for value in values])) for start in instants]
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Timeline) and self.starts == other.starts and self.values == other.values

    def __hash__(self) -> int:
        return hash((self.starts, self.values))

    def __repr__(self) -> str:
        return f"Timeline({list(zip(self.starts, self.values, strict=True))})"


_CONSTANT = [Timeline((BEGINNING,), (state,), (BEGINNING, FOREVER) if state == ALLOW else None) for state in range(ALLOW + 1)]
ALWAYS = _CONSTANT[ALLOW]
NEVER = _CONSTANT[DENY]
_UP_TO = (ALLOW, DENY)
_FROM = (DENY, ALLOW)
_WITHIN = (DENY, ALLOW, DENY)


def _timeline(starts: tuple[int, ...], values: tuple[State, ...]) -> Timeline:
    if len(values) == 1:
        return _CONSTANT[values[0]]
    if values == _WITHIN:
        return Timeline(starts, values, (starts[1], starts[2]))
    if values == _UP_TO:
        return Timeline(starts, values, (BEGINNING, starts[1]))
    if values == _FROM:
        return Timeline(starts, values, (starts[1], FOREVER))
    return Timeline(starts, values)


def combine(operation: Callable[[State, State], State], left: Timeline, right: Timeline) -> Timeline:
    """Apply an operation at every instant, walking both step functions once."""
    starts: list[int] = []
    values: list[State] = []
    i = j = 0
    count_left, count_right = len(left.starts), len(right.starts)
    instant = BEGINNING
    while True:
        value = operation(left.values[i], right.values[j])
        if not values or values[-1] != value:
            starts.append(instant)
            values.append(value)
        next_left = left.starts[i + 1] if i + 1 < count_left else FOREVER
        next_right = right.starts[j + 1] if j + 1 < count_right else FOREVER
        instant = min(next_left, next_right)
        if instant == FOREVER:
            return _timeline(tuple(starts), tuple(values))
        i += next_left == instant
        j += next_right == instant
