"""Histories: who changed a record by which key, when, at which revision, from what to what."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from qualsvc.access import issuing
from qualsvc.kernel.instants import parse_instant
from qualsvc.records.kinds import RECORD_KINDS
from qualsvc.store.engine import connect
from tests.registry.callers import WORLD, Caller, caller, problem
from tests.registry.test_versions import OTHER
from tests.serving import Running, running
from tests.store.world import RECORDS

pytestmark = pytest.mark.anyio

PERSON = "/v1/persons/E9"
SECRETS = {
    "name": "秘密王五",
    "phone": "+86-secret-1",
    "email": "secret-2@x.cn",
    "id_number": "secret-3",
    "language": "secret-4",
}


@pytest.fixture
async def plant(database_url: str, tmp_path: Path) -> AsyncIterator[Running]:
    async with running(database_url, tmp_path, plant=WORLD) as plant:
        yield plant


@pytest.fixture
async def clerk(plant: Running) -> Caller:
    return await caller(plant, "maintain", "read", name="人事 HR")


async def history(reader: Caller, path: str, **parameters: Any) -> list[dict[str, Any]]:
    """All changes, page by page."""
    items: list[dict[str, Any]] = []
    while True:
        page = await reader.get(f"{path}/history", **parameters)
        items += page["items"]
        if page["next_cursor"] is None:
            return items
        parameters |= {"cursor": page["next_cursor"]}


async def test_every_change_is_told(plant: Running, clerk: Caller) -> None:
    """Who, by the key and its name; the revision and the request; before and after; of a deleted and a new one too."""
    other = await caller(plant, "maintain", name="LMS")
    site = {"name": "Wuhu", "time_zone": "Asia/Shanghai"}
    steps = [
        await clerk.send("PUT", "/v1/sites/WH", site, {"X-Request-Id": "req-1"}),
        await clerk.send("PUT", "/v1/sites/WH", site),
        await other.send("PATCH", "/v1/sites/WH", {"name": "芜湖"}),
        await clerk.send("DELETE", "/v1/sites/WH", headers={"X-Request-Id": "x" * 500}),
        await other.bulk([{"kind": "site", "code": "WH"} | site, {"kind": "site", "code": "WH2"} | site]),
    ]
    created, _, renamed, deleted, again = [int(answer.headers["Revision"]) for answer in steps]
    first, second = {"code": "WH"} | site, {"code": "WH", "name": "芜湖", "time_zone": "Asia/Shanghai"}
    found = await history(clerk, "/v1/sites/WH")
    assert [set(change) for change in found] == [
        {"revision", "at", "key", "key_name", "request_id", "before", "after", "personal"}
    ] * 4
    assert [
        (created, clerk.key, "人事 HR", None, first),
        (renamed, other.key, "LMS", first, second),
        (deleted, clerk.key, "人事 HR", second, None),
        (again, other.key, "LMS", None, first),
    ] == [(each["revision"], each["key"], each["key_name"], each["before"], each["after"]) for each in found]
    assert ["req-1", "x" * 128] == [found[0]["request_id"], found[2]["request_id"]]
    assert [[]] * 4 == [change["personal"] for change in found]


async def test_the_hour_is_that_of_the_ledger(plant: Running, clerk: Caller) -> None:
    """`at` is when the revision was made, in UTC, later for each change."""
    for number in range(3):
        await clerk.send("PATCH", "/v1/sites/SH", {"name": f"name {number}"})
    connection = await connect(plant.database_url)
    try:
        made = {row["revision"]: row["at"] for row in await connection.fetch("SELECT revision, at FROM revision")}
    finally:
        await connection.close()
    found = await history(clerk, "/v1/sites/SH")
    assert [made[each["revision"]].timestamp() for each in found] == [parse_instant(each["at"]) / 1e6 for each in found]
    assert sorted({each["at"] for each in found}) == [each["at"] for each in found]
    assert [] == [each["at"] for each in found if not each["at"].endswith("Z")]


async def test_personal_values_are_never_told(clerk: Caller) -> None:
    """What is personal is named when it changes, and its values are nowhere in a history, new, old or deleted."""
    known = {name: value for name, value in RECORDS["person"].items() if name not in SECRETS}
    person = known | {"code": "E9", "badges": ["B9"], "supervisor": None}
    new = {name: f"new {value}" for name, value in SECRETS.items()}
    for request in (
        clerk.send("PUT", PERSON, person | SECRETS),
        clerk.send("PATCH", PERSON, {"phone": new["phone"], "status": "left"}),
        clerk.send("PATCH", PERSON, {"email": None}),
        clerk.send("PATCH", PERSON, {"status": "active"}),
        clerk.send("PUT", PERSON, person | new),
        clerk.send("DELETE", PERSON),
        clerk.send("PUT", PERSON, person | {"name": SECRETS["name"]}),
    ):
        answer = await request
        assert answer.is_success, answer.text
    whole = await clerk.send("GET", f"{PERSON}/history")
    body = json.dumps(whole.json(), ensure_ascii=False)
    assert [] == [value for value in (*SECRETS.values(), "secret", "秘密") if value in body]
    assert [
        ["name", "phone", "email", "id_number", "language"],
        ["phone"],
        ["email"],
        [],
        ["name", "email", "id_number", "language"],
        ["name", "phone", "email", "id_number", "language"],
        ["name"],
    ] == [change["personal"] for change in whole.json()["items"]]
    documents = [document for each in whole.json()["items"] for document in (each["before"], each["after"]) if document]
    assert [] == [document for document in documents if document.keys() & SECRETS.keys()]
    assert ["active", "left", "left", "active", "active", None, "active"] == [
        each["after"] and each["after"]["status"] for each in whole.json()["items"]
    ]


async def test_every_kind_has_a_history(clerk: Caller) -> None:
    """Of each kind: made by the loader, which has no key now, then changed; before and after are the documents as stored."""
    for kind in RECORD_KINDS:
        path = f"/v1/{kind.path}/{RECORDS[kind.name]['code']}"
        read = await clerk.get(path)
        changed = await clerk.send("PATCH", path, OTHER[kind.name])
        stored = {name: value for name, value in read.items() if name not in {*kind.personal, *kind.derived}}
        made, later = await history(clerk, path)
        assert (kind.name, None, stored, None) == (kind.name, made["before"], made["after"], made["key_name"])
        personal = [name for name in OTHER[kind.name] if name in kind.personal]
        after = stored | {name: value for name, value in OTHER[kind.name].items() if name not in personal}
        assert (stored, after, personal) == (later["before"], later["after"], later["personal"])
        assert (clerk.key, changed.headers["Revision"]) == (later["key"], str(later["revision"]))


async def test_a_revoked_key_keeps_its_name(plant: Running, clerk: Caller) -> None:
    """Who wrote it stays known after the key is revoked."""
    other = await caller(plant, "maintain", name="gone")
    await other.send("PATCH", "/v1/sites/SH", {"name": "changed"})
    await issuing.revoke(plant.engine, other.key)
    assert "gone" == (await history(clerk, "/v1/sites/SH"))[-1]["key_name"]


async def test_verdicts_are_in_the_history(plant: Running, clerk: Caller) -> None:
    """A waiver's history says who asked and who approved, each by their key."""
    boss = await caller(plant, "approve", name="EHS")
    await clerk.send("PUT", "/v1/waivers/W9", RECORDS["waiver"] | {"code": "W9"})
    await boss.send("POST", "/v1/waivers/W9/approve")
    found = await history(clerk, "/v1/waivers/W9")
    assert [("人事 HR", "requested", None), ("EHS", "approved", boss.key)] == [
        (each["key_name"], each["after"]["status"], each["after"]["approved_by"]) for each in found
    ]


