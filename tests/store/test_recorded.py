"""When a revision was recorded: not before anybody could read it, and after the one before it."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from qualsvc.store import reading
from qualsvc.store.operations import Answered, Once
from qualsvc.store.writing import write
from tests.store.world import CLERK, put

pytestmark = pytest.mark.anyio

LATE = """
CREATE TABLE late (at timestamptz);
CREATE FUNCTION late() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN PERFORM pg_sleep(0.2); INSERT INTO late VALUES (clock_timestamp()); RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER late AFTER INSERT ON {table} DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION late()
"""
REFUSE = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE foreign_key_violation USING MESSAGE = 'checked at last'; END $$;
CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON change DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse()
"""


async def execute(engine: AsyncEngine, statements: str) -> None:
    async with engine.begin() as connection:
        for statement in statements.split(";\n"):
            await connection.execute(text(statement))


async def recorded(engine: AsyncEngine, table: str = "revision") -> list[datetime]:
    async with engine.connect() as connection:
        return list((await connection.execute(text(f"SELECT at FROM {table} ORDER BY {table}"))).scalars())


@pytest.mark.parametrize("table", ["change", "idempotency"])
async def test_what_is_checked_at_last_is_checked_before(engine: AsyncEngine, table: str) -> None:
    """However long the checks of a commit take, and what else there is to do: the instant of recording comes after."""
    await execute(engine, LATE.format(table=table))
    once = Once("k", "f", lambda written: Answered(200, {"revision": written.revision}))
    assert 1 == (await write(engine, CLERK, [put("site")], once=once)).revision
    assert 1 == await reading.head_revision(engine)
    (checked,), (at,) = await recorded(engine, "late"), await recorded(engine)
    assert checked < at


async def test_a_clock_set_back(engine: AsyncEngine) -> None:
    """A revision is recorded after the one before, though the clock says otherwise; and by the clock once it has caught up."""
    ahead = datetime(2199, 1, 1, tzinfo=UTC)
    for i in range(3):
        await write(engine, CLERK, [put("site", code=f"S{i}")])
        if i == 0:
            await execute(engine, f"UPDATE revision SET at = '{ahead}'")
    assert [0, 1, 2] == [(at - ahead).microseconds for at in await recorded(engine)]
    await execute(engine, "UPDATE revision SET at = at - interval '200 years'")
    await write(engine, CLERK, [put("site", code="S3")])
    *_, before, last = await recorded(engine)
    assert abs(last - datetime.now(UTC)).total_seconds() < 60
    assert before < last


async def test_what_a_late_check_refuses_is_not_written(engine: AsyncEngine) -> None:
    """It is the same error as ever, and nothing is left of the write."""
    await execute(engine, REFUSE)
    with pytest.raises(DBAPIError, match="checked at last") as caught:
        await write(engine, CLERK, [put("site")])
    assert "23503" == getattr(caught.value.orig, "sqlstate", None)
    assert (0, []) == (await reading.head_revision(engine), await recorded(engine))
