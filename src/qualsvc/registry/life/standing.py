"""What there is of a person when a call is worked out: read while nobody else writes, in a fixed number of statements."""

from collections.abc import Collection, Iterable
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from qualsvc import zones
from qualsvc.kernel.calendar import LocalCalendar
from qualsvc.kernel.instants import parse_date
from qualsvc.kernel.requirement_reader import parse_requirement
from qualsvc.kernel.requirements import certificate_types
from qualsvc.records.documents import Document
from qualsvc.records.kinds import KINDS, Kind
from qualsvc.records.moments import moment_of
from qualsvc.store import tables
from qualsvc.store.errors import RecordNotFound
from qualsvc.store.operations import Condition, Patch
from qualsvc.store.reading import documents
from qualsvc.store.rows import row_reader, select_documents
from qualsvc.store.tables import any_of, metadata
from qualsvc.store.versions import require

PERSON, COMPANY, ASSIGNMENT, CERTIFICATE = (KINDS[name] for name in ("person", "company", "assignment", "certificate"))
WAIVER, SITE_STAY, RESTRICTION = (KINDS[name] for name in ("waiver", "site_stay", "restriction"))


async def standing(connection: AsyncConnection, kind: Kind, code: str, condition: Condition | None) -> Document:
    """The record that is there and that the caller means. Raises RecordNotFound, PreconditionFailed."""
    found = (await documents(connection, kind, [code])).get(code)
    require(Patch(kind, code, {}, condition=condition), found)
    if found is None:
        raise RecordNotFound(kind.name, code)
    return found


async def of_person(connection: AsyncConnection, kind: Kind, person: str) -> list[Document]:
    """All records of a kind that are the person's, by code."""
    table = metadata.tables[kind.name]
    query = select_documents(kind.name, personal=True).where(table.c.person == person).order_by(table.c.code)
    read = row_reader(kind.name, personal=True)
    return [read(row) for row in await connection.execute(query)]


async def internal_certificates(connection: AsyncConnection, person: str) -> list[Document]:
    """The authorisations the plant itself has given the person and not revoked."""
    internal = select(tables.certificate_type.c.code).where(tables.certificate_type.c.category == "internal")
    own = tables.certificate.c
    query = select_documents("certificate", personal=True).order_by(own.code)
    query = query.where(own.person == person, own.type.in_(internal), own.status != "revoked")
    read = row_reader("certificate", personal=True)
    return [read(row) for row in await connection.execute(query)]


async def types_named_for(connection: AsyncConnection, positions: Collection[str]) -> set[str]:
    """The certificate types that rules of these positions name, at any time and in any way, with those that count for them."""
    asked, rule = tables.rule_certificate_type.c, tables.rule.c
    named = select(asked.certificate_type).join(tables.rule, rule.code == asked.rule)
    found = (await connection.execute(named.where(rule.position == any_of(positions)))).scalars()
    return await _with_equivalents(connection, set(found))


async def types_required_for(connection: AsyncConnection, positions: Collection[str], at: int) -> set[str]:
    """Those that rules of these positions, or of no position, require at the instant or later, with those that count for them.

    What is only recommended is not required, and neither is what a rule asked that is over.
    """
    rule = tables.rule.c
    query = select(rule.requirement, rule.supervised_requirement).where(
        or_(rule.position == any_of(positions), rule.position.is_(None)),
        or_(rule.effective_until.is_(None), rule.effective_until > moment_of(at)),
    )
    documents = [document for row in await connection.execute(query) for document in row if document is not None]
    required: set[str] = set().union(*(certificate_types(parse_requirement(document)) for document in documents))
    return await _with_equivalents(connection, required)


async def _with_equivalents(connection: AsyncConnection, types: set[str]) -> set[str]:
    equivalent = tables.certificate_type_equivalent.c
    counting = select(equivalent.equivalent).where(equivalent.certificate_type == any_of(sorted(types)))
    return types | set((await connection.execute(counting)).scalars())


async def dates_at(connection: AsyncConnection, site: str | None, *instants: int) -> list[int]:
    """The date (ordinal) at each instant at the site; without one, where it is earliest, so that nothing lasts too long."""
    query = select(tables.site.c.code, tables.site.c.time_zone)
    zone_of: dict[str, str] = dict((await connection.execute(query)).all())
    there = {zone_of[site]} if site in zone_of else set(zone_of.values())
    calendars = [LocalCalendar(zones.load(zone)) for zone in there or {"UTC"}]
    return [min(calendar.date_at(instant) for calendar in calendars) for instant in instants]


async def codes_taken(connection: AsyncConnection, kind: Kind, exactly: Collection[str], beginning: Iterable[str]) -> set[str]:
    """Those of the codes, and all codes with such a beginning, that a record has."""
    code = metadata.tables[kind.name].c.code
    begun = [code.startswith(each, autoescape=True) for each in beginning]
    return set((await connection.execute(select(code).where(or_(code == any_of(exactly), *begun)))).scalars())


def has_left(person: Document, today: int) -> bool:
    """Whether the person's employment is over, by status or by date."""
    until = person["employed_until"]
    return person["status"] == "left" or (until is not None and parse_date(until) < today)


def day(ordinal: int) -> str:
    """A date as documents have it."""
    return date.fromordinal(ordinal).isoformat()
