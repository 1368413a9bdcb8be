"""The derived `condition` of certificates: what they are good for today, said in one place and in SQL.

It informs people and filters lists; decisions never look at it. Dates are those of the site of the certificate's person;
persons without one are counted where the date is the latest, so that nothing is shown as good for too long.
"""

from collections.abc import Mapping, Sequence
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

    def at(self, site: str | None) -> date:
        """The date that counts for a person of this site."""
        return dict(zip(self.sites, self.days, strict=True)).get(site or "", self.elsewhere)


async def days_at(connection: AsyncConnection, instant: int) -> Days:
    """The dates at an instant in microseconds."""
    found = await connection.execute(select(site.c.code, site.c.time_zone))
    return days_of({row.code: row.time_zone for row in found}, instant)


def days_of(time_zones: Mapping[str, str], instant: int) -> Days:
    """The same, by the time zone of each site."""
    today = {zone: date.fromordinal(LocalCalendar(zones.load(zone)).date_at(instant)) for zone in set(time_zones.values())}
    utc = date.fromordinal(LocalCalendar(zones.load("UTC")).date_at(instant))
    return Days(list(time_zones), [today[zone] for zone in time_zones.values()], max(today.values(), default=utc))


def _condition(
    status: ColumnElement[str],
    valid_until: ColumnElement[Any],
    next_review_on: ColumnElement[Any],
    longest: ColumnElement[Any],
    today: ColumnElement[date],
) -> ColumnElement[str]:
    """The condition of a certificate; `longest` are the days before its end from which it is expiring."""
    return case(
        (status != "valid", status),
        (valid_until < today, "expired"),
        (next_review_on < today, "review_overdue"),
        # LEAST passes over nulls: an open end is never the nearer one.
        (func.least(valid_until, next_review_on) - longest <= today, "expiring"),
        else_="valid",
    ).label("condition")


@dataclass(frozen=True, slots=True)
class Judged:
    """What the condition of a certificate depends on; `longest` of its type's `warning_days`."""

    code: str
    status: str
    valid_until: date | None
    next_review_on: date | None
    longest: int | None


async def conditions_of(connection: AsyncConnection, certificates: Sequence[Judged], today: date) -> dict[str, str]:
    """The conditions, by code, of certificates as they are or were, on a date."""
    types: Mapping[str, Any] = {
        "code": Text(),
        "status": Text(),
        "valid_until": Date(),
        "next_review_on": Date(),
        "longest": Integer(),
    }
    arrays = (cast([getattr(each, name) for each in certificates], ARRAY(type_)) for name, type_ in types.items())
    columns = (column(name, type_) for name, type_ in types.items())
    sheet = func.unnest(*arrays).table_valued(*columns).render_derived(name="judged").c
    told = _condition(sheet.status, sheet.valid_until, sheet.next_review_on, sheet.longest, cast(today, Date))
    return {row.code: row.condition for row in await connection.execute(select(sheet.code, told))}


class Conditions:
    """What a SELECT of certificates needs to tell, and to be narrowed by, their conditions."""

    def __init__(self, days: Days) -> None:
        columns = (column("site", Text), column("day", Date))
        arrays = (cast(list(days.sites), ARRAY(Text)), cast(list(days.days), ARRAY(Date)))
        self._calendar = func.unnest(*arrays).table_valued(*columns).render_derived(name="calendar")
        self._today: ColumnElement[date] = func.coalesce(self._calendar.c.day, cast(days.elsewhere, Date))
        self._last: ColumnElement[date] = func.least(certificate.c.valid_until, certificate.c.next_review_on)
        warned = func.jsonb_array_elements_text(certificate_type.c.warning_days).column_valued("warned")
        longest = select(func.max(cast(warned, Integer))).correlate(certificate_type).scalar_subquery()
        self.column: ColumnElement[str] = _condition(
            certificate.c.status, certificate.c.valid_until, certificate.c.next_review_on, longest, self._today
        )

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
