"""States of persons: what was known of somebody at an instant, and how it stood at another."""

import asyncio
from collections.abc import AsyncIterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text

from qualsvc.records.documents import plain
from qualsvc.records.kinds import KINDS
from tests.drifting import DRIFTING, drift, turn
from tests.registry.callers import WORLD, Caller, caller, problem
from tests.serving import Running, changed, running

pytestmark = pytest.mark.anyio

TURNS = 50
BEFORE = "2020-01-01T00:00:00Z"
OWNED = ("assignment", "certificate", "training_record", "waiver", "restriction", "site_stay")
PERSONS = ("E1", "E2", "E3", "E4")


@pytest.fixture
async def plant(database_url: str, tmp_path: Path) -> AsyncIterator[Running]:
    async with running(database_url, tmp_path, plant=DRIFTING) as plant:
        yield plant


@pytest.fixture
async def world(database_url: str, tmp_path: Path) -> AsyncIterator[Running]:
    async with running(database_url, tmp_path, plant=WORLD) as plant:
        yield plant


async def instants(plant: Running) -> dict[int, str]:
    """When each revision was recorded."""
    async with plant.engine.connect() as connection:
        rows = await connection.execute(text("SELECT revision, at FROM revision"))
        return {revision: plain(at) for revision, at in rows}


async def read(plant: Running, person: str) -> dict[str, Any] | None:
    """A person and all that is theirs as the lists tell it now, without personal fields; None where there is no such one."""
    found = await plant.client.get(f"/v1/persons/{person}")
    if found.status_code == 404:
        return None
    own = found.json()
    told: dict[str, Any] = {"person": {name: own[name] for name in own if name not in KINDS["person"].personal}}
    company = None if own["company"] is None else (await plant.client.get(f"/v1/companies/{own['company']}")).json()
    told["company"] = company
    for kind in OWNED:
        answer = await plant.client.get(f"/v1/{KINDS[kind].path}", params={"person": person, "limit": 1000})
        told[f"{kind}s"] = answer.json()["items"]
    return told


def records(state: dict[str, Any]) -> dict[str, Any]:
    """A state as the lists would tell it."""
    shown = {name: value for name, value in state.items() if name not in ("revision", "at", "known_at", "reconstructed")}
    return {
        name: [{field: each[field] for field in each if field != "in_force"} for each in value]
        if isinstance(value, list)
        else value
        for name, value in shown.items()
    }


async def test_what_was_read_then_is_told_again(plant: Running) -> None:
    """At the instant of each revision it is what reading told then: records that moved, went and came again, and conditions."""
    found: dict[int, dict[str, Any]] = {}
    for lines in islice(drift(11), TURNS):
        await turn(plant, lines)
        found[plant.service.replica.revision] = {person: await read(plant, person) for person in PERSONS}
    recorded = await instants(plant)
    differing = []
    for revision, then in found.items():
        for person, expected in then.items():
            answer = await plant.client.get(f"/v1/persons/{person}/state", params={"known_at": recorded[revision]})
            told = answer.json()
            if expected is None:
                assert (404, "record_not_found") == (answer.status_code, told["code"])
                continue
            assert (revision, recorded[revision], recorded[revision], True) == (
                told["revision"],
                told["at"],
                told["known_at"],
                told["reconstructed"],
            )
            if records(told) != expected:
                differing.append((revision, person, expected, records(told)))
    assert [] == differing
    owners = {each["person"] for then in found.values() for state in then.values() if state for each in state["certificates"]}
    conditions = {each["condition"] for then in found.values() for s in then.values() if s for each in s["certificates"]}
    assert {"E1", "E2"} == owners
    assert {"valid", "expiring", "expired", "revoked", "renewing", "suspended"} == conditions
    assert {True, False} == {then["E4"] is None for then in found.values()}


async def test_now(plant: Running) -> None:
    """With neither instant it is all there is, now."""
    await plant.load([changed("C1", status="revoked")])
    told = (await plant.client.get("/v1/persons/E1/state")).json()
    assert (plant.service.replica.revision, False) == (told["revision"], told["reconstructed"])
    assert told["at"] == told["known_at"]
    assert await read(plant, "E1") == records(told)


async def test_at_another_instant(plant: Running) -> None:
    """`at` says for when it is told what is in force and in date; what is known stays what it was."""
    await plant.load(
        [
            changed("A1", valid_from="2026-01-01T00:00:00Z", valid_until="2027-01-01T00:00:00Z"),
            changed("E1", site="NGB"),
            changed("C1", valid_until="2026-12-31"),
        ]
    )
    found = []
    for at in (
        "2025-12-31T23:59:59.999999Z",
        "2026-01-01T00:00:00Z",
        "2026-12-31T15:59:59Z",
        "2026-12-31T16:00:00Z",
        "2027-01-01T00:00:00Z",
    ):
        told = (await plant.client.get("/v1/persons/E1/state", params={"at": at})).json()
        assert at == told["at"]
        found.append((told["assignments"][0]["in_force"], told["certificates"][0]["condition"]))
    assert [(False, "valid"), (True, "valid"), (True, "valid"), (True, "expired"), (False, "expired")] == found


