"""The history of one record: every change the log has of it, with who made it and when."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from qualsvc.records.documents import plain
from qualsvc.records.fields import is_code
from qualsvc.records.kinds import Kind
from qualsvc.store.errors import RecordNotFound
from qualsvc.store.ledger_tables import change, revision
from qualsvc.store.tables import api_key, metadata


async def history(
    engine: AsyncEngine, kind: Kind, code: str, limit: int, after: int = 0, *, beside: Kind | None = None
) -> list[dict[str, Any]]:
    """The next `limit` changes of the record, oldest first, of revisions after `after`; of deleted records too.

    `before` and `after` are documents without personal fields; `personal` names those that changed. Raises RecordNotFound
    when there never was such a record; of what is kept `beside` another one, when there never was that.
    """
    query = (
        select(
            change.c.revision,
            revision.c.at,
            revision.c.actor,
            api_key.c.name,
            revision.c.request_id,
            change.c.before,
            change.c.after,
            change.c.personal,
        )
        .join(revision, revision.c.revision == change.c.revision)
        .outerjoin(api_key, api_key.c.code == revision.c.actor)
        .where(change.c.kind == kind.name, change.c.code == code, change.c.revision > after)
        .order_by(change.c.revision)
        .limit(limit)
    )
    if not is_code(code):
        raise RecordNotFound((beside or kind).name, code)
    async with engine.connect() as connection:
        rows = (await connection.execute(query)).all()
        if not rows and not await _ever(connection, beside or kind, code):
            raise RecordNotFound((beside or kind).name, code)
    names = ("revision", "at", "key", "key_name", "request_id", "before", "after", "personal")
    return [dict(zip(names, (row[0], plain(row[1]), *row[2:]), strict=True)) for row in rows]


async def _ever(connection: AsyncConnection, kind: Kind, code: str) -> bool:
    """Whether there is or was such a record: a cursor may stand behind its last change."""
    table = metadata.tables[kind.name]
    there = select(table.c.code).where(table.c.code == code)
    logged = select(change.c.code).where(change.c.kind == kind.name, change.c.code == code).limit(1)
    return (await connection.execute(there.union_all(logged))).first() is not None
