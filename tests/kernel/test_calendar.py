"""When local dates begin, in every zone there is."""

import random
from datetime import UTC

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualsvc.kernel.calendar import LocalCalendar
from qualsvc.kernel.instants import BEGINNING, FOREVER, LAST_ORDINAL, parse_date, parse_instant
from qualsvc.zones import load, names
from tests.kernel.calendars import changes, differences

_ODD = (
    "Pacific/Apia",
    "America/Sao_Paulo",
    "America/St_Johns",
    "Africa/Monrovia",
    "America/Havana",
    "America/Toronto",
    "Asia/Manila",
)


@pytest.mark.parametrize("part", range(8))
def test_every_zone_at_some_of_its_changes(part: int) -> None:
    """In each zone dates begin where its TZif file says, at a few of its changes."""
    rng = random.Random(part)
    found: list[str] = []
    for zone in sorted(names())[part::8]:
        seconds = changes(zone)
        found += differences(zone, rng.sample(seconds, 3))
    assert found == []


@pytest.mark.parametrize("zone", _ODD)
def test_odd_zones_at_every_change(zone: str) -> None:
    """Zones that skipped or repeated dates, or had odd offsets, at every change."""
    assert list(differences(zone, changes(zone))) == []


@settings(max_examples=300)
@given(st.sampled_from(sorted(names())), st.integers(1, LAST_ORDINAL - 1))
def test_dates_begin_in_order(zone: str, ordinal: int) -> None:
    """Each date begins no later than the next, and where it is not skipped it is the date at its beginning."""
    calendar = LocalCalendar(load(zone))
    start, end = calendar.begins(ordinal), calendar.ends(ordinal)
    assert start <= end
    if start < end:
        assert (calendar.date_at(start), calendar.date_at(end - 1)) == (ordinal, ordinal)
    assert calendar.date_at(start - 1) < ordinal or ordinal == 1
    assert calendar.begins(ordinal) == start  # remembered


def test_open_bounds() -> None:
    """A null bound is open, and so is 9999-12-31 as an upper one."""
    calendar = LocalCalendar(UTC)
    assert (calendar.begins(None), calendar.ends(None)) == (BEGINNING, FOREVER)
    assert calendar.ends(parse_date("9999-12-31")) == FOREVER
    assert calendar.ends(LAST_ORDINAL + 1000) == FOREVER
    assert calendar.ends(parse_date("9999-12-30")) == parse_instant("9999-12-31T00:00:00Z")
