"""The golden cases asked of a kernel whose facts went through PostgreSQL."""

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from qualsvc.replica.held import Held
from qualsvc.store import feed
from qualsvc.store.engine import connect
from qualsvc.zones import load as zone
from tests.golden.asking import check
from tests.golden.cases import Documents, bulk_lines, themes, writable_cases
from tests.serving import load

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("theme", themes())
async def test_what_was_loaded_answers_so(theme: str, engine: AsyncEngine, database_url: str) -> None:
    """A snapshot loaded from the tables, and one that followed the changes, answer as the cases of a file tell."""
    connection = await connect(database_url)
    try:
        start = await feed.load(connection)
        following = Held.build(zone, start.ledger_id, start.revision, start.records)
        before: Documents | None = None
        for case in writable_cases(theme):
            await load(engine, bulk_lines(case.plant, before))
            before = case.plant
            loaded = await feed.load(connection)
            check(case, Held.build(zone, loaded.ledger_id, loaded.revision, loaded.records).snapshot)
            async for rows in feed.change_pages(connection, following.snapshot.revision):
                following.apply(feed.read_changes(rows))
            check(case, following.snapshot)
    finally:
        await connection.close()
