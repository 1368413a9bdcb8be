"""What is not known to be fresh is not answered: the lease, the clocks, and facts that cannot be read."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest

from qualsvc.store.engine import connect
from tests.serving import ADMIN_KEY, QUESTION, HandClock, Running, changed, eventually, load, running

pytestmark = pytest.mark.anyio


@dataclass(frozen=True)
class Timed:
    """A service whose clocks a test moves, and somebody else's connection to its database."""

    plant: Running
    clock: HandClock
    database: asyncpg.Connection

    async def seen(self) -> dict[str, tuple[int, str | None]]:
        """What an ask and `/readyz` say now: status and problem code."""
        found = {}
        for name, response in (
            ("ask", await self.plant.ask(**QUESTION)),
            ("batch", await self.plant.post({"questions": []}, "/can-operate/batch")),
            ("readyz", await self.plant.client.get("/readyz")),
        ):
            found[name] = (response.status_code, response.json().get("code"))
        return found

    @asynccontextmanager
    async def without_word(self) -> AsyncIterator[None]:
        """The database goes on, but its head cannot be read."""
        async with self.database.transaction():
            await self.database.execute("LOCK TABLE head IN ACCESS EXCLUSIVE MODE")
            yield


def all_of(status: int, code: str | None) -> dict[str, tuple[int, str | None]]:
    return dict.fromkeys(("ask", "batch", "readyz"), (status, code))


FRESH = all_of(200, None)


@pytest.fixture
async def timed(database_url: str, tmp_path: Path) -> AsyncIterator[Timed]:
    clock = HandClock()
    database = await connect(database_url)
    async with running(database_url, tmp_path, clock=clock) as plant:
        yield Timed(plant, clock, database)
    await database.close()


async def test_lease(timed: Timed) -> None:
    """Without word from the database, answers end when the lease does and come back with the first word."""
    async with timed.without_word():
        timed.clock.let_pass(8)
        assert FRESH == await timed.seen()
        timed.clock.let_pass(2.5)
        assert all_of(503, "stale") == await timed.seen()
    timed.clock.step_wall(-10.5)  # the database's clock did not jump with ours
    await eventually(timed.plant.service.replica.is_fresh)
    assert FRESH == await timed.seen()


async def test_lease_as_set(database_url: str, tmp_path: Path) -> None:
    """The lease is as long as MAX_STALENESS_S says."""
    clock = HandClock()
    database = await connect(database_url)
    async with running(database_url, tmp_path, clock=clock, max_staleness_s=100) as plant:
        timed = Timed(plant, clock, database)
        async with timed.without_word():
            clock.let_pass(80)
            assert FRESH == await timed.seen()
            clock.let_pass(21)
            assert all_of(503, "stale") == await timed.seen()
    await database.close()


async def test_stale_is_explained(timed: Timed) -> None:
    """A refusal says since when there was no word, and when to try again."""
    async with timed.without_word():
        timed.clock.let_pass(20)
        response = await timed.plant.ask(**QUESTION)
        assert "1" == response.headers["retry-after"]
        assert response.json()["detail"].startswith("no word from the database for 2")


@pytest.mark.parametrize("step", [3.0, -3.0])
async def test_wall_clock_stepped(timed: Timed, step: float) -> None:
    """A wall clock stepped by three seconds stops answers at the very next ask, and set right again, at once gives them."""
    timed.clock.step_wall(step)
    assert all_of(503, "clock_skew") == await timed.seen()
    timed.clock.step_wall(-step)
    assert FRESH == await timed.seen()


@pytest.mark.parametrize("step", [1.0, -1.0])
async def test_small_steps(timed: Timed, step: float) -> None:
    """A second is within what is borne."""
    timed.clock.step_wall(step)
    assert FRESH == await timed.seen()


async def test_skew_does_not_stop_its_remedy(timed: Timed) -> None:
    """With a wrong clock records can still be read and written: it is answers about now that would be wrong."""
    timed.clock.step_wall(3600)
    assert 200 == (await timed.plant.client.patch("/v1/certificates/C1", json={"status": "revoked"})).status_code
    assert 200 == (await timed.plant.client.get("/v1/certificates/C1")).status_code


async def test_what_happens_now_is_not_written_by_a_wrong_clock(timed: Timed) -> None:
    """Acts without an instant of their own happen now, which a wrong clock does not know: nobody keeps a post for it."""
    timed.clock.step_wall(3600)
    body = {"positions": [{"position": "LEADER"}]}
    refused = await timed.plant.client.post("/v1/persons/E1/transfer", json=body)
    assert (503, "clock_skew") == (refused.status_code, refused.json()["code"])
    timed.clock.step_wall(-3600)
    done = await timed.plant.client.post("/v1/persons/E1/transfer", json=body)
    assert (200, "deny") == (done.status_code, (await timed.plant.ask(**QUESTION)).json()["decision"])


