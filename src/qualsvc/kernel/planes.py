"""Sets of persons at one instant: a truth table for each of them, held as one bit set for each row of the table."""

from collections.abc import Callable, Sequence

from qualsvc.kernel.states import Discharge, State

Members = int
"""A set of persons, a bit for each; of one person alone it is always 1."""


class Planes:
    """Plane X has the bit of each person who may when the obligations in X are discharged, as bit X of their state does.

    INVARIANT: what more is given never allows less, so the first plane lies within all others and the last holds them all.
    """

    __slots__ = ("both", "confirmed", "nobody", "supervised")

    def __init__(self, nobody: Members, confirmed: Members, supervised: Members, both: Members) -> None:
        self.nobody = nobody
        self.confirmed = confirmed
        self.supervised = supervised
        self.both = both

    @classmethod
    def flat(cls, allowed: Members) -> "Planes":
        """ALLOW for these, DENY for all others."""
        return cls(allowed, allowed, allowed, allowed)

    @classmethod
    def alike(cls, state: State, everyone: Members) -> "Planes":
        """The same state for everyone."""
        return cls(*(everyone if state >> given & 1 else 0 for given in range(4)))

    @property
    def allowed(self) -> Members:
        """Who may as it is."""
        return self.nobody

    @property
    def conditional(self) -> Members:
        """Who may if some obligation, or both, are discharged, and not as it is."""
        return self.both ^ self.nobody

    def given(self, discharged: Discharge) -> Members:
        """Who may when so much is discharged."""
        return (self.nobody, self.confirmed, self.supervised, self.both)[discharged]

    def state(self, bit: int) -> State:
        """The state of the person at a bit."""
        return sum((self.given(discharged) >> bit & 1) << discharged for discharged in range(4))

    def __and__(self, other: "Planes") -> "Planes":
        # Most conditions hold or do not, whatever is given: one operation then serves all four planes.
        if self.nobody is self.both and other.nobody is other.both:
            return Planes.flat(self.nobody & other.nobody)
        return Planes(
            self.nobody & other.nobody,
            self.confirmed & other.confirmed,
            self.supervised & other.supervised,
            self.both & other.both,
        )

    def __or__(self, other: "Planes") -> "Planes":
        if self.nobody is self.both and other.nobody is other.both:
            return Planes.flat(self.nobody | other.nobody)
        return Planes(
            self.nobody | other.nobody,
            self.confirmed | other.confirmed,
            self.supervised | other.supervised,
            self.both | other.both,
        )

    @classmethod
    def at_least(cls, number: int, values: Sequence["Planes"]) -> "Planes":
        """n-of for everyone at once, in about `number` times as many steps as there are values."""
        if all(value.nobody is value.both for value in values):
            return cls.flat(_counted(number, values, _nobody))
        return cls(*(_counted(number, values, plane) for plane in (_nobody, _confirmed, _supervised, _both)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Planes) and all(self.given(discharged) == other.given(discharged) for discharged in range(4))

    def __hash__(self) -> int:
        return hash((self.nobody, self.confirmed, self.supervised, self.both))

    def __repr__(self) -> str:
        return f"Planes({self.nobody:#b}, {self.confirmed:#b}, {self.supervised:#b}, {self.both:#b})"


def _nobody(planes: Planes) -> Members:
    return planes.nobody


def _confirmed(planes: Planes) -> Members:
    return planes.confirmed


def _supervised(planes: Planes) -> Members:
    return planes.supervised


def _both(planes: Planes) -> Members:
    return planes.both


def _counted(number: int, values: Sequence[Planes], plane: Callable[[Planes], Members]) -> Members:
    """Who is in at least `number` of the sets. Place n of `reached` holds who was in more than n of those seen so far."""
    reached = [0] * number
    for value in values:
        members = plane(value)
        for place in range(number - 1, 0, -1):
            reached[place] |= reached[place - 1] & members
        reached[0] |= members
    return reached[-1]
