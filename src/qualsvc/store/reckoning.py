"""The checksum of a ledger that has none: made by an older version, or written by one since."""

import asyncpg

from qualsvc.records import checksum
from qualsvc.store import feed
from qualsvc.store.writing import WRITER_LOCK


async def reckon(connection: asyncpg.Connection) -> bool:
    """Reckon the checksum of the last revision from the tables, where it is missing; whether it was."""
    if (await feed.head(connection)).checksum is not None:
        return False
    async with connection.transaction():
        # While nobody writes, every statement sees the same state.
        await connection.execute("SELECT pg_advisory_xact_lock($1)", WRITER_LOCK)
        head = await feed.head(connection)
        if head.checksum is not None:
            return False
        total = checksum.EMPTY
        async for kind, _, document in feed.records(connection):
            total = checksum.changed(total, kind, None, document)
        await connection.execute(
            "UPDATE revision SET checksum = $2 WHERE revision = $1", head.revision, checksum.written(total)
        )
    return True
