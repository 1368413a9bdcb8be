"""The checksum of a ledger, reckoned from its tables: where there is none, or where the tables are to be taken as they are."""

import json

import asyncpg

from qualsvc.records import checksum
from qualsvc.records.kinds import KINDS
from qualsvc.store import feed
from qualsvc.store.writing import WRITER_LOCK

_LOGGED = """
SELECT DISTINCT ON (kind, code) kind, code, after::text FROM change
 WHERE kind = ANY($1) ORDER BY kind, code, revision DESC, ordinal DESC
"""


async def reckon(connection: asyncpg.Connection, *, anew: bool = False) -> bool:
    """Reckon the checksum of the last revision where it is missing, or `anew` in any case; whether another one is there now.

    It is missing where an older version wrote last. Anew, what was written past the service is taken for right from then on.
    """
    if not anew and (await feed.head(connection)).checksum is not None:
        return False
    async with connection.transaction():
        # While nobody writes, every statement sees the same state.
        await connection.execute("SELECT pg_advisory_xact_lock($1)", WRITER_LOCK)
        head = await feed.head(connection)
        if not anew and head.checksum is not None:
            return False
        total = checksum.EMPTY
        async for kind, _, document in feed.records(connection):
            total = checksum.changed(total, kind, None, document)
        await connection.execute(
            "UPDATE revision SET checksum = $2 WHERE revision = $1", head.revision, checksum.written(total)
        )
    return total != head.checksum


async def altered(connection: asyncpg.Connection) -> list[tuple[str, str]]:
    """The records, by kind and code, that the tables have otherwise than the change log says they were written last."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        kinds = [name for name, kind in KINDS.items() if kind.replicated]
        logged = {
            (kind, code): checksum.digest(kind, json.loads(after))
            for kind, code, after in await connection.fetch(_LOGGED, kinds)
            if after is not None
        }
        there = {(kind, code): checksum.digest(kind, document) async for kind, code, document in feed.records(connection)}
    return sorted(name for name in logged.keys() | there.keys() if logged.get(name) != there.get(name))
