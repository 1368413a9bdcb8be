"""Erasing a person: what identifies them is gone from the database, and the evidence is whole."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from qualsvc.store import feed
from qualsvc.store.engine import connect
from tests.registry.callers import problem
from tests.registry.life import LOADING, call, called, head, living, read
from tests.registry.logged import ship
from tests.serving import Running

pytestmark = pytest.mark.anyio

PERSONAL = {
    "name": "王小明-secret",
    "phone": "13800000000-secret",
    "email": "secret@example.com",
    "id_number": "11010119900307secret",
    "language": "secret-zh",
}
ERASED = dict.fromkeys(PERSONAL)


@pytest.fixture
async def plant(database_url: str, tmp_path: Path) -> AsyncIterator[Running]:
    async with living(database_url, tmp_path) as plant:
        yield plant


async def saying(plant: Running, word: str) -> list[str]:
    """The tables with a row that has the word in it, in any column."""
    async with plant.engine.connect() as connection:
        tables = "SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        names = (await connection.execute(text(tables))).scalars().all()
        sought = f"EXISTS (SELECT 1 FROM {{0}} AS row WHERE row::text LIKE '%{word}%')"
        found = {name: (await connection.execute(text("SELECT " + sought.format(name)))).scalar_one() for name in names}
    return sorted(name for name, there in found.items() if there)


async def logs(plant: Running) -> list[Any]:
    """The decision log and the change log, as they are in the database."""
    async with plant.engine.connect() as connection:
        queries = ("SELECT * FROM decision ORDER BY sequence", "SELECT * FROM change ORDER BY revision, ordinal")
        return [[tuple(row) for row in await connection.execute(text(query))] for query in queries]


async def test_nothing_personal_is_left_in_any_table(plant: Running) -> None:
    """Written in every way there is and erased, no row of any table has it; the file of answers never had it."""
    person = {"employment": "employee", "site": "NGB"} | PERSONAL
    await called(plant, "persons/E9/hire", {"person": person, "positions": [{"position": "DRIVER"}]}, Idempotency_Key="1")
    await plant.client.patch("/v1/persons/E9", json={"phone": "2-secret"})
    line = json.dumps({"kind": "person", "code": "E9", "status": "active"} | person | {"email": "3-secret"})
    headers = {"Content-Type": "application/x-ndjson", "Idempotency-Key": "2"}
    assert (await plant.client.post("/v1/bulk", content=line, headers=headers)).is_success
    told = (await plant.ask(**LOADING | {"person": "E9"})).json()
    await called(plant, "incidents", {"equipment": "FORK-07", "occurred_at": told["asked_at"]})
    await called(plant, "persons/E9/leave", {}, Idempotency_Key="3")
    await called(plant, "persons/E1/leave")
    assert ["person_personal"] == await saying(plant, "secret")
    for code in ("E9", "E1"):
        await called(plant, f"persons/{code}/erase", Idempotency_Key=code)
    assert [] == await saying(plant, "secret")
    assert b"secret" not in b"".join(path.read_bytes() for path in plant.data_dir.rglob("*") if path.is_file())


async def test_the_evidence_stays_whole(plant: Running) -> None:
    """No row of a log is touched: decisions, their hashes, and all changes are as before, and one change is added."""
    told = (await plant.ask(**LOADING)).json()
    await ship(plant)
    await called(plant, "persons/E1/leave")
    state = await read(plant, "persons/E1/state")
    decided, changed = await logs(plant)
    await called(plant, "persons/E1/erase")
    assert (decided, changed) == ((after := await logs(plant))[0], after[1][:-1])
    assert told == (await read(plant, f"decisions/{told['decision_id']}"))["answer"]
    again = await read(plant, "persons/E1/state")
    assert [state[name] for name in ("person", "certificates")] == [again[name] for name in ("person", "certificates")]


async def test_who_is_erased_is_read_without_a_name(plant: Running) -> None:
    """Everything else of the record stays; lists and those on a site show nulls, and the history says by whom and when."""
    await called(plant, "persons/E1/enter", {"site": "NGB"})
    await plant.client.patch("/v1/persons/E1", json={"status": "left"})
    before = await read(plant, "persons/E1")
    answer = await call(plant, "persons/E1/erase")
    erased = await plant.client.get("/v1/persons/E1")
    assert before | ERASED == erased.json() == answer.json()
    assert erased.headers["ETag"] == answer.headers["ETag"]
    assert ["B-1"] == erased.json()["badges"]
    assert [erased.json()] == (await read(plant, "persons", code="E1"))["items"]
    assert [("E1", None)] == [(each["person"], each["name"]) for each in (await read(plant, "sites/NGB/present"))["items"]]
    last = (await read(plant, "persons/E1/history"))["items"][-1]
    assert (["*"], "bootstrap", last["before"]) == (last["personal"], last["key"], last["after"])
    assert (str(await head(plant)), last["revision"]) == (answer.headers["Revision"], await head(plant))


async def test_erasing_again_changes_nothing(plant: Running) -> None:
    """It makes no revision, however often it is asked."""
    await called(plant, "persons/E1/leave")
    first = await call(plant, "persons/E1/erase")
    again = await call(plant, "persons/E1/erase")
    assert (first.json(), first.headers["Revision"]) == (again.json(), again.headers["Revision"])


async def test_the_record_of_who_is_erased_can_be_kept_up(plant: Running) -> None:
    """What is not personal is patched as before; to have personal fields again, a name is needed."""
    await called(plant, "persons/E1/leave")
    await called(plant, "persons/E1/erase")
    patched = await plant.client.patch("/v1/persons/E1", json={"org_unit": "WELD"})
    assert (200, "WELD", None) == (patched.status_code, patched.json()["org_unit"], patched.json()["name"])
    assert (422, "missing", ["/name"]) == problem(await plant.client.patch("/v1/persons/E1", json={"phone": "1"}))
    assert (422, "missing", ["/person/name"]) == problem(await call(plant, "persons/E1/hire", {"person": {}}))
    hired = await call(plant, "persons/E1/hire", {"person": {"name": "Wang"}})
    assert 200 == hired.status_code
    person = await read(plant, "persons/E1")
    assert ["Wang", None, "active"] == [person[name] for name in ("name", "phone", "status")]
    assert ["name"] == (await read(plant, "persons/E1/history"))["items"][-1]["personal"]


async def test_a_new_replica_knows_who_is_erased(plant: Running) -> None:
    """The person is there by their code as before, for whoever loads everything anew."""
    await called(plant, "persons/E1/leave")
    await called(plant, "persons/E1/erase")
    connection = await connect(plant.database_url)
    try:
        loaded = await feed.load(connection)
    finally:
        await connection.close()
    assert ["left"] == [each["status"] for kind, code, each in loaded.records if (kind, code) == ("person", "E1")]
    assert ["person_inactive"] == [each["code"] for each in (await plant.ask(**LOADING)).json()["reasons"]][:1]


async def test_who_is_employed_is_not_erased(plant: Running) -> None:
    """Only who has left is, by an admin, and without a body; nothing is written otherwise."""
    headers = {"Authorization": f"Bearer {await plant.key('maintain', 'approve', 'read')}"}
    before = await head(plant)
    assert (409, "still_employed", ["/status"]) == problem(await call(plant, "persons/E1/erase"))
    assert (404, "record_not_found") == problem(await call(plant, "persons/E8/erase"))[:2]
    assert (412, "precondition_failed") == problem(await call(plant, "persons/E1/erase", If_Match='"abc"'))[:2]
    assert (400, "unexpected_body") == problem(await call(plant, "persons/E1/erase", {"name": None}))[:2]
    answer = await plant.client.post("/v1/persons/E1/erase", headers=headers)
    assert (403, "scope_missing") == problem(answer)[:2]
    assert ("Wang-secret", before) == ((await read(plant, "persons/E1"))["name"], await head(plant))
