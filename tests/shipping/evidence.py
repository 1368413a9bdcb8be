"""What is in the table, against what was answered."""

import asyncio
import time
from collections.abc import Iterable
from hashlib import sha256

import asyncpg

from qualsvc.store.chain import COLUMNS, genesis
from qualsvc.store.engine import connect, make_engine
from tests.cli.commands import PATIENCE_S
from tests.serving import PLANT, load
from tests.shipping.asking import Asking, ids


async def fill(database_url: str) -> None:
    """Put the small plant in."""
    engine = make_engine(database_url)
    await load(engine, PLANT)
    await engine.dispose()


async def check(database_url: str, clients: Iterable[Asking]) -> None:
    """All received are there, none twice, and every chain holds; the shipper is given time."""
    received = [decision_id for client in clients for decision_id in ids(client.received)]
    assert received
    connection = await connect(database_url)
    deadline = time.monotonic() + PATIENCE_S
    try:
        while missing := set(received) - set(rows := await _logged(connection)):
            assert time.monotonic() < deadline, f"{len(missing)} of {len(received)} answers are not in the table"
            await asyncio.sleep(0.2)
        assert len(rows) == len(set(rows))
        await _require_chained(connection)
    finally:
        await connection.close()


async def _logged(connection: asyncpg.Connection) -> list[str]:
    return [f"{boot_id}-{sequence}" for boot_id, sequence in await connection.fetch("SELECT boot_id, sequence FROM decision")]


async def _require_chained(connection: asyncpg.Connection) -> None:
    for (boot_id,) in await connection.fetch("SELECT boot_id FROM decision_boot"):
        text = bytearray()

        async def add(data: bytes, text: bytearray = text) -> None:
            text.extend(data)

        query = f"SELECT encode(hash, 'hex'), {', '.join(COLUMNS)} FROM decision WHERE boot_id = $1 ORDER BY sequence"
        await connection.copy_from_query(query, boot_id, output=add)
        before = genesis(boot_id)
        for digest, line in (each.split(b"\t", 1) for each in bytes(text).split(b"\n") if each):
            before = sha256(before + line).digest()
            assert before.hex().encode() == digest