async def test_each_kind(world: Running) -> None:
    """All that belongs to a person is told; what begins and ends at instants says whether it is in force."""
    told = (await world.client.get("/v1/persons/E1001/state", params={"at": "2026-06-01T00:00:00Z"})).json()
    lasting = {name: [each.get("in_force") for each in told[f"{name}s"]] for name in OWNED}
    assert {
        "assignment": [True],
        "certificate": [None],
        "training_record": [None],
        "waiver": [False],  # of next year
        "restriction": [True],
        "site_stay": [True],
    } == lasting
    assert ("ACME", "approved") == (told["company"]["code"], told["company"]["status"])


async def test_no_personal_fields(world: Running) -> None:
    """What is personal is in no log, and so not here."""
    answer = await world.client.get("/v1/persons/E1001/state")
    assert "secret" not in answer.text
    assert not set(KINDS["person"].personal) & set(answer.json()["person"])


async def test_fields_in_the_order_of_the_contract(world: Running) -> None:
    """The fields of each record stand as they do wherever else it is read."""
    told = (await world.client.get("/v1/persons/E1001/state")).json()
    for kind in OWNED:
        listed = (await world.client.get(f"/v1/{KINDS[kind].path}")).json()["items"][0]
        assert list(listed) == [name for name in told[f"{kind}s"][0] if name != "in_force"]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("E1/state?at=noon", (400, "malformed_parameter", ["?at"])),
        ("E1/state?known_at=2026-11-21", (400, "malformed_parameter", ["?known_at"])),
        ("E1/state?known_at=9999-12-31T00:00:00Z", (400, "malformed_parameter", ["?known_at"])),
        ("E1/state?at=x&known_at=y", (400, "malformed_parameter", ["?at", "?known_at"])),
        ("E1/state?person=E1", (400, "unknown_parameter", ["?person"])),
        ("E1/state?at=2026-11-21T00:00:00Z&at=2026-11-21T00:00:00Z", (400, "repeated_parameter", ["?at"])),
        (f"E1/state?known_at={BEFORE}", (404, "record_not_found", [])),
        ("E99/state", (404, "record_not_found", [])),
        ("a%20b/state", (404, "record_not_found", [])),
        ("%FF/state", (400, "malformed_path", [])),
    ],
)
async def test_refusals(plant: Running, path: str, expected: tuple[int, str, list[str]]) -> None:
    """What cannot be read, has not come yet or was not there is refused as such."""
    assert expected == problem(await plant.client.get(f"/v1/persons/{path}"))


async def test_nobody_yet_is_not_nobody(plant: Running) -> None:
    """Of somebody recorded later it says that they were not on record then, not that there is no such person."""
    early = (await plant.client.get("/v1/persons/E1/state", params={"known_at": BEFORE})).json()
    assert f"there was no person `E1` on record at {BEFORE}" == early["detail"]
    assert "there is no person `E99`" == (await plant.client.get("/v1/persons/E99/state")).json()["detail"]


async def test_who_may(plant: Running) -> None:
    """It is read with `read`; who may only ask or write may not."""
    found = {}
    scopes: tuple[Any, ...] = ("read", "ask", "ask:at", "maintain", "approve")
    for scope in scopes:
        reader: Caller = await caller(plant, scope)
        found[scope] = (await reader.send("GET", "/v1/persons/E1/state")).status_code
    assert {"read": 200, "ask": 403, "ask:at": 403, "maintain": 403, "approve": 403} == found


async def test_a_log_that_lost_its_beginning(plant: Running) -> None:
    """Without all of the log nobody can tell what there was: nothing is told by half."""
    await plant.load([changed("C1", status="revoked")])
    async with plant.engine.begin() as connection:
        await connection.execute(text("DELETE FROM change WHERE revision = 1"))
    assert (400, "before_log", []) == problem(await plant.client.get("/v1/persons/E1/state"))


async def test_statements(plant: Running) -> None:
    """It costs the same few statements whoever it is about and however much was written."""
    counted: list[str] = []
    event.listen(plant.engine.sync_engine, "before_cursor_execute", lambda *of: counted.append(of[2]))
    found = []
    for _ in range(2):
        for person in ("E1", "E3"):
            counted.clear()
            assert (await plant.client.get(f"/v1/persons/{person}/state")).is_success
            found.append(len(counted))
        for lines in islice(drift(3), 20):
            await turn(plant, lines)
    assert [5] * 4 == found


async def test_while_others_write(plant: Running) -> None:
    """What is told of the past does not depend on what is being written."""
    recorded = (await instants(plant))[plant.service.replica.revision]

    async def write() -> None:
        for lines in islice(drift(5), 30):
            await turn(plant, lines)

    async def ask() -> set[bytes]:
        answers = [await plant.client.get("/v1/persons/E1/state", params={"known_at": recorded}) for _ in range(60)]
        return {answer.content for answer in answers}

    told, _ = await asyncio.gather(ask(), write())
    assert 1 == len(told)
