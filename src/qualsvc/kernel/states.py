"""A state: "allowed given nobody / confirmation / supervision / both", as a monotone truth table of four bits.

Bit X of a state says whether the person may operate when the obligations in the set X are discharged; a set is numbered by
CONFIRMATION (1) and SUPERVISION (2). AND is `&`, OR is `|`; nothing else combines states, so nothing worse that goes in
can give something better out.
"""

from typing import Literal

State = int
"""One of the six monotone tables below."""
Discharge = int
"""A set of discharged obligations: 0 nobody, CONFIRMATION, SUPERVISION, or both."""
Decision = Literal["allow", "conditional", "deny"]

DENY: State = 0b0000
BOTH: State = 0b1000
CONFIRMED: State = 0b1010
SUPERVISED: State = 0b1100
EITHER: State = 0b1110
ALLOW: State = 0b1111

NOBODY: Discharge = 0
CONFIRMATION: Discharge = 1
SUPERVISION: Discharge = 2

_NAMES = {CONFIRMATION: "confirmation", SUPERVISION: "supervisor_present"}


def residual(state: State, discharged: Discharge) -> State:
    """The table left once `discharged` is given: r[X] = s[D ∪ X].

    Each bit of the result is a bit of `state`, so this commutes with `&` and `|`.
    """
    return sum(((state >> (discharged | given)) & 1) << given for given in range(4))


RESIDUALS: tuple[tuple[State, ...], ...] = tuple(tuple(residual(s, d) for d in range(4)) for s in range(16))
"""`RESIDUALS[state][discharged]`, for the path that asks often."""


def decision(left: State) -> Decision:
    """What a residual means for whoever asks."""
    if left == ALLOW:
        return "allow"
    return "deny" if left == DENY else "conditional"


def obligations(left: State) -> tuple[tuple[str, ...], ...]:
    """The minimal sets of obligations that would make a conditional answer an allow; empty for allow and deny."""
    if left in (ALLOW, DENY):
        return ()
    if left == BOTH:
        return (("confirmation", "supervisor_present"),)
    return tuple((name,) for given, name in _NAMES.items() if (left >> given) & 1)


def at_least(number: int, states: list[State]) -> State:
    """n-of for states."""
    full = states.count(ALLOW)
    if full >= number:
        return ALLOW
    if full + states.count(DENY) == len(states):
        return DENY
    reached = [ALLOW] + [DENY] * number  # reached[n]: n of those seen so far
    for state in states:
        for n in range(number, 0, -1):
            reached[n] |= reached[n - 1] & state
    return reached[number]
