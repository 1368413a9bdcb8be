"""What a plant is drawn with: zones, a base date where clocks change or calendars turn, and dates and instants about it."""

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from .clocks import SECOND, begins, clock, date_at
from .documents import LAST_DATE, Document, instant

Documents = dict[str, dict[str, Document]]

ZONES = (
    "Asia/Shanghai",
    "Asia/Shanghai",
    "America/St_Johns",
    "Pacific/Apia",
    "Africa/Monrovia",
    "America/Sao_Paulo",
    "America/Havana",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Pacific/Chatham",
    "Europe/Berlin",
    "Asia/Kolkata",
    "UTC",
    "Asia/Gaza",
    "America/Asuncion",
)
BASES = ("2024-02-29", "2028-02-29", "2027-02-28", "2026-12-31", "2027-01-01", "2026-11-21", "2011-12-30", "2100-03-01")
KINDS = (
    *("site", "company", "org_unit", "position", "equipment_class", "equipment", "process", "course", "certificate_type"),
    *("person", "assignment", "certificate", "training_record", "rule", "waiver", "restriction"),
)

HOUR = 3600 * SECOND
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LAST_INSTANT = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // timedelta(microseconds=1)


def write_instant(t: int) -> str:
    """The canonical text of an instant."""
    return (_EPOCH + timedelta(microseconds=t)).isoformat().removesuffix("+00:00") + "Z"


class Draw:
    """One plant being drawn around its base date."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.documents: Documents = {kind: {} for kind in KINDS}
        self.zones = [rng.choice(ZONES) for _ in range(rng.randint(2, 4))]
        self.base = self._base()

    def _base(self) -> int:
        rng = self.rng
        if rng.random() < 0.03:
            return LAST_DATE - rng.randint(0, 3)
        zone = rng.choice(self.zones)
        changes = [t for t in clock(zone).changes if t > -2_500_000_000]
        if changes and rng.random() < 0.5:
            if rng.random() < 0.5:  # clocks that change over or at midnight are rare, and the ones to try
                changes = [t for t in changes if self._shifts_a_midnight(zone, t)] or changes
            return date_at(zone, rng.choice(changes) * SECOND)
        return date.fromisoformat(rng.choice(BASES)).toordinal()

    @staticmethod
    def _shifts_a_midnight(zone: str, change: int) -> bool:
        day = date_at(zone, change * SECOND)
        return any(
            begins(zone, near + 1) - begins(zone, near) != 24 * HOUR and abs(begins(zone, near) - change * SECOND) <= 2 * HOUR
            for near in (day, day + 1)
        )

    def chance(self, probability: float) -> bool:
        return self.rng.random() < probability

    def maybe(self, probability: float, choices: Sequence[Any]) -> Any:
        """One of the choices with that probability, else null."""
        return self.rng.choice(choices) if choices and self.chance(probability) else None

    def day(self, low: int, high: int) -> str:
        """A date `low` to `high` days from the base."""
        ordinal = min(self.base + self.rng.randint(low, high), LAST_DATE)
        return date.fromordinal(ordinal).isoformat()

    def moment(self, low: int, high: int) -> str:
        """An instant at or near the beginning of a local day: midnights and shift changes, now and then a microsecond off."""
        day = min(self.base + self.rng.randint(low, high), LAST_DATE)
        t = begins(self.rng.choice(self.zones), day) + self.rng.choice((0, 0, 0, 6, 8, 20, 22)) * HOUR
        t += self.rng.choice((0, 0, 0, 0, 0, 0, 1, -1))
        return write_instant(min(t, LAST_INSTANT))

    def first_day(self, near: float = 0.3) -> str:
        return self.day(-3, 2) if self.chance(near) else self.day(-900, -2)

    def last_day(self, near: float = 0.5, start: str | None = None) -> str | None:
        """A last day near the base, long after it or none; never before `start`."""
        kind = self.rng.random()
        last = self.day(-2, 4) if kind < near else None
        if near <= kind < near + 0.15:
            last = self.rng.choice((self.day(30, 900), "9999-12-31"))
        return None if last is None else max(last, start or last)

    def interval(self, long: float, *, ends: bool = False) -> tuple[str, str | None]:
        """An interval of instants: with probability `long` from long ago; its end near, far or (unless it `ends`) open."""
        start = self.moment(-400, -5) if self.chance(long) else self.moment(-3, 2)
        kind = self.rng.random()
        if kind < 0.5:
            end = self.moment(-2, 5)
        elif ends or kind < 0.6:
            end = self.moment(20, 400)
        else:
            return start, None
        if instant(end) <= instant(start):
            end = write_instant(min(instant(start) + self.rng.choice((1, HOUR, 8 * HOUR, 30 * HOUR)), LAST_INSTANT))
        if instant(end) <= instant(start):  # the last microsecond there is
            start = write_instant(instant(end) - HOUR)
        return start, end

    def put(self, kind: str, code: str, **fields: Any) -> None:
        self.documents[kind][code] = {"code": code, **fields}

    def codes(self, kind: str) -> list[str]:
        return list(self.documents[kind])

    def tree_parent(self, kind: str) -> str | None:
        codes = self.codes(kind)
        return self.maybe(0.7, codes) if codes else None
