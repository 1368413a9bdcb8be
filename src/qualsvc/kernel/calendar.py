"""When a local date begins: the bridge from inclusive dates to half-open intervals of instants.

Date d begins at the least instant whose local date is at or after d. So a date that a zone skipped begins together with the
next one, and clocks falling back over midnight do not begin a date twice.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, tzinfo

from qualsvc.kernel.instants import BEGINNING, DAY, EPOCH_ORDINAL, FOREVER, LAST_ORDINAL, MICROSECONDS

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)
# Offsets are asked for inside datetime's range only; zones do not change in the outermost days of it.
_SAFE_FIRST = (2 - EPOCH_ORDINAL) * DAY
_SAFE_LAST = (LAST_ORDINAL - 1 - EPOCH_ORDINAL) * DAY
_REMEMBERED = 50_000


class _Remembering(dict[int | None, int]):
    """What a function makes of dates: a look into a dictionary, for dates are asked for several times in each condition."""

    def __init__(self, find: Callable[[int | None], int]) -> None:
        self._find = find

    def __missing__(self, ordinal: int | None) -> int:
        if len(self) >= _REMEMBERED:
            self.clear()
        known = self[ordinal] = self._find(ordinal)
        return known


class LocalCalendar:
    """The dates of one time zone. Remembers what it computed; a zone's rules never change while a process runs."""

    __slots__ = ("begins", "ends", "zone")

    def __init__(self, zone: tzinfo) -> None:
        self.zone = zone
        self.begins: Callable[[int | None], int] = _Remembering(self._begins).__getitem__
        """The instant from which date `ordinal` counts; an open lower bound (`None`) has always begun."""
        self.ends: Callable[[int | None], int] = _Remembering(self._ends).__getitem__
        """The instant up to which date `ordinal` counts; open for `None`, 9999-12-31 and anything later."""

    def _begins(self, ordinal: int | None) -> int:
        return BEGINNING if ordinal is None else self._find(ordinal)

    def _ends(self, ordinal: int | None) -> int:
        return FOREVER if ordinal is None or ordinal >= LAST_ORDINAL else self.begins(ordinal + 1)

    def date_at(self, instant: int) -> int:
        """The greatest date that has begun at `instant`."""
        local = instant + self._offset(instant)
        ordinal = min(max(local // DAY + EPOCH_ORDINAL, 1), LAST_ORDINAL)
        while ordinal < LAST_ORDINAL and self.begins(ordinal + 1) <= instant:
            ordinal += 1
        return ordinal

    def _offset(self, instant: int) -> int:
        inside = min(max(instant, _SAFE_FIRST), _SAFE_LAST)
        offset = (_EPOCH + timedelta(microseconds=inside)).astimezone(self.zone).utcoffset()
        assert offset is not None
        return offset // _SECOND * MICROSECONDS

    def _find(self, ordinal: int) -> int:
        """The first instant at which the local clock shows `ordinal` or later.

        Midnight happens once, twice (the first counts), or not at all: then the date begins with the jump over midnight,
        which lies between the two readings that the standard library offers for a time in a gap.
        """
        day = date.fromordinal(ordinal)
        midnight = (ordinal - EPOCH_ORDINAL) * DAY
        earlier, later = sorted(midnight - self._wall_offset(day, fold) for fold in (0, 1))
        if earlier + self._offset(earlier) >= midnight:
            return earlier
        low, high = earlier // MICROSECONDS, later // MICROSECONDS  # zones change on whole seconds
        while high - low > 1:
            middle = (low + high) // 2
            if middle * MICROSECONDS + self._offset(middle * MICROSECONDS) >= midnight:
                high = middle
            else:
                low = middle
        return high * MICROSECONDS

    def _wall_offset(self, day: date, fold: int) -> int:
        offset = datetime(day.year, day.month, day.day, tzinfo=self.zone, fold=fold).utcoffset()
        assert offset is not None
        return offset // _SECOND * MICROSECONDS
