"""A step function of time over states: the answer to a question for every instant at once."""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from operator import and_, or_
from typing import Self

from qualsvc.kernel import states
from qualsvc.kernel.instants import BEGINNING, FOREVER
from qualsvc.kernel.states import ALLOW, DENY, State


class Timeline:
    """State `values[i]` holds on `[starts[i], starts[i + 1])`, the last one for ever.

    INVARIANT: `starts[0]` is BEGINNING, starts rise strictly, neighbouring values differ. So equal functions are equal
    timelines, and each start but the first is an instant at which something changes.
    """

    __slots__ = ("span", "starts", "values")

    def __init__(self, starts: tuple[int, ...], values: tuple[State, ...], span: tuple[int, int] | None = None) -> None:
        """`span` is the interval in which it is ALLOW, where it is DENY elsewhere and was made so; most conditions are."""
        self.starts = starts
        self.values = values
        self.span = span

    @classmethod
    def constant(cls, state: State) -> Self:
        """The same state at every instant."""
        return cls((BEGINNING,), (state,), (BEGINNING, FOREVER) if state == ALLOW else None)

    @classmethod
    def within(cls, start: int, end: int) -> Self:
        """ALLOW on `[start, end)`, DENY elsewhere."""
        if start >= end:
            return cls((BEGINNING,), (DENY,))
        if start <= BEGINNING:
            if end >= FOREVER:
                return cls((BEGINNING,), (ALLOW,), (BEGINNING, FOREVER))
            return cls((BEGINNING, end), (ALLOW, DENY), (BEGINNING, end))
        if end >= FOREVER:
            return cls((BEGINNING, start), (DENY, ALLOW), (start, FOREVER))
        return cls((BEGINNING, start, end), (DENY, ALLOW, DENY), (start, end))

    @classmethod
    def between(cls, start: int, end: int, inside: State = ALLOW, outside: State = DENY) -> Self:
        """`inside` on `[start, end)`, `outside` elsewhere."""
        return cls.of_steps([(BEGINNING, outside), (start, inside), (end, outside)] if start < end else [(BEGINNING, outside)])

    @classmethod
    def of_steps(cls, steps: list[tuple[int, State]]) -> Self:
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
        return cls(tuple(starts), tuple(values))

    def at(self, instant: int) -> State:
        """The state at an instant."""
        return self.values[bisect_right(self.starts, instant) - 1]

    def next_change(self, instant: int) -> int | None:
        """The first later instant with another state, or None when it holds for ever."""
        following = bisect_right(self.starts, instant)
        return self.starts[following] if following < len(self.starts) else None

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
            if one[0] >= another[0] and one[1] <= another[1]:
                return self
            if another[0] >= one[0] and another[1] <= one[1]:
                return other
            return Timeline.within(max(one[0], another[0]), min(one[1], another[1]))
        if self.values == (ALLOW,) or other.values == (DENY,):
            return other
        if other.values == (ALLOW,) or self.values == (DENY,):
            return self
        return combine(and_, self, other)

    def __or__(self, other: "Timeline") -> "Timeline":
        one, another = self.span, other.span
        if one is not None and another is not None and one[0] <= another[1] and another[0] <= one[1]:
            if one[0] <= another[0] and one[1] >= another[1]:
                return self
            return Timeline.within(min(one[0], another[0]), max(one[1], another[1]))
        if self.values == (DENY,) or other.values == (ALLOW,):
            return other
        if other.values == (DENY,) or self.values == (ALLOW,):
            return self
        return combine(or_, self, other)

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
            return Timeline(tuple(starts), tuple(values))
        i += next_left == instant
        j += next_right == instant
