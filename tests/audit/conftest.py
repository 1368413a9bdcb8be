"""The log to tamper with."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from qualsvc.store.engine import connect
from tests.audit.log import Log


@pytest.fixture
async def log(shared_database_url: str, tmp_path: Path) -> AsyncIterator[Log]:
    """Two boots, shipped; in a database that is emptied for each test, which takes less than another one."""
    connection = await connect(shared_database_url)
    log = Log(shared_database_url, tmp_path, connection)
    await log.clear()
    await log.fill()
    yield log
    log.close()
    await connection.close()
