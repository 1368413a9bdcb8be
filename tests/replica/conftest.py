"""What most tests of replicas begin with."""

from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from qualsvc.store.engine import connect
from tests.serving import Running, running


@pytest.fixture
async def plant(database_url: str, tmp_path: Path) -> AsyncIterator[Running]:
    """A service with the small plant."""
    async with running(database_url, tmp_path) as plant:
        yield plant


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection of somebody else to the same database."""
    connection = await connect(database_url)
    yield connection
    await connection.close()
