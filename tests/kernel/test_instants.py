"""Instants and dates as text."""

import re
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qualsvc.kernel.instants import InstantError, format_instant, parse_date, parse_instant

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_moments = st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001
_offsets = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
IN_OTHER_WORDS = (
    ("2026-11-21t03:30:00z", "2026-11-21T03:30:00Z"),
    ("2026-11-21T03:30:00.1Z", "2026-11-21T03:30:00.100000Z"),
    ("2026-11-21T03:30:00.9999999Z", "2026-11-21T03:30:00.999999Z"),
    ("2026-11-21T03:30:00.000000900Z", "2026-11-21T03:30:00Z"),
    ("1969-12-31T23:59:59.9999999Z", "1969-12-31T23:59:59.999999Z"),
    ("2026-11-21T11:30:00+08:00", "2026-11-21T03:30:00Z"),
    ("2026-11-21T03:30:00-00:00", "2026-11-21T03:30:00Z"),
    ("2026-11-20T22:00:00-05:30", "2026-11-21T03:30:00Z"),
    ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
    ("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"),
    ("2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z"),
)


def _microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)


@given(_moments)
def test_an_instant_survives_being_written(moment: datetime) -> None:
    """What is written reads as the same instant, in its one form."""
    text = format_instant(_microseconds(moment))
    assert parse_instant(text) == _microseconds(moment)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z", text)
    assert text.endswith(f".{moment.microsecond:06}Z") == bool(moment.microsecond)


@given(_moments, _offsets)
def test_offsets_are_taken_off(moment: datetime, zone: timezone) -> None:
    """The same instant written with any offset reads the same."""
    assert parse_instant(moment.astimezone(zone).isoformat()) == _microseconds(moment)


@pytest.mark.parametrize(("text", "expected"), IN_OTHER_WORDS)
def test_instants_in_other_words(text: str, expected: str) -> None:
    """RFC 3339 in every form it allows; digits beyond the microsecond are cut, before the epoch too."""
    assert format_instant(parse_instant(text)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "2026-11-21",
        "2026-11-21T03:30Z",
        "2026-11-21T03:30:00",
        "2026-11-21 03:30:00Z",
        "2026-11-21T03:30:00 08:00",
        "2026-11-21T03:30:00+0800",
        "2026-11-21T03:30:00+08",
        "2026-11-21T03:30:00+24:00",
        "2026-11-21T03:30:00+08:60",
        "2026-11-21T24:00:00Z",
        "2026-11-21T03:60:00Z",
        "2016-12-31T23:59:60Z",
        "2026-02-29T03:30:00Z",
        "2026-13-01T03:30:00Z",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+08:00",
        "9999-12-31T23:59:59-08:00",
        "2026-11-21T03:30:00.Z",
        "2026-11-21T03:30:00,5Z",
        " 2026-11-21T03:30:00Z",
        "2026-11-21T03:30:00Z\n",
        "２０２６-11-21T03:30:00Z",
        "+2026-11-21T03:30:00Z",
    ],
)
def test_what_is_no_instant_is_refused(text: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(InstantError):
        parse_instant(text)


def test_a_lost_plus_is_named() -> None:
    """A `+` that a URL turned into a space is told as that."""
    with pytest.raises(InstantError, match="%2B"):
        parse_instant("2026-11-21T03:30:00 08:00")


@given(st.dates())
def test_dates_read_as_ordinals(day: date) -> None:
    """A date reads as its ordinal."""
    assert parse_date(day.isoformat()) == day.toordinal()


@pytest.mark.parametrize("text", ["", "2026-02-29", "2026-1-1", "20260101", "2026-W01-1", "0000-01-01", "2026-01-01T00:00:00Z"])
def test_what_is_no_date_is_refused(text: str) -> None:
    """Only `YYYY-MM-DD`, and only days there are."""
    with pytest.raises(InstantError):
        parse_date(text)
