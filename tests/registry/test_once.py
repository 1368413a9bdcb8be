"""`Idempotency-Key`: a POST sent again, by whatever mishap, has one effect and one answer."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from tests.registry.callers import WORLD, Caller, caller, problem
from tests.registry.rivals import ledger_held, until_waiting
from tests.serving import ADMIN_KEY, PATIENCE_S, Running, eventually, running
from tests.store.test_faults import KILL
from tests.store.world import RECORDS

pytestmark = pytest.mark.anyio

CUT = [("NOT DEFERRABLE", "database_unavailable"), ("DEFERRABLE INITIALLY DEFERRED", "database_unavailable")]
"""When the connection is lost, and what the caller is told: what is checked last is checked before the commit too."""
SITES = [{"kind": "site", "code": f"S{i}", "name": "x", "time_zone": "UTC"} for i in range(3)]


@pytest.fixture
async def plant(database_url: str, tmp_path: Path) -> AsyncIterator[Running]:
    async with running(database_url, tmp_path, plant=WORLD) as plant:
        yield plant


@pytest.fixture
def admin(plant: Running) -> Caller:
    return Caller(plant.client, "bootstrap", ADMIN_KEY)


async def approve(by: Caller, key: str, code: str = "W1") -> httpx.Response:
    return await by.send("POST", f"/v1/waivers/{code}/approve", headers={"Idempotency-Key": key})


async def revision(plant: Running) -> int:
    """The last one there is."""
    return await number(plant, "SELECT revision FROM head")


async def number(plant: Running, query: str) -> int:
    async with plant.engine.connect() as connection:
        return int((await connection.execute(text(query))).scalar_one())


def said(answer: httpx.Response) -> tuple[int, Any, str | None, str | None]:
    """All of an answer that a caller looks at."""
    return answer.status_code, answer.json(), answer.headers.get("Revision"), answer.headers.get("ETag")


async def test_fifty_at_once_are_one_bulk(plant: Running, admin: Caller) -> None:
    """Fifty times the same bulk with one key, all under way at once: one effect, and all get the answer of the first."""
    before, lane = await revision(plant), plant.service.traffic.bulk
    lane.patience_s = PATIENCE_S
    async with ledger_held(plant.database_url) as connection:
        sent = [asyncio.create_task(admin.bulk(SITES, Idempotency_Key="night-1")) for _ in range(50)]
        await until_waiting(connection, lane.at_once)
    answers = await asyncio.gather(*sent)
    expected = {"revision": before + 1, "created": 3, "changed": 0, "unchanged": 0, "deleted": 0}
    assert [(200, expected, str(before + 1), None)] * 50 == [said(answer) for answer in answers]
    assert before + 1 == await revision(plant)


async def test_fifty_at_once_are_one_verdict(plant: Running, admin: Caller) -> None:
    """Fifty approvals with one key: one revision, and fifty times the approved waiver with its tag."""
    before = await revision(plant)
    answers = await asyncio.gather(*(approve(admin, "approve-W1") for _ in range(50)))
    read = await admin.send("GET", "/v1/waivers/W1")
    assert [(200, read.json(), str(before + 1), read.headers["ETag"])] * 50 == [said(answer) for answer in answers]
    assert ("approved", before + 1) == (read.json()["status"], await revision(plant))


async def test_the_first_answer_is_given_whatever_came_since(plant: Running, admin: Caller) -> None:
    """Sent again after others have written, it answers as it did, and undoes nothing of theirs."""
    first = await admin.bulk(SITES, Idempotency_Key="night-1")
    waiver = await approve(admin, "approve-W1")
    gone = [{"kind": "site", "code": line["code"], "op": "delete"} for line in SITES]
    assert 200 == (await admin.bulk(gone, Idempotency_Key="night-2")).status_code
    assert 200 == (await admin.send("POST", "/v1/waivers/W1/revoke")).status_code
    after = await revision(plant)
    assert said(first) == said(await admin.bulk(SITES, Idempotency_Key="night-1"))
    assert said(waiver) == said(await approve(admin, "approve-W1"))
    assert 404 == (await admin.send("GET", "/v1/sites/S0")).status_code
    assert "revoked" == (await admin.get("/v1/waivers/W1"))["status"]
    assert after == await revision(plant)


async def test_without_a_key_each_counts(plant: Running, admin: Caller) -> None:
    """The same bulk twice without a key is done twice, the second time without effect."""
    await admin.bulk(SITES)
    again = (await admin.bulk(SITES)).json()
    assert (0, 3) == (again["created"], again["unchanged"])
    assert 0 == await number(plant, "SELECT count(*) FROM idempotency")


async def test_a_key_stands_for_one_request(plant: Running, admin: Caller) -> None:
    """With another body, or at another path, it is 422, says what to do, and nothing is changed."""
    await admin.bulk(SITES, Idempotency_Key="k")
    before = await revision(plant)
    for answer in (
        await admin.bulk([SITES[0] | {"name": "other"}], Idempotency_Key="k"),
        await admin.bulk(SITES[:2], Idempotency_Key="k"),
        await approve(admin, "k"),
    ):
        assert (422, "idempotency_key_reused", ["Idempotency-Key"]) == problem(answer)
        assert "`k` was used for another request; use a new one for each" in answer.json()["detail"]
    assert before == await revision(plant)
    assert 200 == (await admin.bulk(SITES, Idempotency_Key=" k ")).status_code  # space around a header's value is none of it
    other_waiver = RECORDS["waiver"] | {"code": "W2"}
    assert 201 == (await admin.send("PUT", "/v1/waivers/W2", other_waiver | {"requested_by": "x"})).status_code
    assert 200 == (await approve(admin, "verdict")).status_code
    assert 422 == (await approve(admin, "verdict", "W2")).status_code
    rejected = await admin.send("POST", "/v1/waivers/W1/revoke", headers={"Idempotency-Key": "verdict"})
    assert 422 == rejected.status_code


async def test_keys_of_different_callers_are_different(plant: Running, admin: Caller) -> None:
    """Two systems that number their requests from 1 are not in each other's way."""
    other = await caller(plant, "maintain")
    first = await admin.bulk(SITES[:1], Idempotency_Key="1")
    second = await other.bulk(SITES[1:], Idempotency_Key="1")
    assert (1, 2) == (first.json()["created"], second.json()["created"])
    assert said(first) == said(await admin.bulk(SITES[:1], Idempotency_Key="1"))
    assert said(second) == said(await other.bulk(SITES[1:], Idempotency_Key="1"))


