"""Who answers is on record, and a write can wait until nobody answers from before it any more."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from time import monotonic
from typing import Any

import asyncpg
import pytest

from qualsvc.replica.silence import Silence
from qualsvc.store import reporting
from qualsvc.store.reporting import Identity, Sign
from tests.serving import QUESTION, Running, changed, eventually, eventually_told, running

pytestmark = pytest.mark.anyio

LEASE_S = 2.0


@asynccontextmanager
async def two(database_url: str, tmp_path: Path, **settings: Any) -> AsyncIterator[tuple[Running, Running]]:
    async with (
        running(database_url, tmp_path / "one", max_staleness_s=LEASE_S, **settings) as one,
        running(database_url, tmp_path / "other", plant=(), max_staleness_s=LEASE_S, **settings) as other,
    ):
        yield one, other


async def listed(plant: Running) -> dict[str, dict[str, Any]]:
    items = (await plant.client.get("/v1/replicas")).json()["items"]
    return {item["replica"]: item for item in items}


def boot(plant: Running) -> str:
    return plant.service.spool().boot_id


async def test_listed_while_they_answer(database_url: str, tmp_path: Path) -> None:
    """Each process is listed with what it holds as long as it runs, and off the list once it has stopped."""
    async with running(database_url, tmp_path / "one") as one:
        async with running(database_url, tmp_path / "other", plant=()) as other:
            revision = await other.load([changed("C1", status="revoked")])

            async def all_reported() -> bool:
                return {item["revision"] for item in (await listed(one)).values()} == {revision}

            await eventually_told(all_reported)
            found = await listed(one)
            assert {boot(one), boot(other)} == set(found)
            assert {(0, 10_000, True, True)} == {
                (item["lag"], item["lease_ms"], item["fresh"], item["agrees"]) for item in found.values()
            }
            assert 1 == len({item["checksum"] for item in found.values()})
        assert {boot(one)} == set(await listed(one))


async def test_a_write_that_waits(database_url: str, tmp_path: Path) -> None:
    """Once such a write is answered, the other process answers by it, though it was not asked to wait: 50 times."""
    async with two(database_url, tmp_path) as (one, other):
        for turn in range(50):
            status, expected = ("valid", "allow") if turn % 2 else ("revoked", "deny")
            written = await one.client.patch("/v1/certificates/C1", params={"wait": "replicas"}, json={"status": status})
            answer = (await other.ask(**QUESTION)).json()
            assert (int(written.headers["revision"]), expected) == (answer["revision"], answer["decision"])


async def test_each_write_can_wait(database_url: str, tmp_path: Path) -> None:
    """Single records, bulk, deletions, verdicts and the life of a person take the parameter; a wrong value is named."""
    async with two(database_url, tmp_path) as (one, other):
        line = b'{"kind":"course","code":"K","name":"K"}'
        headers = {"Content-Type": "application/x-ndjson"}
        for request in (
            one.client.build_request("PUT", "/v1/courses/L?wait=replicas", json={"name": "L"}),
            one.client.build_request("POST", "/v1/bulk?wait=replicas", content=line, headers=headers),
            one.client.build_request("DELETE", "/v1/courses/K?wait=replicas"),
            one.client.build_request("POST", "/v1/persons/E3/leave?wait=replicas", json={}),
        ):
            written = await one.client.send(request)
            assert (written.status_code < 300, other.service.replica.revision) == (True, int(written.headers["revision"]))
        refused = await one.client.put("/v1/courses/M?wait=all", json={"name": "M"})
        assert (400, "?wait") == (refused.status_code, refused.json()["errors"][0]["pointer"])
        assert 404 == (await one.client.get("/v1/courses/M")).status_code


async def test_waiting_for_who_fell_silent(database_url: str, tmp_path: Path, database: asyncpg.Connection) -> None:
    """A process that died without a word is waited for until its lease has run out, and then no more."""
    async with running(database_url, tmp_path, max_staleness_s=LEASE_S) as plant:
        await reporting.register(database, Identity("dead", "elsewhere", 1, "0", LEASE_S))
        began = monotonic()
        await plant.client.patch("/v1/certificates/C1?wait=replicas", json={"status": "revoked"})
        assert monotonic() - began > LEASE_S * 0.9
        await eventually_told(lambda: database.fetchval("SELECT lapsed FROM replica WHERE replica = 'dead'"))
        began = monotonic()
        await plant.client.patch("/v1/certificates/C1?wait=replicas", json={"status": "valid"})
        assert monotonic() - began < LEASE_S
        assert not (await listed(plant))["dead"]["fresh"]


async def test_who_waits_is_in_nobodys_way(database_url: str, tmp_path: Path, database: asyncpg.Connection) -> None:
    """However many writes wait for a process that is silent, others are written meanwhile."""
    async with running(database_url, tmp_path) as plant:
        await reporting.register(database, Identity("dead", "elsewhere", 1, "0", 60))
        waiting = [
            asyncio.create_task(plant.client.put(f"/v1/courses/K{turn}?wait=replicas", json={"name": "K"}))
            for turn in range(40)
        ]
        revision = plant.service.replica.revision
        await eventually(lambda: plant.service.replica.revision == revision + 40)
        assert 200 == (await plant.client.patch("/v1/certificates/C1", json={"status": "revoked"})).status_code
        assert not any(write.done() for write in waiting)
        await reporting.leave(database, "dead")
        assert {201} == {write.status_code for write in await asyncio.gather(*waiting)}


async def test_the_end_comes_before_everybody_has_it(database_url: str, tmp_path: Path, database: asyncpg.Connection) -> None:
    """A process that is to end does not let a write wait: it is told that it is done, and not yet known to be everywhere."""
    async with running(database_url, tmp_path) as plant:
        await reporting.register(database, Identity("dead", "elsewhere", 1, "0", 60))
        revision = plant.service.replica.revision + 1
        waiting = asyncio.create_task(plant.client.put("/v1/courses/K?wait=replicas", json={"name": "K"}))
        await eventually(lambda: plant.service.replica.revision == revision)
        plant.service.draining = True
        told = await waiting
        assert (503, "outcome_unknown") == (told.status_code, told.json()["code"])
        assert f"revision {revision} has it" in told.json()["detail"]


async def test_who_was_given_up_must_register_anew(database_url: str, tmp_path: Path, database: asyncpg.Connection) -> None:
    """A process that was found silent and comes back is on record again before it renews its lease."""
    async with running(database_url, tmp_path) as plant:
        await database.execute("UPDATE replica SET lapsed = true")
        await eventually_told(lambda: database.fetchval("SELECT NOT lapsed FROM replica"))
        assert 200 == (await plant.ask(**QUESTION)).status_code


async def test_sightings_of_who_was_given_up_do_not_count(database: asyncpg.Connection) -> None:
    """Found silent, a process is not seen any more; registered again, it holds nothing yet."""
    who = Identity("one", "here", 1, "0", 10)
    await reporting.register(database, who)
    assert (await reporting.sight(database, "one", 7, None))[1]
    (sign,) = await reporting.signs(database)
    await reporting.lapse(database, [Sign(sign.replica, sign.sightings - 1, sign.lease_s)])
    assert (await reporting.sight(database, "one", 7, None))[1], "it was seen meanwhile"
    await reporting.lapse(database, await reporting.signs(database))
    assert not (await reporting.sight(database, "one", 7, None))[1]
    await reporting.register(database, who)
    assert -1 == await database.fetchval("SELECT revision FROM replica")


async def test_silence_is_measured_here() -> None:
    """Silence is counted from when a sign was read first, by our clock, and a new sign begins anew."""
    silence = Silence()
    old, new = Sign("one", 1, 10), Sign("one", 2, 10)
    assert [] == silence.past_lease([old], 100, 101)
    assert [] == silence.past_lease([old], 111, 111)
    assert [old] == silence.past_lease([old], 111.2, 112)
    assert [] == silence.past_lease([new], 120, 121)
    assert [] == silence.past_lease([], 200, 201)
    assert [] == silence.past_lease([new], 300, 301)


async def test_a_database_that_takes_no_writes(database_url: str, tmp_path: Path, database: asyncpg.Connection) -> None:
    """Where nothing can be written, a full disk say, nobody can be reported to, and answers go on."""
    async with running(database_url, tmp_path) as plant:
        name = await database.fetchval("SELECT current_database()")
        await database.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        await database.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()", name
        )
        ended = monotonic()
        await eventually(lambda: plant.service.replica.lease.silence() < monotonic() - ended - 1)
        assert 200 == (await plant.ask(**QUESTION)).status_code
