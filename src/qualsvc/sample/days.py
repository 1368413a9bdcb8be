"""Dates relative to the day the sample is made, and when they no longer tell the story.

`today` is the date at the first site (`NGB`): the second site's clocks are behind it, so its date is `today` or the day
before, and every story there holds on both.
"""

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ZONES = {"NGB": "Asia/Shanghai", "HAM": "Europe/Berlin"}


def plant_day(now: datetime) -> date:
    """The `today` to make the sample for at this (aware) moment."""
    return now.astimezone(ZoneInfo(ZONES["NGB"])).date()


def stale(made_on: date, today: date) -> bool:
    """Whether a sample made for `made_on` must be made anew: its "next Monday" has come, or the clock went back."""
    return not made_on <= today < next_monday(made_on)


def next_monday(today: date) -> date:
    """The first Monday after `today`, one to seven days away."""
    return today + timedelta(days=7 - today.weekday())


def day(today: date, offset: int | None) -> str | None:
    """`YYYY-MM-DD` that many days after `today`; None stays open."""
    return None if offset is None else (today + timedelta(days=offset)).isoformat()


def midnight(on: date, site: str) -> str:
    """The instant a date begins at the site, in UTC with `Z`."""
    moment = datetime.combine(on, time(), ZoneInfo(ZONES[site])).astimezone(UTC)
    return moment.isoformat().removesuffix("+00:00") + "Z"


def shift_months(on: date, months: int) -> date:
    """The same day of the month that many months later (earlier if negative), or the last day of a shorter month."""
    year, month = divmod(on.year * 12 + on.month - 1 + months, 12)
    return date(year, month + 1, min(on.day, monthrange(year, month + 1)[1]))
