"""The local date of an answer at its site, for counting by day."""

from datetime import date, datetime, tzinfo
from functools import lru_cache

from qualsvc import zones


class Days:
    """Sites' time zones, as they are now; a site that is not known has its days in UTC."""

    def __init__(self) -> None:
        self._zones: dict[str, tzinfo] = {}
        self._date = lru_cache(4096)(self._reckoned)

    def update(self, time_zones: dict[str, str]) -> None:
        """Take the names of the zones by site."""
        self._zones = {site: zones.load(name) for site, name in time_zones.items()}
        self._date.cache_clear()

    def of(self, site: str | None, instant: str) -> date:
        """The date of an instant (RFC 3339 in UTC). No zone changes its date but on a whole minute."""
        return self._date(site, instant[:16])

    def _reckoned(self, site: str | None, minute: str) -> date:
        zone = self._zones.get(site or "")
        moment = datetime.fromisoformat(f"{minute}:00+00:00")
        return (moment if zone is None else moment.astimezone(zone)).date()
