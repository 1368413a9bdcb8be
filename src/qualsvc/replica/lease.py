"""How long what we know may still be answered from, and whether our clock can be believed."""

from dataclasses import dataclass

from qualsvc.clocks import Clock

MAX_SKEW = 2_000_000
"""Microseconds this host's wall clock may be off the database's."""

_DRIFT = 0.001
"""Seconds by which two clocks may go apart in a second. A slow answer tells less of the other clock than a quick one before."""


class NotFreshError(Exception):
    """No answer may be given now; `code` is the contract's, the text says why."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Sighting:
    """The database's head as once seen: asked and answered at these monotonic seconds, its clock in microseconds."""

    asked: float
    answered: float
    database_wall: int
    revision: int


class Lease:
    """Freshness proved by seeing the head revision that we hold; it runs out by itself.

    Counted from the moment the head was asked for, since it may have moved while the answer travelled. Only a sighting that
    is on record renews it, by which others know how long we may answer; any sighting shows how old our knowledge is.
    """

    def __init__(self, clock: Clock, max_staleness_s: float) -> None:
        self._clock = clock
        self._max_staleness_s = max_staleness_s
        self._seen: Sighting | None = None
        self._timed: Sighting | None = None
        self._renewed = float("-inf")

    def renew(self, seen: Sighting, *, on_record: bool) -> None:
        """Everything up to `seen.revision` is held."""
        self._seen = seen
        if self._timed is None or seen.answered - seen.asked <= self._blur(self._timed, seen.answered):
            self._timed = seen
        if on_record:
            self._renewed = seen.asked

    @staticmethod
    def _blur(seen: Sighting, now: float) -> float:
        """Seconds by which a sighting leaves the database's clock open: it travelled, and since then clocks went apart."""
        return seen.answered - seen.asked + (now - seen.answered) * _DRIFT

    def age(self) -> float:
        """Seconds since what is held was known to be all there is; infinite before the first time."""
        return float("inf") if self._seen is None else self._clock.monotonic() - self._seen.asked

    def silence(self) -> float:
        """Seconds since others last knew of us; infinite before the first time."""
        return self._clock.monotonic() - self._renewed

    def age_ms(self, elapsed: float) -> int:
        """`age` in whole milliseconds at these monotonic seconds, once anything was seen."""
        assert self._seen is not None, "nothing was seen yet"
        return int((elapsed - self._seen.asked) * 1000)

    def fresh(self, elapsed: float | None = None) -> bool:
        """Whether answers may be given, at these monotonic seconds, or now."""
        now = self._clock.monotonic() if elapsed is None else elapsed
        return now - self._renewed <= self._max_staleness_s

    def skew(self, wall: int, elapsed: float | None = None) -> int:
        """Microseconds by which a wall clock that shows this now (or at these monotonic seconds) is off the database's.

        For certain: 0 within what a round trip blurs, and before the first sighting.

        Reckoned at every ask from the time that passed since, so a step of the wall clock shows at once.
        """
        seen = self._timed
        if seen is None:
            return 0
        if elapsed is None:
            elapsed = self._clock.monotonic()
        ahead = wall - seen.database_wall
        earliest = int((elapsed - seen.answered) * 1e6)
        if ahead < earliest:
            return ahead - earliest
        latest = int((elapsed - seen.asked) * 1e6)
        return ahead - latest if ahead > latest else 0