async def test_a_key_that_cannot_be_kept_is_named(plant: Running, admin: Caller) -> None:
    """Empty, too long or not printable ASCII: 400 before anything is done."""
    before = await revision(plant)
    line, ndjson = json.dumps(SITES[0]).encode(), {"Content-Type": "application/x-ndjson"}
    for key in ("", " ", "x" * 256, "tab\tinside", "中".encode(), b"\x7f"):
        headers: dict[str, Any] = {"Idempotency-Key": key}
        for answer in (
            await admin.send("POST", "/v1/waivers/W1/approve", headers=headers),
            await admin.send("POST", "/v1/bulk", line, ndjson | headers),
        ):
            assert (400, "malformed_header", ["Idempotency-Key"]) == problem(answer)
            assert "1 to 255 printable ASCII characters" in answer.json()["errors"][0]["message"]
    assert before == await revision(plant)


async def test_two_keys_in_one_request_are_refused(plant: Running, admin: Caller) -> None:
    """Nobody guesses which of them is meant; the longest key there can be is kept whole."""
    headers = [("Authorization", f"Bearer {ADMIN_KEY}"), ("Idempotency-Key", "a"), ("Idempotency-Key", "b")]
    answer = await plant.client.post("/v1/waivers/W1/approve", headers=headers)
    assert (400, "malformed_header", ["Idempotency-Key"]) == problem(answer)
    longest = "k" * 255
    assert 200 == (await approve(admin, longest)).status_code
    assert 1 == await number(plant, "SELECT count(*) FROM idempotency WHERE length(key) = 255")


