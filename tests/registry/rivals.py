"""Requests that are under way at once, in an order that is certain."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import httpx

from qualsvc.store import writing
from qualsvc.store.engine import connect
from tests.serving import PATIENCE_S

_WAITING = """
SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


async def rivals(database_url: str, *requests: Coroutine[Any, Any, httpx.Response]) -> list[httpx.Response]:
    """The answers to writes that all wait for the ledger before the first of them gets it; they get it in this order."""
    async with ledger_held(database_url) as connection:
        tasks = []
        for number, request in enumerate(requests, 1):
            tasks.append(asyncio.create_task(request))
            await until_waiting(connection, number)
    return list(await asyncio.gather(*tasks))


@asynccontextmanager
async def ledger_held(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """Somebody else is writing meanwhile."""
    connection = await connect(database_url)
    try:
        async with connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock($1)", writing.WRITER_LOCK)
            yield connection
    finally:
        await connection.close()


async def until_waiting(connection: asyncpg.Connection, number: int) -> None:
    """Return once so many writes wait for the ledger."""
    async with asyncio.timeout(PATIENCE_S):
        while await connection.fetchval(_WAITING) != number:  # noqa: ASYNC110 -- nothing announces it
            await asyncio.sleep(0.001)
