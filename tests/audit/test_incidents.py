"""What was frozen for an incident is signed with the next checkpoint: who alters a copy has to answer to it."""

from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from qualsvc.audit.checkpoints import checkpoint
from qualsvc.audit.statements import every
from qualsvc.audit.trust import said
from qualsvc.audit.verifying import verify
from qualsvc.store.chain import AS_TEXT
from qualsvc.store.engine import connect
from tests.audit.log import KEY
from tests.registry.logged import ship
from tests.serving import QUESTION, TRAINEE, Running, running

pytestmark = pytest.mark.anyio

_NOW = f"SELECT {AS_TEXT.format('clock_timestamp()')}"


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


async def faults(plant: Running, signed: int = 2) -> list[str]:
    """What is said, but for when a checkpoint was made, of so many incidents that are signed."""
    verdict = await verify(plant.database_url, [KEY.public], processes=1)
    assert signed == verdict.incidents
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
    ("DELETE FROM incident_evidence WHERE incident = 'I1' AND sort = 'states'", 1),
    ("UPDATE incident SET complete = true WHERE code = 'I1'", 1),
    ("UPDATE incident SET persons = '[]' WHERE code = 'I2'", 2),
    ("UPDATE incident SET description = 'Nothing happened.' WHERE code = 'I2'", 2),
    ("UPDATE incident SET frozen_at = occurred_at WHERE code = 'I1'", 1),
]


@pytest.mark.parametrize(("statement", "by"), ALTERED)
async def test_altered(plant: Running, connection: asyncpg.Connection, statement: str, by: int) -> None:
    """A part taken away, what was reported, what is said of it as a whole: the incident is named."""
    await connection.execute(statement)
    code = "I2" if "I2" in statement else "I1"
    assert [f"incident {code} is not as it was frozen; checkpoint {by}"] == await faults(plant)


_FIRST = "split_part(lines, chr(10), 1)"
FORGED = [
    ('replace(lines, \'"decision":"allow"\', \'"decision":"deny"\')', "its copy of row 1 of boot B is not as that row is"),
    ('regexp_replace(lines, \'"hash":"..\', \'"hash":"00\')', "its copy of row 1 of boot B is not as that row is"),
    ("split_part(lines, chr(10), 1)", "has 1 copies of 1 decisions, and says that there are 2"),
    (
        "split_part(lines, chr(10), 1) || chr(10) || split_part(lines, chr(10), 1)",
        "has 2 copies of 1 decisions, and says that there are 2",
    ),
    ("replace(lines, '\"sequence\":1,', '\"sequence\":900,')", "its copy of row 900 of boot B is of no row there is"),
    ("'{}'", "cannot be read: KeyError: 'boot_id'"),
]


@pytest.mark.parametrize(("lines", "what"), FORGED)
@pytest.mark.parametrize("signed", [True, False])
async def test_forged_copies(plant: Running, connection: asyncpg.Connection, lines: str, what: str, *, signed: bool) -> None:
    """A decision in a copy is held against its row, be the copy signed or be it forged before that."""
    report = {"code": "I3", "equipment": "FORK-07", "occurred_at": await connection.fetchval(_NOW), "window": 5}
    assert 201 == (await plant.client.post("/v1/incidents", json=report)).status_code
    if signed:
        await checkpoint(connection, KEY, 0)
    update = "UPDATE incident_evidence SET lines = {} WHERE incident = 'I3' AND sort = 'decisions'"
    await connection.execute(update.format(lines))
    found = await faults(plant, 3 if signed else 2)
    boot = await connection.fetchval("SELECT boot_id FROM decision LIMIT 1")
    assert any(f"incident I3{':' if 'its' in what else ''} {what.replace('boot B', f'boot {boot}')}" == each for each in found)
    assert signed == any("is not as it was frozen" in each for each in found)
    await checkpoint(connection, KEY, 0)  # of what was forged by then it makes nothing true
    assert any("its copy" in each or "copies" in each or "read" in each for each in await faults(plant, 3))


