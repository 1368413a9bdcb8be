"""Migrations lead to the tables of this version and back."""

import asyncio
import signal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text

from qualsvc.store import migrate
from qualsvc.store.engine import connect, make_engine
from qualsvc.store.tables import metadata
from tests.cli.commands import run, started
from tests.serving import eventually_told

pytestmark = pytest.mark.anyio

CATALOGUE = """
SELECT conrelid::regclass::text AS owner, conname AS name, pg_get_constraintdef(oid) AS definition
  FROM pg_constraint WHERE connamespace = 'public'::regnamespace
UNION ALL SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL SELECT table_name, column_name, concat_ws(' ', data_type, collation_name, is_nullable, column_default)
  FROM information_schema.columns WHERE table_schema = 'public'
"""


async def catalogue(url: str, build: Any = None) -> set[tuple[str, str, str]]:
    engine = make_engine(url)
    try:
        async with engine.begin() as connection:
            if build is not None:
                await connection.run_sync(build)
            return {(a, b, c) for a, b, c in await connection.execute(text(CATALOGUE)) if a != "alembic_version"}
    finally:
        await engine.dispose()


async def test_up_down_and_up_again(empty_database_url: str) -> None:
    """The way down leaves nothing, and the way up works again."""
    await migrate.upgrade(empty_database_url)
    migrated = await catalogue(empty_database_url)
    await migrate.downgrade(empty_database_url, "base")
    assert await catalogue(empty_database_url) == set()
    await migrate.upgrade(empty_database_url)
    assert await catalogue(empty_database_url) == migrated


async def test_alembic_finds_no_drift(database_url: str, empty_database_url: str) -> None:
    """`check` finds nothing in a migrated database and something in an empty one."""
    assert await migrate.check(database_url) == []
    assert await migrate.check(empty_database_url) != []


async def test_the_catalogue_agrees_to_the_letter(database_url: str, empty_database_url: str) -> None:
    """Columns, defaults, collations, checks, keys and indexes are those of the tables, which alembic compares in part only."""

    def build(connection: Connection) -> None:
        metadata.create_all(connection)

    assert await catalogue(database_url) == await catalogue(empty_database_url, build)


async def test_processes_starting_together_wait_for_each_other(empty_database_url: str) -> None:
    """Two upgrades at once leave one schema."""
    await asyncio.gather(migrate.upgrade(empty_database_url), migrate.upgrade(empty_database_url))
    assert await migrate.check(empty_database_url) == []


async def test_interrupted_migration(database_url: str, tmp_path: Path) -> None:
    """Killed in the midst of the migrations, a process has changed nothing; run again, they lead where they should."""
    await migrate.downgrade(database_url, "0003")
    before = await catalogue(database_url)
    somebody = await connect(database_url)
    async with somebody.transaction():
        await somebody.execute("LOCK TABLE revision IN ACCESS SHARE MODE")  # in the way of the last one, not of those before
        with started(tmp_path, "db", "upgrade", QUALSVC_DATABASE_URL=database_url) as command:
            await eventually_told(lambda: somebody.fetchval(_WAITS))
            command.end(signal.SIGKILL)
    assert before == await catalogue(database_url)
    await somebody.close()
    assert 0 == run(tmp_path, "db", "upgrade", QUALSVC_DATABASE_URL=database_url).returncode
    assert [] == await migrate.check(database_url)


_WAITS = "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = 'revision'::regclass)"
