"""The two clocks of a process, behind one seam so that tests can move them."""

import time
from typing import Protocol


class Clock(Protocol):
    """Wall time for people, monotonic time for leases."""

    def wall(self) -> int:
        """Microseconds since the Unix epoch, as the host believes; may be stepped at any moment."""
        ...

    def monotonic(self) -> float:
        """Seconds that only ever pass, also while the machine sleeps where the system can tell."""
        ...


_ELAPSED = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class SystemClock:
    """The host's clocks."""

    def wall(self) -> int:
        return time.time_ns() // 1000

    def monotonic(self) -> float:
        return time.clock_gettime(_ELAPSED)
