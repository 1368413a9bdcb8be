"""When dates begin where clocks skip or repeat them, from the published changes of each zone."""

from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from zoneinfo import ZoneInfo

import pytest

from .clocks import begins, clock, date_at
from .documents import instant


@pytest.mark.parametrize(
    ("zone", "day", "expected"),
    [
        ("Asia/Shanghai", "2026-11-21", "2026-11-20T16:00:00Z"),
        ("Pacific/Apia", "2011-12-29", "2011-12-29T10:00:00Z"),
        ("Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00Z"),  # never on a calendar there: it begins when the 31st does
        ("Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00Z"),
        ("Pacific/Apia", "2012-01-01", "2011-12-31T10:00:00Z"),
        ("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00Z"),  # there is no midnight, it begins at 01:00
        ("America/Sao_Paulo", "2019-02-17", "2019-02-17T03:00:00Z"),  # at the first midnight clocks went back to 23:00
        ("America/Havana", "2026-03-08", "2026-03-08T05:00:00Z"),
        ("America/Havana", "2026-11-01", "2026-11-01T04:00:00Z"),  # midnight comes twice, the first counts
        ("America/St_Johns", "2006-10-29", "2006-10-29T02:30:00Z"),  # at 00:01 back to 23:01 of the day before
        ("Australia/Lord_Howe", "2026-04-05", "2026-04-04T13:00:00Z"),
        ("Australia/Lord_Howe", "2026-04-06", "2026-04-05T13:30:00Z"),
        ("Africa/Monrovia", "1972-01-07", "1972-01-07T00:44:30Z"),
        ("Africa/Monrovia", "1972-01-08", "1972-01-08T00:00:00Z"),
        ("Europe/Berlin", "2400-07-01", "2400-06-30T22:00:00Z"),
        ("Europe/Berlin", "9999-12-31", "9999-12-30T23:00:00Z"),
    ],
)
def test_a_date_begins(zone: str, day: str, expected: str) -> None:
    """A date begins at the least instant whose local date is that date or later."""
    assert begins(zone, date.fromisoformat(day).toordinal()) == instant(expected)


def test_a_date_does_not_repeat() -> None:
    """When clocks fall back over midnight the later date goes on."""
    day = date(2006, 10, 29).toordinal()
    first = instant("2006-10-29T02:30:00Z")
    found = [date_at("America/St_Johns", t) for t in (first - 1, first, first + 90_000_000, first + 1_800_000_000)]
    assert found == [day - 1, day, day, day]


@pytest.mark.parametrize(
    "zone", ["Asia/Gaza", "America/St_Johns", "Africa/Monrovia", "Pacific/Apia", "Europe/Dublin", "Asia/Tehran"]
)
def test_offsets_agree_with_zoneinfo(zone: str) -> None:
    """The reader of TZif files agrees with the interpreter's, on either side of every change and past the last one."""
    with files("tzdata").joinpath("zoneinfo", *zone.split("/")).open("rb") as file:
        other = ZoneInfo.from_file(file)
    for change in [*clock(zone).changes, *range(2_200_000_000, 9_000_000_000, 13_000_000)]:
        for second in (change - 1, change):
            local = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=second)).astimezone(other)
            offset = local.utcoffset()
            assert offset is not None
            assert clock(zone).segments(second, second)[-1][1] == offset.total_seconds()