async def test_the_first_word_counts(plant: Running, connection: asyncpg.Connection) -> None:
    """Whoever alters what was signed, and has the service sign it anew as another report, is told of by both."""
    await connection.execute("UPDATE incident SET description = 'Nothing happened.' WHERE code = 'I1'")
    await connection.execute(
        "INSERT INTO change SELECT (SELECT revision FROM head), 999, kind, code, NULL, after, personal"
        " FROM change WHERE kind = 'incident' AND code = 'I1'"
    )
    await plant.client.post("/v1/incidents", json={"code": "I9", "equipment": "FORK-07", "occurred_at": "2026-11-21T03:30:00Z"})
    await checkpoint(connection, KEY, 0)
    found = await faults(plant, 3)
    assert "incident I1 is not as it was frozen; checkpoint 1" in found


async def test_what_the_service_never_wrote(plant: Running, connection: asyncpg.Connection) -> None:
    """An incident that no checkpoint saw, or a conclusion, was not written by the service, once it is old enough to know."""
    columns = "equipment, process, occurred_at, \"window\", description, {} frozen_at, revision, 0, '[]'::jsonb, complete"
    rest = "complete_until, concluded_at, conclusion, restrictions, suspended"
    old = "frozen_at - interval '2 hours'"
    await connection.execute(f"INSERT INTO incident SELECT 'X', {columns.format(old + ' AS')}, {rest} FROM incident LIMIT 1")
    await connection.execute(f"UPDATE incident SET concluded_at = {old}, conclusion = 'It was the weather.' WHERE code = 'I2'")
    ahead = columns.format("frozen_at + interval '2 hours' AS")
    await connection.execute(f"INSERT INTO incident SELECT 'Y', {ahead}, {rest} FROM incident WHERE code = 'I1'")
    young = columns.format("frozen_at AS")
    await connection.execute(f"INSERT INTO incident SELECT 'Z', {young}, {rest} FROM incident WHERE code = 'I1'")
    verdict = await verify(plant.database_url, [KEY.public], processes=1)
    found = [fault.text.partition(": no checkpoint up to 2 of ")[0] for fault in verdict.faults.listed]
    expected = {f"incident {code} was put in, or dated otherwise" for code in ("X", "Y")}
    assert expected | {"incident I2 was concluded by others than the service"} <= set(found)
    assert ["incident Z as it was frozen is signed by no checkpoint yet"] == verdict.warnings


async def test_evidence_is_signed_at_once(plant: Running, connection: asyncpg.Connection) -> None:
    """Not only when the next checkpoint is due."""
    assert await checkpoint(connection, KEY, 3600) is None
    body = {"code": "I3", "equipment": "FORK-07", "occurred_at": await connection.fetchval(_NOW)}
    assert 201 == (await plant.client.post("/v1/incidents", json=body)).status_code
    assert await checkpoint(connection, KEY, 3600) is not None
    assert await checkpoint(connection, KEY, 3600) is None
    assert [] == await faults(plant, 3)


@pytest.mark.parametrize("field", ["conclusion = 'all fine'", "concluded_at = frozen_at", "suspended = '[]'"])
async def test_what_was_found_is_signed(plant: Running, connection: asyncpg.Connection, field: str) -> None:
    """With the checkpoint after the conclusion, which is made though nobody was answered anything."""
    body = {"conclusion": "The driver was not qualified.", "suspend": ["C1"]}
    assert 200 == (await plant.client.post("/v1/incidents/I1/conclude", json=body)).status_code
    assert await checkpoint(connection, KEY, 0) is not None
    assert await checkpoint(connection, KEY, 0) is None
    assert [] == await faults(plant)
    await connection.execute(f"UPDATE incident SET {field} WHERE code = 'I1'")
    assert ["incident I1 is not as it was concluded; checkpoint 3"] == await faults(plant)


async def test_taken_away(plant: Running, connection: asyncpg.Connection) -> None:
    """An incident that is gone with all its evidence is missed."""
    await connection.execute("DELETE FROM incident_evidence WHERE incident = 'I1'; DELETE FROM incident WHERE code = 'I1'")
    assert ["incident I1 is missing; checkpoint 1"] == await faults(plant)


async def test_concluding_alters_nothing_frozen(plant: Running) -> None:
    """What is written to an incident later is not what was frozen."""
    answer = await plant.client.post("/v1/incidents/I1/conclude", json={"conclusion": "Nobody was hurt.", "suspend": ["C1"]})
    assert 200 == answer.status_code
    assert [] == await faults(plant)
