"""A state at one instant together with the reasons for it: the carrier that says why."""

from collections.abc import Iterable, Sequence

from qualsvc.kernel import states
from qualsvc.kernel.reasons import Reason, ReasonCode, arrangement, ordered
from qualsvc.kernel.states import ALLOW, DENY, State
from qualsvc.kernel.value import value

# Of two ways to an allow, the one with less to remark is told: qualified before supervised before excepted.
_LOUDNESS: dict[ReasonCode, int] = {
    "expiring_soon": 1,
    "recommended_missing": 1,
    "supervision_given": 1_000,
    "confirmation_given": 1_000,
    "monitored": 1_000_000,
    "waived": 1_000_000,
}


@value()
class Explanation:
    """INVARIANT: `state` is what the other carriers would hold at this instant; reasons never influence it.

    An ALLOW carries remarks only; anything less carries every cause.
    """

    state: State
    reasons: tuple[Reason, ...] = ()

    def __and__(self, other: "Explanation") -> "Explanation":
        if other is ALLOWED:
            return self
        if self is ALLOWED:
            return other
        return Explanation(self.state & other.state, self.reasons + other.reasons)

    def __or__(self, other: "Explanation") -> "Explanation":
        if self is ALLOWED or other is ALLOWED:
            return ALLOWED
        return _either((self, other), self.state | other.state)

    @classmethod
    def at_least(cls, number: int, values: Sequence["Explanation"]) -> "Explanation":
        """n-of; when it is met, the `number` quietest allows speak for it."""
        state = states.at_least(number, [value.state for value in values])
        full = sorted((value for value in values if value.state == ALLOW), key=_quietness)
        if state == ALLOW and len(full) >= number:
            return Explanation(ALLOW, _together(full[:number]))
        return Explanation(state, _together(values))


ALLOWED = Explanation(ALLOW)
"""Nothing in the way, nothing to remark."""
DENIED = Explanation(DENY)
"""Denied without a word."""


def explained(state: State, *reasons: Reason) -> Explanation:
    """A state with its reasons."""
    return Explanation(state, reasons)


def _either(values: Sequence[Explanation], state: State) -> Explanation:
    full = [value for value in values if value.state == ALLOW]
    if full:
        return full[0] if len(full) == 1 else min(full, key=_quietness)
    return Explanation(state, _together(values))


def _together(values: Iterable[Explanation]) -> tuple[Reason, ...]:
    return tuple(reason for value in values for reason in value.reasons)


def _quietness(value: Explanation) -> tuple[int, tuple[object, ...]]:
    reasons = ordered(value.reasons)
    return sum(_LOUDNESS.get(reason.code, 0) for reason in reasons), arrangement(reasons)
