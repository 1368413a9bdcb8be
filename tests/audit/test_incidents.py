"""What was frozen for an incident is signed with the next checkpoint: who alters a copy has to answer to it."""

from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from qualsvc.audit.checkpoints import checkpoint
from qualsvc.audit.statements import every
from qualsvc.audit.trust import said
from qualsvc.audit.verifying import verify
from qualsvc.store.engine import connect
from tests.audit.log import KEY
from tests.registry.logged import ship
from tests.serving import QUESTION, TRAINEE, Running, running

pytestmark = pytest.mark.anyio


@pytest.fixture
async def plant(database_url: str, tmp_path: Path) -> AsyncIterator[Running]:
    """Two incidents with the same answers, frozen before and after the first checkpoint."""
    async with running(database_url, tmp_path) as plant:
        at = (await plant.ask(**QUESTION)).json()["asked_at"]
        await plant.ask(**TRAINEE)
        await ship(plant)
        connection = await connect(plant.database_url)
        for code in ("I1", "I2"):
            body = {"code": code, "equipment": "FORK-07", "occurred_at": at, "window": 5}
            assert 201 == (await plant.client.post("/v1/incidents", json=body)).status_code
            assert await checkpoint(connection, KEY, 0) is not None
        await connection.close()
        yield plant


async def faults(plant: Running) -> list[str]:
    """What is said, but for when a checkpoint was made."""
    verdict = await verify(plant.database_url, [KEY.public], processes=1)
    assert 2 == verdict.incidents
    return [fault.text.partition(" of 20")[0] for fault in verdict.faults.listed]


@pytest.fixture
async def connection(plant: Running) -> AsyncIterator[asyncpg.Connection]:
    connection = await connect(plant.database_url)
    yield connection
    await connection.close()


async def test_each_is_told_by_one_checkpoint(plant: Running, connection: asyncpg.Connection) -> None:
    """The first that comes after it; and nothing is said anew where nothing happened."""
    told = [said(each)["incidents"]["frozen"] for each in await every(connection, "checkpoint")]
    assert [["I1"], ["I2"]] == [[code for code, _ in frozen] for frozen in told]
    assert told[0][0][1] != told[1][0][1]
    assert [] == await faults(plant)
    assert await checkpoint(connection, KEY, 0) is None


ALTERED = [
    (
        "UPDATE incident_evidence SET lines = replace(lines, 'conditional', 'allow') WHERE incident = 'I2'",
        "is not as it was frozen",
        2,
    ),
    ("DELETE FROM incident_evidence WHERE incident = 'I1' AND sort = 'states'", "is not as it was frozen", 1),
    ("UPDATE incident SET complete = true, answers = 0 WHERE code = 'I1'", "is not as it was frozen", 1),
    ("UPDATE incident SET persons = '[]' WHERE code = 'I2'", "is not as it was frozen", 2),
]


@pytest.mark.parametrize(("statement", "what", "by"), ALTERED)
async def test_altered(plant: Running, connection: asyncpg.Connection, statement: str, what: str, by: int) -> None:
    """A decision in a copy, a part taken away, what is said of it as a whole: the incident is named."""
    await connection.execute(statement)
    code = "I2" if "I2" in statement else "I1"
    assert [f"incident {code} {what}; checkpoint {by}"] == await faults(plant)


async def test_taken_away(plant: Running, connection: asyncpg.Connection) -> None:
    """An incident that is gone with all its evidence is missed."""
    await connection.execute("DELETE FROM incident_evidence WHERE incident = 'I1'; DELETE FROM incident WHERE code = 'I1'")
    assert ["incident I1 is missing; checkpoint 1"] == await faults(plant)


async def test_concluding_alters_nothing_frozen(plant: Running) -> None:
    """What is written to an incident later is not what was frozen."""
    answer = await plant.client.post("/v1/incidents/I1/conclude", json={"conclusion": "Nobody was hurt.", "suspend": ["C1"]})
    assert 200 == answer.status_code
    assert [] == await faults(plant)