async def test_metrics_are_told_of_what_is_stale(timed: Timed) -> None:
    """What is wrong can be seen while it is wrong, by a key that was good when word came last."""
    async with timed.without_word():
        timed.clock.let_pass(11)
        told = await timed.plant.client.get("/metrics")
        assert (200, True) == (told.status_code, "qualsvc_fresh 0.0" in told.text)


async def test_stale_keys_open_nothing(timed: Timed) -> None:
    """Keys are facts too: while they are not fresh, nobody is let in, with whatever key."""
    async with timed.without_word():
        timed.clock.let_pass(11)
        response = await timed.plant.client.get("/v1/certificates/C1")
        assert (503, "stale") == (response.status_code, response.json()["code"])


async def test_livez(timed: Timed) -> None:
    """A process that may not answer still lives: nobody is to restart it for that."""
    timed.clock.step_wall(3600)
    assert 200 == (await timed.plant.client.get("/livez")).status_code


async def test_promised_revision(timed: Timed) -> None:
    """What was written here is never followed by an older answer, even if word of it is late."""
    replica = timed.plant.service.replica
    revision = await load(timed.plant.engine, [changed("C1", status="revoked")])
    async with timed.without_word():
        if replica.revision < revision:
            replica.promised = revision  # as `applied` sets it, which would wait here
            assert all_of(503, "stale") == await timed.seen()
    await replica.applied(revision)
    answer = (await timed.plant.ask(**QUESTION)).json()
    assert (revision, "deny") == (answer["revision"], answer["decision"])


async def test_fact_that_cannot_be_read(timed: Timed) -> None:
    """A change that cannot be read stops answers, whole: no revision is ever answered from by half."""
    replica, database = timed.plant.service.replica, timed.database
    revision = replica.revision + 1
    async with database.transaction():
        await database.execute("INSERT INTO revision (revision, actor) VALUES ($1, 'somebody')", revision)
        for ordinal, (kind, code, after) in enumerate(
            (
                ("assignment", "A1", None),
                ("site", "NGB", '{"code": "NGB", "name": "Ningbo", "time_zone": "Asia/Shanghai"}'),
                ("certificate", "C1", '{"code": "C1", "person": "E1", "type": "N1", "status": 7}'),
            )
        ):
            await database.execute(
                "INSERT INTO change (revision, ordinal, kind, code, after) VALUES ($1, $2, $3, $4, $5)",
                *(revision, ordinal, kind, code, after),
            )
        await database.execute("UPDATE head SET revision = revision + 1")
        held = replica.held
    # The tables were left alone, so that loading them anew succeeds, and heals.
    await eventually(lambda: replica.held is not held and replica.held is not None)
    await eventually(lambda: replica.revision == revision and replica.is_fresh())
    assert "allow" == (await timed.plant.ask(**QUESTION)).json()["decision"]


async def test_facts_that_can_never_be_read(timed: Timed) -> None:
    """While a record in the tables cannot be read, nothing is answered; mended, everything is."""
    replica, database = timed.plant.service.replica, timed.database
    async with database.transaction():
        await database.execute("UPDATE rule SET requirement = '{\"nonsense\": 1}'")
        await database.execute("UPDATE head SET revision = revision + 1")
    await eventually(lambda: replica.held is None)
    assert all_of(503, "stale") == await timed.seen()
    await database.execute('UPDATE rule SET requirement = \'{"certificate": {"type": "N1"}}\'')
    await eventually(replica.is_fresh)
    assert FRESH == await timed.seen()


async def test_readyz_tells(timed: Timed) -> None:
    """A ready process says its revision, the database's, and how far it is behind."""
    state = (await timed.plant.client.get("/readyz")).json()
    revision = timed.plant.service.replica.revision
    assert ["status", "revision", "head_revision", "lag", "data_age_ms", "spool_used", "warnings"] == list(state)
    assert ("ready", revision, revision, 0) == tuple(state.values())[:4]
    assert [] == state["warnings"]


async def test_asks_go_on_while_a_write_is_applied(timed: Timed) -> None:
    """Between commit and answer of a write, asks are answered from before it or after it, and never refused."""
    plant = timed.plant

    async def write() -> None:
        for turn in range(30):
            status = "revoked" if turn % 2 == 0 else "valid"
            response = await plant.client.patch(
                "/v1/certificates/C1", json={"status": status}, headers={"Authorization": f"Bearer {ADMIN_KEY}"}
            )
            assert 200 == response.status_code

    writing = asyncio.create_task(write())
    statuses = set()
    while not writing.done():
        statuses.add((await plant.ask(**QUESTION)).status_code)
        await asyncio.sleep(0)
    await writing
    assert {200} == statuses
