"""Reading records for people: whole documents, personal fields included, in a fixed number of statements."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, exists, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from qualsvc.records.documents import Document
from qualsvc.records.fields import is_code
from qualsvc.records.kinds import Kind
from qualsvc.store.conditions import Conditions, days_at
from qualsvc.store.errors import RecordNotFound
from qualsvc.store.rows import row_reader, select_documents
from qualsvc.store.tables import any_of, certificate_type_equivalent, metadata


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What a list is narrowed to: `fields` by value; certificates also by what is derived of them."""

    fields: Mapping[str, str] = field(default_factory=dict)
    condition: str | None = None
    expiring_within_days: int | None = None


EVERYTHING = Narrowing()


async def get(engine: AsyncEngine, kind: Kind, code: str) -> Document:
    """One record; raises `RecordNotFound`."""
    if is_code(code):
        async with engine.connect() as connection:
            found = await documents(connection, kind, [code])
        if found:
            return found[code]
    raise RecordNotFound(kind.name, code)


async def page(
    engine: AsyncEngine,
    kind: Kind,
    limit: int,
    after: str | None = None,
    narrowing: Narrowing = EVERYTHING,
    *,
    at: int | None = None,
) -> list[Document]:
    """The next `limit` records by code, after the code `after`.

    `at` (microseconds) is the instant for which what is derived is told; without it nothing is.
    """
    table = metadata.tables[kind.name]
    query = select_documents(kind.name, personal=True).order_by(table.c.code).limit(limit)
    if after is not None:
        query = query.where(table.c.code > after)
    query = query.where(*(_equals(kind, name, value) for name, value in narrowing.fields.items()))
    read = row_reader(kind.name, personal=True)
    async with engine.connect() as connection:
        if kind.name != "certificate" or at is None:
            return [read(row) for row in await connection.execute(query)]
        conditions = Conditions(await days_at(connection, at))
        query = conditions.joined(query)
        if narrowing.condition is not None:
            query = query.where(conditions.column == narrowing.condition)
        if narrowing.expiring_within_days is not None:
            query = query.where(conditions.expiring_within(narrowing.expiring_within_days))
        return [read(row) | {"condition": row[-1]} for row in await connection.execute(query)]


def _equals(kind: Kind, name: str, value: str) -> ColumnElement[bool]:
    table = metadata.tables[kind.name]
    if (kind.name, name) == ("certificate_type", "equivalents"):
        side = certificate_type_equivalent.c
        return exists().where(side.certificate_type == table.c.code, side.equivalent == value)
    return table.c[name] == value


async def documents(connection: AsyncConnection, kind: Kind, codes: list[str]) -> dict[str, Document]:
    """Those of the records that exist, by code; one statement."""
    table = metadata.tables[kind.name]
    query = select_documents(kind.name, personal=True).where(table.c.code == any_of(codes))
    read = row_reader(kind.name, personal=True)
    listed = map(read, await connection.execute(query))
    return {document["code"]: document for document in listed}


async def head_revision(engine: AsyncEngine) -> int:
    """The last committed revision."""
    async with engine.connect() as connection:
        return int((await connection.execute(text("SELECT revision FROM head"))).scalar_one())
