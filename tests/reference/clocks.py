"""When a local date begins, read from the TZif files of the `tzdata` package and nothing else.

Instants are `int` microseconds since 1970-01-01T00:00:00Z, dates are proleptic Gregorian ordinals (0001-01-01 is 1; the day
after 9999-12-31 and the day before 0001-01-01 are ordinals like any other). The interpreter's own zone machinery is not used,
so a fault in it, or an operating system's older rules, cannot hide on both sides of a comparison.
"""

import re
import struct
from bisect import bisect_right
from functools import cache, lru_cache
from importlib.resources import files

SECOND = 1_000_000
DAY_SECONDS = 86_400
EPOCH_ORDINAL = 719_163  # 1970-01-01
_REACH = 2 * DAY_SECONDS  # no clock was ever two days off UTC

_NAME = r"(?:[A-Za-z]{3,}|<[^>]+>)"
_HMS = r"([+-]?\d+(?::\d+){0,2})"
_FOOTER = re.compile(rf"{_NAME}{_HMS}(?:{_NAME}{_HMS}?,([^,/]+)(?:/{_HMS})?,([^,/]+)(?:/{_HMS})?)?")


def _seconds(text: str) -> int:
    parts = [int(part) for part in text.lstrip("+-").split(":")] + [0, 0]
    size = parts[0] * 3600 + parts[1] * 60 + parts[2]
    return -size if text.startswith("-") else size


def _new_year(year: int) -> int:
    """The ordinal of 1 January, for any year."""
    before = year - 1
    return before * 365 + before // 4 - before // 100 + before // 400 + 1


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _day_of_rule(rule: str, year: int) -> int:
    """The ordinal of a POSIX day rule (`Mm.w.d`, `Jn` or `n`) in a year."""
    first = _new_year(year)
    if rule[0] == "J":  # 1..365, 29 February is never counted
        number = int(rule[1:])
        return first + number - 1 + (1 if _is_leap(year) and number >= 60 else 0)
    if rule[0] != "M":
        return first + int(rule)
    month, week, weekday = (int(part) for part in rule[1:].split("."))
    lengths = [31, 29 if _is_leap(year) else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    start = first + sum(lengths[: month - 1])
    day = start + (weekday - start % 7) % 7 + 7 * (week - 1)  # ordinal 0 was a Sunday
    return day if day < start + lengths[month - 1] else day - 7


class Clock:
    """One zone: from which second (UTC) which offset (seconds east) holds."""

    def __init__(self, time_zone: str) -> None:
        content = files("tzdata").joinpath("zoneinfo", *time_zone.split("/")).read_bytes()
        second_block = self._length(content, 0, 4)
        self._read(content, second_block)
        footer = content[second_block + self._length(content, second_block, 8) :].decode().strip("\n")
        found = _FOOTER.fullmatch(footer)
        if found is None:
            raise ValueError(f"time zone `{time_zone}` ends in `{footer}`, which is not a rule we can read")
        standard, summer, *self._rules = found.groups()
        self._standard = -_seconds(standard)
        self._summer = -_seconds(summer) if summer else self._standard + 3600
        self._changes_of_year: dict[int, list[tuple[int, int]]] = {}

    @staticmethod
    def _length(content: bytes, start: int, size: int) -> int:
        """How many bytes the header and block at `start` take, with times of `size` bytes."""
        if content[start : start + 4] != b"TZif":
            raise ValueError("not a TZif file")
        isut, isstd, leaps, times, types, chars = struct.unpack_from(">6l", content, start + 20)
        return int(44 + times * (size + 1) + types * 6 + chars + leaps * (size + 4) + isstd + isut)

    def _read(self, content: bytes, start: int) -> None:
        _, _, _, times, types, _ = struct.unpack_from(">6l", content, start + 20)
        at = start + 44
        self.changes: list[int] = list(struct.unpack_from(f">{times}q", content, at))
        kinds = content[at + times * 8 : at + times * 9]
        offsets = [struct.unpack_from(">l", content, at + times * 9 + 6 * number)[0] for number in range(types)]
        self._first_offset: int = offsets[0]
        self._offsets: list[int] = [offsets[kind] for kind in kinds]

    def _yearly(self, year: int) -> list[tuple[int, int]]:
        """The (second, offset) changes the footer makes in a year."""
        if self._rules[0] is None:
            return []
        if year not in self._changes_of_year:
            into, into_time, back, back_time = self._rules
            self._changes_of_year[year] = sorted(
                (
                    (_day_of_rule(rule, year) - EPOCH_ORDINAL) * DAY_SECONDS + _seconds(time or "2") - offset_before,
                    offset_after,
                )
                for rule, time, offset_before, offset_after in (
                    (into, into_time, self._standard, self._summer),
                    (back, back_time, self._summer, self._standard),
                )
            )
        return self._changes_of_year[year]

    def segments(self, start: int, end: int) -> list[tuple[int, int]]:
        """The offsets in force in `[start, end]` (seconds), as (since, offset) in order; the first is clipped to `start`."""
        listed = list(zip(self.changes, self._offsets, strict=True))
        last = self.changes[-1] if listed else start - 1
        index = bisect_right(self.changes, start)
        offset_at_start = self._offsets[index - 1] if index else self._first_offset
        if start >= last:  # past the list the footer speaks, from its own latest change on
            offset_at_start = self._standard
        since = [(t, offset) for t, offset in listed if start < t <= end]
        if end >= last:
            year = (start // DAY_SECONDS + EPOCH_ORDINAL) * 400 // 146_097
            for t, offset in [change for y in range(year - 1, year + 4) for change in self._yearly(y)]:
                if t <= start and start >= last:
                    offset_at_start = offset
                elif max(start, last) < t <= end:
                    since.append((t, offset))
        return [(start, offset_at_start), *since]


@cache
def clock(time_zone: str) -> Clock:
    """The clock of a zone named in the `tzdata` package."""
    return Clock(time_zone)


@lru_cache(maxsize=200_000)
def begins(time_zone: str, date_ordinal: int) -> int:
    """The least instant (microseconds) whose local date there is `date_ordinal` or later."""
    midnight = (date_ordinal - EPOCH_ORDINAL) * DAY_SECONDS
    segments = clock(time_zone).segments(midnight - _REACH, midnight + _REACH)
    ends = [since for since, _ in segments[1:]] + [midnight + _REACH]
    for (since, offset), end in zip(segments, ends, strict=True):
        candidate = max(since, midnight - offset)
        if candidate < end:
            return candidate * SECOND
    raise AssertionError("a date that never begins")


def date_at(time_zone: str, instant: int) -> int:
    """The greatest date that has begun at the instant."""
    date_ordinal = instant // SECOND // DAY_SECONDS + EPOCH_ORDINAL + 2
    while begins(time_zone, date_ordinal) > instant:
        date_ordinal -= 1
    return date_ordinal
