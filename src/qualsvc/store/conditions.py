"""The derived `condition` of certificates: what they are good for today, said in one place and in SQL.

It informs people and filters lists; decisions never look at it. Dates are those of the site of the certificate's person;
persons without one are counted where the date is the latest, so that nothing is shown as good for too long.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from sqlalchemy import ARRAY, ColumnElement, Date, Integer, Select, Text, case, cast, column, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from qualsvc import zones
from qualsvc.kernel.calendar import LocalCalendar
from qualsvc.store.tables import certificate, certificate_type, person, site

Condition = Literal["valid", "expiring", "expired", "review_overdue", "renewing", "suspended", "revoked", "pending"]


@dataclass(frozen=True, slots=True)
class Days:
    """The date at each site, and the date for persons of no site."""

    sites: Sequence[str]
    days: Sequence[date]
    elsewhere: date


async def days_at(connection: AsyncConnection, instant: int) -> Days:
    """The dates at an instant in microseconds."""
    found = (await connection.execute(select(site.c.code, site.c.time_zone))).all()
    today = {zone: date.fromordinal(LocalCalendar(zones.load(zone)).date_at(instant)) for zone in {row[1] for row in found}}
    utc = date.fromordinal(LocalCalendar(zones.load("UTC")).date_at(instant))
    return Days([code for code, _ in found], [today[zone] for _, zone in found], max(today.values(), default=utc))


class Conditions:
    """What a SELECT of certificates needs to tell, and to be narrowed by, their conditions."""

    def __init__(self, days: Days) -> None:
        columns = (column("site", Text), column("day", Date))
        arrays = (cast(list(days.sites), ARRAY(Text)), cast(list(days.days), ARRAY(Date)))
        self._calendar = func.unnest(*arrays).table_valued(*columns).render_derived(name="calendar")
        self._today: ColumnElement[date] = func.coalesce(self._calendar.c.day, cast(days.elsewhere, Date))
        # LEAST passes over nulls: an open end is never the nearer one.
        self._last: ColumnElement[date] = func.least(certificate.c.valid_until, certificate.c.next_review_on)
        warned = func.jsonb_array_elements_text(certificate_type.c.warning_days).column_valued("warned")
        longest = select(func.max(cast(warned, Integer))).correlate(certificate_type).scalar_subquery()
        self.column: ColumnElement[str] = case(
            (certificate.c.status != "valid", certificate.c.status),
            (certificate.c.valid_until < self._today, "expired"),
            (certificate.c.next_review_on < self._today, "review_overdue"),
            (self._last - longest <= self._today, "expiring"),
            else_="valid",
        ).label("condition")

    def joined(self, query: Select[Any]) -> Select[Any]:
        """The SELECT with the condition as its last column."""
        return (
            query.add_columns(self.column)
            .join(person, person.c.code == certificate.c.person)
            .join(certificate_type, certificate_type.c.code == certificate.c.type)
            .outerjoin(self._calendar, self._calendar.c.site == person.c.site)
        )

    def expiring_within(self, days: int) -> ColumnElement[bool]:
        """Good today, and for at most so many days after it: until the end or until the next review is due."""
        return self.column.in_(["valid", "expiring"]) & (self._last <= self._today + days)
