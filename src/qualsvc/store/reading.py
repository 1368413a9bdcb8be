"""Reading records for people: whole documents, personal fields included, in a fixed number of statements."""

from sqlalchemy import ARRAY, Text, any_, bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from qualsvc.records.documents import Document
from qualsvc.records.fields import is_code
from qualsvc.records.kinds import Kind
from qualsvc.store.errors import RecordNotFound
from qualsvc.store.rows import row_reader, select_documents
from qualsvc.store.tables import metadata


async def get(engine: AsyncEngine, kind: Kind, code: str) -> Document:
    """One record; raises `RecordNotFound`."""
    if is_code(code):
        async with engine.connect() as connection:
            found = await documents(connection, kind, [code])
        if found:
            return found[code]
    raise RecordNotFound(kind.name, code)


async def page(engine: AsyncEngine, kind: Kind, limit: int, after: str | None = None) -> list[Document]:
    """The next `limit` records by code, after the code `after`."""
    table = metadata.tables[kind.name]
    query = select_documents(kind.name, personal=True).order_by(table.c.code).limit(limit)
    if after is not None:
        query = query.where(table.c.code > after)
    read = row_reader(kind.name, personal=True)
    async with engine.connect() as connection:
        return [read(row) for row in await connection.execute(query)]


async def documents(connection: AsyncConnection, kind: Kind, codes: list[str]) -> dict[str, Document]:
    """Those of the records that exist, by code; one statement."""
    table = metadata.tables[kind.name]
    query = select_documents(kind.name, personal=True).where(table.c.code == any_(bindparam("codes", codes, type_=ARRAY(Text))))
    read = row_reader(kind.name, personal=True)
    return {row[0]: read(row) for row in await connection.execute(query)}


async def head_revision(engine: AsyncEngine) -> int:
    """The last committed revision."""
    async with engine.connect() as connection:
        return int((await connection.execute(text("SELECT revision FROM head"))).scalar_one())