async def test_histories_are_paged(clerk: Caller) -> None:
    """Oldest first, page by page, each change once, also when there are more meanwhile; 50 without a limit."""
    for number in range(60):
        await clerk.send("PATCH", "/v1/sites/SH", {"name": f"name {number}"})
    every = await history(clerk, "/v1/sites/SH", limit=1000)
    assert (61, 50) == (len(every), len((await clerk.get("/v1/sites/SH/history"))["items"]))
    assert every == await history(clerk, "/v1/sites/SH", limit=7) == await history(clerk, "/v1/sites/SH", limit=61)
    page = await clerk.get("/v1/sites/SH/history", limit=60)
    await clerk.send("PATCH", "/v1/sites/SH", {"name": "meanwhile"})
    rest = await clerk.get("/v1/sites/SH/history", limit=2, cursor=page["next_cursor"])
    assert (["name 59", "meanwhile"], None) == ([each["after"]["name"] for each in rest["items"]], rest["next_cursor"])


async def test_a_history_that_cannot_be_told(plant: Running, clerk: Caller) -> None:
    """Of what never was it is 404; a cursor of another history, a bad limit and other parameters are 400; `read` is needed."""
    await clerk.send("PATCH", "/v1/sites/SH", {"name": "changed"})
    cursor = (await clerk.get("/v1/sites/SH/history", limit=1))["next_cursor"]
    never = await clerk.send("GET", "/v1/sites/NO/history")
    assert (404, "record_not_found", []) == problem(never)
    assert "there is no site `NO`" == never.json()["detail"]
    for path, parameters, named in (
        ("/v1/positions/DRIVER", {"cursor": cursor}, "cursor"),
        ("/v1/sites/SH", {"cursor": "abc"}, "cursor"),
        ("/v1/sites/SH", {"limit": 0}, "limit"),
        ("/v1/sites/SH", {"limit": 1001}, "limit"),
    ):
        answer = await clerk.send("GET", f"{path}/history", **parameters)
        assert (400, "malformed_parameter", [f"?{named}"]) == problem(answer)
    unknown = await clerk.send("GET", "/v1/sites/SH/history", at="now")
    assert (400, "unknown_parameter", ["?at"]) == problem(unknown)
    blind = await caller(plant, "maintain", "approve", "ask:at")
    assert 403 == (await blind.send("GET", "/v1/sites/SH/history")).status_code