async def test_what_was_refused_is_not_remembered(admin: Caller) -> None:
    """A request that failed may be mended and sent again with its key."""
    bad = await admin.bulk([SITES[0] | {"time_zone": "Mars/Base"}], Idempotency_Key="k")
    missing = await admin.bulk([{"kind": "org_unit", "code": "O", "name": "o", "site": "S0"}], Idempotency_Key="k")
    assert [(422, "unknown_time_zone"), (422, "unknown_reference")] == [problem(answer)[:2] for answer in (bad, missing)]
    good = await admin.bulk(SITES, Idempotency_Key="k")
    assert (200, 3) == (good.status_code, good.json()["created"])
    assert (404, "record_not_found") == problem(await approve(admin, "later", "W2"))[:2]
    await admin.send("PUT", "/v1/waivers/W2", RECORDS["waiver"] | {"code": "W2", "requested_by": "x"})
    assert 200 == (await approve(admin, "later", "W2")).status_code


@pytest.mark.parametrize(("timing", "code"), CUT)
async def test_a_lost_connection_leaves_no_key_without_its_effect(
    plant: Running, admin: Caller, timing: str, code: str
) -> None:
    """Cut off between the effect and the commit, there is neither; sent again with the same key, it is done, once."""
    before = await revision(plant)
    async with plant.engine.begin() as connection:
        await connection.execute(text(KILL))
        await connection.execute(
            text(f"CREATE CONSTRAINT TRIGGER die AFTER INSERT ON idempotency {timing} FOR EACH ROW EXECUTE FUNCTION die()")
        )
    cut = [await admin.bulk(SITES, Idempotency_Key="k"), await approve(admin, "v")]
    assert [(503, code)] * 2 == [problem(answer)[:2] for answer in cut]
    assert (before, 0) == (await revision(plant), await number(plant, "SELECT count(*) FROM idempotency"))
    async with plant.engine.begin() as connection:
        await connection.execute(text("DROP TRIGGER die ON idempotency"))
    await eventually(plant.service.replica.is_fresh)
    answers = [await admin.bulk(SITES, Idempotency_Key="k") for _ in range(2)]
    verdicts = [await approve(admin, "v") for _ in range(2)]
    assert [(200, 3), (200, 3)] == [(answer.status_code, answer.json()["created"]) for answer in answers]
    assert [(200, "approved"), (200, "approved")] == [(answer.status_code, answer.json()["status"]) for answer in verdicts]
    assert before + 2 == await revision(plant)


async def test_an_old_key_is_a_new_one(plant: Running, admin: Caller) -> None:
    """A week later nobody repeats a request: the key is free, and what was kept of it is gone."""
    await admin.bulk(SITES, Idempotency_Key="monday")
    async with plant.engine.begin() as connection:
        await connection.execute(text("UPDATE idempotency SET at = at - interval '7 days'"))
    again = await admin.bulk(SITES[:1], Idempotency_Key="monday")
    assert (200, 1) == (again.status_code, again.json()["unchanged"])
    assert 1 == await number(plant, "SELECT count(*) FROM idempotency")


async def test_nothing_personal_is_kept(plant: Running, admin: Caller) -> None:
    """What is remembered of a request has no personal field in it."""
    persons = [{"kind": "person"} | RECORDS["person"] | {"code": f"E{i}", "badges": []} for i in range(3)]
    assert 200 == (await admin.bulk(persons, Idempotency_Key="k")).status_code
    await approve(admin, "v")
    assert 2 == await number(plant, "SELECT count(*) FROM idempotency")
    assert 0 == await number(plant, "SELECT count(*) FROM idempotency i WHERE i::text LIKE '%secret%'")
