"""Who is on a site, and how many of a company's people."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from qualsvc.records.documents import Document, plain
from qualsvc.records.moments import moment_of
from qualsvc.store.errors import RecordNotFound
from qualsvc.store.tables import Timestamp, person, person_personal, site, site_stay


def _lasts(at: int) -> ColumnElement[bool]:
    moment = literal(moment_of(at), Timestamp)
    return (site_stay.c.valid_from <= moment) & (site_stay.c.valid_until.is_(None) | (site_stay.c.valid_until > moment))


async def present(engine: AsyncEngine, code: str, at: int, limit: int, after: tuple[str, str] | None) -> list[Document]:
    """The next `limit` stays on the site at the instant, by person, after (person, stay). Raises RecordNotFound."""
    stay, who = site_stay.c, person.c
    query = (
        select(stay.code, who.code, person_personal.c.name, who.employment, who.company, stay.valid_from)
        .join(person, who.code == stay.person)
        .outerjoin(person_personal, person_personal.c.person == who.code)
        .where(stay.site == code, _lasts(at))
        .order_by(who.code, stay.code)
        .limit(limit)
    )
    if after is not None:
        query = query.where(tuple_(who.code, stay.code) > tuple_(*after))
    names = ("stay", "person", "name", "employment", "company", "since")
    async with engine.connect() as connection:
        if (await connection.execute(select(site.c.code).where(site.c.code == code))).first() is None:
            raise RecordNotFound("site", code)
        rows = (await connection.execute(query)).all()
    return [dict(zip(names, (*row[:-1], plain(row[-1])), strict=True)) for row in rows]


@dataclass(frozen=True, slots=True)
class People:
    """Contractors of a company: how many are active, and the codes of those on a site."""

    active: int
    present: list[str]


async def people_of(connection: AsyncConnection, company: str, at: int) -> People:
    """Whom it concerns when the company is suspended or reinstated."""
    own: Any = (person.c.company == company) & (person.c.employment == "contractor")
    active = select(func.count()).select_from(person).where(own, person.c.status == "active")
    there = select(person.c.code).join(site_stay, site_stay.c.person == person.c.code).where(own, _lasts(at))
    number = (await connection.execute(active)).scalar_one()
    return People(number, list((await connection.execute(there.distinct().order_by(person.c.code))).scalars()))
