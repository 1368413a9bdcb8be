"""Killed at any moment, a process has lost no answer that a client received: each is in the table, once."""

import asyncio
import signal
import sys
import time
from hashlib import sha256
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]
import pytest

from qualsvc.shipping.rows import COLUMNS, genesis
from qualsvc.store.engine import connect, make_engine
from tests.cli.commands import PATIENCE_S, serving
from tests.serving import ADMIN_KEY, PLANT, load
from tests.shipping.asking import Asking, ids

CLIENTS = 3
ENOUGH = 600


@pytest.mark.parametrize("kill", [*range(5), *(pytest.param(kill, marks=pytest.mark.faults) for kill in range(5, 100))])
def test_kill_9_under_load(database_url: str, tmp_path: Path, kill: int) -> None:
    """`kill -9` of the whole service in the midst of answering; its shipper takes the rest along, or the next start does."""
    sync = "fsync" if kill % 3 == 2 else "write"
    given = {"QUALSVC_DATABASE_URL": database_url, "QUALSVC_BOOTSTRAP_API_KEY": ADMIN_KEY, "QUALSVC_DECISION_LOG_SYNC": sync}
    with serving(tmp_path, **given) as (command, base):
        asyncio.run(_filled(database_url))
        clients = [Asking(base) for _ in range(CLIENTS)]
        began = time.monotonic()
        for client in clients:
            client.start()
        command.until(lambda: sum(len(client.received) for client in clients) >= ENOUGH)
        rate = sum(len(client.received) for client in clients) / (time.monotonic() - began)
        assert -signal.SIGKILL == command.end(signal.SIGKILL)
        for client in clients:
            client.join(PATIENCE_S)
    sys.stderr.write(f"killed at {rate:,.0f} decisions/s\n")
    received = [decision_id for client in clients for decision_id in ids(client.received)]
    if kill % 2:
        with serving(tmp_path, **given):
            asyncio.run(_check(database_url, received))
    asyncio.run(_check(database_url, received))


async def _filled(database_url: str) -> None:
    engine = make_engine(database_url)
    await load(engine, PLANT)
    await engine.dispose()


async def _check(database_url: str, received: list[str]) -> None:
    """All received are there, none twice, and every chain holds; the shipper is given time."""
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
