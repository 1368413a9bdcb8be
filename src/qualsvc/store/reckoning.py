"""The checksum of a ledger against its tables: reckoned where there is none, or where somebody has written past the service."""

import contextlib
import json
from typing import Any

import asyncpg

from qualsvc.records import checksum
from qualsvc.records.kinds import KINDS
from qualsvc.store import feed
from qualsvc.store.writing import COUNT_UP, WRITER_LOCK

ACTOR = "command line"
Altered = dict[tuple[str, str], tuple[str | None, dict[str, Any] | None]]
"""By kind and code: what the log says was written last, as JSON, and what the table has; null where there is none."""
_LOGGED = """
SELECT DISTINCT ON (kind, code) kind, code, after::text FROM change
 WHERE kind = ANY($1) ORDER BY kind, code, revision DESC, ordinal DESC
"""


async def reckon(connection: asyncpg.Connection) -> bool:
    """Reckon the checksum of the last revision from the tables, where an older version left none; whether it was missing."""
    if (await feed.head(connection)).checksum is not None:
        return False
    async with connection.transaction():
        head = await _alone(connection)
        if head.checksum is not None:
            return False
        _, total = await _compared(connection)
        await connection.execute(
            "UPDATE revision SET checksum = $2 WHERE revision = $1", head.revision, checksum.written(total)
        )
    return True


async def altered(connection: asyncpg.Connection) -> list[tuple[str, str]]:
    """The records, by kind and code, that the tables have otherwise than the change log says they were written last."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        return sorted((await _compared(connection))[0])


async def accept(connection: asyncpg.Connection) -> tuple[list[tuple[str, str]], int]:
    """Take the tables as they are, as one revision of the log, so that history and replicas learn of it like of any write.

    Answers what was taken, and the last revision there is then.
    """
    async with connection.transaction():
        head = await _alone(connection)
        found, total = await _compared(connection)
        if not found and checksum.difference(total, head.checksum or total) == 0:
            return [], head.revision
        revision = head.revision + 1
        await connection.execute(
            "INSERT INTO revision (revision, actor, checksum) VALUES ($1, $2, $3)", revision, ACTOR, checksum.written(total)
        )
        await connection.executemany(
            "INSERT INTO change (revision, ordinal, kind, code, before, after) VALUES ($1, $2, $3, $4, $5, $6)",
            [
                (revision, ordinal, kind, code, logged, None if there is None else json.dumps(there))
                for ordinal, ((kind, code), (logged, there)) in enumerate(sorted(found.items()))
            ],
        )
        await connection.execute("SELECT pg_notify($1, $2)", feed.CHANNEL, str(revision))
        await connection.execute(COUNT_UP)
    return sorted(found), revision


async def _alone(connection: asyncpg.Connection) -> feed.Head:
    """The head while nobody else writes: every statement from now on sees the same state."""
    await connection.execute("SELECT pg_advisory_xact_lock($1)", WRITER_LOCK)
    return await feed.head(connection)


async def _compared(connection: asyncpg.Connection) -> tuple[Altered, int]:
    """What differs, and the checksum of the tables."""
    kinds = [name for name, kind in KINDS.items() if kind.replicated]
    rows = await connection.fetch(_LOGGED, kinds)
    logged = {(kind, code): after for kind, code, after in rows if after is not None}
    found: Altered = {}
    total = checksum.EMPTY
    async with contextlib.aclosing(feed.slices(connection)) as slices:
        async for kind, listed in slices:
            total = checksum.plus(total, kind, listed)
            for document in listed:
                code = document["code"]
                before = logged.pop((kind, code), None)
                if before is None or checksum.digest(kind, json.loads(before)) != checksum.digest(kind, document):
                    found[kind, code] = before, document
    found |= {name: (before, None) for name, before in logged.items()}
    return found, total
