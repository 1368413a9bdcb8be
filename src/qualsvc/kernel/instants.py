"""Instants and dates as integers: reading RFC 3339 and writing it back.

An instant is an `int` of microseconds since 1970-01-01T00:00:00Z. A date is its proleptic Gregorian ordinal. Both compare
and subtract as integers, so the kernel never meets a naive or a foreign-zoned datetime.
"""

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

MICROSECONDS = 1_000_000
DAY = 86_400 * MICROSECONDS
EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
LAST_ORDINAL = date.max.toordinal()

# INVARIANT: every instant that can be written lies strictly between these two.
BEGINNING = -(2**62)
FOREVER = 2**62

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST = (1 - EPOCH_ORDINAL) * DAY
_END = (LAST_ORDINAL + 1 - EPOCH_ORDINAL) * DAY

_RFC3339 = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?"
    r"(?:([Zz])|([+-])([0-9]{2}):([0-9]{2}))"
)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LOST_PLUS = re.compile(r".*:[0-9]{2}(?:\.[0-9]+)? [0-9]{2}:[0-9]{2}")


class InstantError(ValueError):
    """The text is not an instant (or date) we can keep; the message says why and what to write."""


def parse_instant(text: str) -> int:
    """Read an RFC 3339 instant with an offset; digits beyond the microsecond are cut, never rounded."""
    found = _RFC3339.fullmatch(text)
    if found is None:
        if _LOST_PLUS.fullmatch(text):
            raise InstantError("the `+` of the offset was lost; write it as `%2B` in a URL, or use `Z`")
        raise InstantError("not an RFC 3339 instant with an offset; write it like `2026-11-21T03:30:00Z`")
    year, month, day, hour, minute, second = (int(part) for part in found.groups()[:6])
    fraction, zulu, sign, offset_hour, offset_minute = found.groups()[6:]
    if hour > 23 or minute > 59 or second > 59:  # leap seconds have no place on a timeline of microseconds
        raise InstantError("this time of day does not exist; hours go to 23, minutes and seconds to 59")
    try:
        ordinal = date(year, month, day).toordinal()
    except ValueError:
        raise InstantError("this date does not exist") from None
    offset = 0
    if not zulu:
        if int(offset_hour) > 23 or int(offset_minute) > 59:
            raise InstantError("this offset does not exist; offsets go to 23:59")
        offset = (int(offset_hour) * 3600 + int(offset_minute) * 60) * (-1 if sign == "-" else 1)
    seconds = (ordinal - EPOCH_ORDINAL) * 86_400 + hour * 3600 + minute * 60 + second - offset
    instant = seconds * MICROSECONDS + int((fraction or "")[:6].ljust(6, "0"))
    if not FIRST <= instant < _END:
        raise InstantError("outside the years 0001 to 9999 in UTC; leave a bound out to keep it open")
    return instant


def format_instant(instant: int) -> str:
    """Write an instant in UTC with `Z`, six fraction digits only when they are not zero."""
    if not FIRST <= instant < _END:
        instant = min(max(instant, FIRST), _END - 1)
    seconds, fraction = divmod(instant, MICROSECONDS)
    return f"{_to_the_second(seconds)}.{fraction:06}Z" if fraction else f"{_to_the_second(seconds)}Z"


@lru_cache(4096)  # of the instants that answers name many fall within one second
def _to_the_second(seconds: int) -> str:
    return (_EPOCH + timedelta(seconds=seconds)).isoformat().removesuffix("+00:00")


def parse_date(text: str) -> int:
    """Read `YYYY-MM-DD` into an ordinal."""
    if not _DATE.fullmatch(text):
        raise InstantError("not a date; write it like `2026-11-21`")
    try:
        return date.fromisoformat(text).toordinal()
    except ValueError:
        raise InstantError("this date does not exist") from None
