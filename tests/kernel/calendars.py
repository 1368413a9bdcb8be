"""`python -m tests.kernel.calendars`: the beginnings of dates in every zone, at every change of its clocks, both ways.

Exit 1 where the kernel's calendar and the reader of TZif files differ.
"""

import sys
import time
from collections.abc import Iterable, Iterator

from qualsvc.kernel.calendar import LocalCalendar
from qualsvc.zones import load, names
from tests.reference.clocks import DAY_SECONDS, EPOCH_ORDINAL, SECOND, begins, clock, date_at
from tests.reference.documents import LAST_DATE

_PLAIN_DAYS = (700_000, 719_163, 739_941, 800_000, LAST_DATE - 1)  # far from any change, and past the last one listed
_LATER = range(2_200_000_000, 6_000_000_000, 40_000_000)


def changes(zone: str) -> list[int]:
    """The seconds at which clocks change, and some by which they have."""
    return [t for t in clock(zone).changes if t > -(10**11)] + list(_LATER)


def differences(zone: str, seconds: Iterable[int]) -> Iterator[str]:
    """What the kernel reads otherwise near these seconds."""
    calendar = LocalCalendar(load(zone))
    for second in seconds:
        day = second // DAY_SECONDS + EPOCH_ORDINAL
        for near in range(day - 1, day + 3):
            if calendar.begins(near) != begins(zone, near):
                yield f"{zone}: date {near} begins at {calendar.begins(near)}, expected {begins(zone, near)}"
        instants = {second * SECOND + shift for shift in (-1, 0, 1)} | {begins(zone, day + 1) + shift for shift in (-1, 0, 1)}
        for t in instants:
            if calendar.date_at(t) != date_at(zone, t):
                yield f"{zone}: at {t} it is {calendar.date_at(t)}, expected {date_at(zone, t)}"
    for day in _PLAIN_DAYS:
        if calendar.begins(day) != begins(zone, day) or calendar.ends(day) != begins(zone, day + 1):
            yield f"{zone}: date {day} begins or ends otherwise"


def main() -> int:
    """Sweep all zones."""
    started, wrong, points = time.monotonic(), 0, 0
    for zone in sorted(names()):
        seconds = changes(zone)
        points += len(seconds)
        for line in differences(zone, seconds):
            wrong += 1
            sys.stdout.write(line + "\n")
    spent = time.monotonic() - started
    sys.stdout.write(f"{len(names())} zones, {points:,} changes, {wrong} differences, {spent:.0f} s\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
