"""The lease by itself, over a hand-moved clock."""

import pytest

from qualsvc.replica.lease import Lease, Sighting


class StillClock:
    """Clocks that stand until they are set."""

    def __init__(self) -> None:
        self.elapsed = 1000.0
        self.time = 1_800_000_000_000_000

    def wall(self) -> int:
        return self.time

    def monotonic(self) -> float:
        return self.elapsed


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


def renewed(clock: StillClock, *, round_trip: float = 0.0, ahead: int = 0) -> Lease:
    """A lease of 10 s renewed by a head asked for `round_trip` seconds ago, the database's clock `ahead` µs of ours."""
    lease = Lease(clock, 10)
    lease.renew(Sighting(clock.elapsed - round_trip, clock.elapsed, clock.time + ahead, 1), on_record=True)
    return lease


def test_never_renewed(clock: StillClock) -> None:
    """Before the first sighting nothing is fresh."""
    lease = Lease(clock, 10)
    assert (False, float("inf"), 0) == (lease.fresh(), lease.age(), lease.skew(clock.time))


def test_runs_out(clock: StillClock) -> None:
    """A lease of ten seconds holds for ten seconds and no more."""
    lease = renewed(clock)
    clock.elapsed += 10
    assert lease.fresh()
    clock.elapsed += 0.001
    assert not lease.fresh()


def test_counts_from_the_asking(clock: StillClock) -> None:
    """The time the database took to answer is part of the age."""
    lease = renewed(clock, round_trip=4)
    clock.elapsed += 6.001
    assert not lease.fresh()


def test_wall_clock_does_not_matter(clock: StillClock) -> None:
    """Stepping the wall clock neither lengthens nor shortens a lease."""
    lease = renewed(clock)
    clock.time += 10**12
    assert lease.fresh()
    clock.elapsed += 11
    clock.time -= 10**13
    assert not lease.fresh()


@pytest.mark.parametrize("ahead", [-3_000_000, -1, 0, 1, 3_000_000])
def test_skew(clock: StillClock, ahead: int) -> None:
    """The skew is what our clock is off the database's, positive when ours is ahead, to the microsecond."""
    assert -ahead == renewed(clock, ahead=ahead).skew(clock.time)


def test_skew_as_time_passes(clock: StillClock) -> None:
    """While both clocks go alike, their skew stays what it was."""
    lease = renewed(clock, ahead=-500_000)
    clock.elapsed += 5
    clock.time += 5_000_000
    assert 500_000 == lease.skew(clock.time)


def test_skew_within_the_round_trip(clock: StillClock) -> None:
    """What may have been the travelling time of the answer is not held against the clock."""
    assert [0, 0, 1] == [renewed(clock, round_trip=1, ahead=ahead).skew(clock.time) for ahead in (0, -1_000_000, -1_000_001)]


def test_a_slow_answer_tells_less_of_the_clock(clock: StillClock) -> None:
    """A clock that a quick sighting showed to be wrong is not taken for right because a slow one leaves that open."""
    lease = renewed(clock, ahead=-6_000_000)
    clock.elapsed += 5
    clock.time += 5_000_000
    lease.renew(Sighting(clock.elapsed - 4.9, clock.elapsed, clock.time - 6_000_000, 1), on_record=True)
    assert 6_000_000 == lease.skew(clock.time)
    clock.elapsed += 5
    clock.time += 5_000_000
    lease.renew(Sighting(clock.elapsed - 0.001, clock.elapsed, clock.time, 1), on_record=True)
    assert abs(lease.skew(clock.time)) <= 1000, "the database's clock was set, and a quick one shows it"
