"""What a caller is told when the database is slow, away, or gone in the middle."""

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from qualsvc.store import migrate, reading, writing
from qualsvc.store.engine import connect, make_engine
from qualsvc.store.errors import Busy, DatabaseAway, OutcomeUnknown
from qualsvc.store.writing import write
from tests.faults.postgres import own_postgres
from tests.serving import eventually_told
from tests.store.world import CLERK, plant, put

pytestmark = pytest.mark.anyio

DEFERRED = "DEFERRABLE INITIALLY DEFERRED"
KILL = """
CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$
"""


PUT_OFF = """
CREATE FUNCTION put_off() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN SET CONSTRAINTS die DEFERRED; RETURN NULL; END $$
"""


async def end_the_connection(engine: AsyncEngine, timing: str) -> None:
    """From now on the server drops the connection of whoever counts up the head, at once or while committing."""
    async with engine.begin() as connection:
        await connection.execute(text(KILL))
        await connection.execute(
            text(f"CREATE CONSTRAINT TRIGGER die AFTER UPDATE ON head {timing} FOR EACH ROW EXECUTE FUNCTION die()")
        )
        if timing == DEFERRED:  # writers have all checked before they commit, this one not
            await connection.execute(text(PUT_OFF))
            await connection.execute(text("CREATE TRIGGER put_off BEFORE UPDATE ON head EXECUTE FUNCTION put_off()"))


async def test_a_writer_that_waits_too_long_is_told(
    engine: AsyncEngine, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another writer holding the ledger is `Busy`, and afterwards all is well again."""
    monkeypatch.setattr(writing, "LOCK_TIMEOUT_S", 0.05)
    other = await connect(database_url)
    try:
        async with other.transaction():
            await other.execute("SELECT pg_advisory_xact_lock($1)", writing.WRITER_LOCK)
            with pytest.raises(Busy):
                await write(engine, CLERK, plant())
    finally:
        await other.close()
    assert (await write(engine, CLERK, plant())).revision == 1


async def test_a_connection_lost_before_the_commit_changes_nothing(engine: AsyncEngine) -> None:
    """The caller learns that the database went away, and that nothing was committed."""
    await end_the_connection(engine, "NOT DEFERRABLE")
    with pytest.raises(DatabaseAway):
        await write(engine, CLERK, [put("site")])
    assert await reading.head_revision(engine) == 0


async def test_a_connection_lost_while_committing_is_said_to_be_open(engine: AsyncEngine) -> None:
    """Nobody can know whether it was written: the caller is told to read back, not that it failed."""
    await end_the_connection(engine, DEFERRED)
    with pytest.raises(OutcomeUnknown):
        await write(engine, CLERK, [put("site")])


async def test_a_database_that_is_not_there_is_away() -> None:
    """No driver's error reaches the caller."""
    engine = make_engine("postgresql://nobody@127.0.0.1:9/none")
    with pytest.raises(DatabaseAway):
        await write(engine, CLERK, [put("site")])
    await engine.dispose()


async def test_a_database_that_takes_no_writes_says_so(engine: AsyncEngine, database_url: str) -> None:
    """Read-only, or its disk full: the caller is told to try again later, and why; nothing of ours is broken."""
    connection = await connect(database_url)
    try:
        name = await connection.fetchval("SELECT current_database()")
        await connection.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        with pytest.raises(DatabaseAway, match=r"takes no writes now: .*read-only"):
            await write(engine, CLERK, [put("site")])
    finally:
        await connection.close()


async def test_a_standby_that_is_not_waited_for() -> None:
    """Where somebody makes a commit go on without the standby that has to have it too, nobody is told that it is safe."""
    with own_postgres() as server:
        await migrate.upgrade(server.url)
        engine, watcher = make_engine(server.url), await connect(server.url)
        await watcher.execute("ALTER SYSTEM SET synchronous_standby_names = 'ghost'")
        await watcher.execute("SELECT pg_reload_conf()")
        writing_one = asyncio.create_task(write(engine, CLERK, [put("site")]))
        waiting = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
        await eventually_told(lambda: watcher.fetchval(f"SELECT EXISTS ({waiting})"))
        await watcher.execute(f"SELECT pg_cancel_backend(pid) FROM ({waiting}) AS waiting")
        with pytest.raises(OutcomeUnknown, match="warned while committing"):
            await writing_one
        await watcher.execute("ALTER SYSTEM RESET synchronous_standby_names")
        await watcher.execute("SELECT pg_reload_conf()")
        await eventually_told(lambda: watcher.fetchval("SELECT current_setting('synchronous_standby_names') = ''"))
        assert (await write(engine, CLERK, [put("site", code="S2")])).revision == 2
        await watcher.close()
        await engine.dispose()
