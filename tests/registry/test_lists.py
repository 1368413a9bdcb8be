"""Lists: narrowed by what records refer to and say, whole while others write, and at a cost that does not grow."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from itertools import combinations
from typing import Any

import httpx
import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from qualsvc.records.kinds import KINDS, RECORD_KINDS, Kind
from qualsvc.store.engine import make_engine
from tests.registry.callers import WORLD, ndjson, problem
from tests.registry.conftest import Applied, registry_app
from tests.registry.crowds import crowd, enumerations
from tests.store.world import RECORDS

pytestmark = pytest.mark.anyio

KIND = pytest.mark.parametrize("kind", RECORD_KINDS, ids=lambda kind: kind.name)
NDJSON = {"Content-Type": "application/x-ndjson", "X-Admin": "1"}


def over(engine: AsyncEngine) -> httpx.AsyncClient:
    """A client of the registry alone, as an admin."""
    transport = httpx.ASGITransport(registry_app(engine, Applied()), raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://test", headers={"X-Admin": "1"}, timeout=None)


@pytest.fixture(scope="module")
async def crowded(shared_database_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """A registry with a dozen unlike records of each kind, which nobody changes."""
    engine = make_engine(shared_database_url)
    async with over(engine) as client:
        answer = await client.post("/v1/bulk", content=ndjson([*WORLD, *crowd(11)]), headers=NDJSON)
        assert answer.status_code == 200, answer.text
        yield client
    await engine.dispose()


async def listed(
    client: httpx.AsyncClient, kind: Kind, limit: int = 1000, narrowed: Mapping[str, str] | None = None
) -> list[Any]:
    """A list to its end, page by page."""
    items: list[Any] = []
    parameters = dict(narrowed or {}) | {"limit": str(limit)}
    while True:
        answer = await client.get(f"/v1/{kind.path}", params=parameters)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        items += page["items"]
        assert page["next_cursor"] is None or len(page["items"]) == limit
        if page["next_cursor"] is None:
            return items
        parameters |= {"cursor": page["next_cursor"]}


def matches(record: dict[str, Any], name: str, value: str) -> bool:
    said = record[name]
    return value in said if isinstance(said, list) else said == value


@KIND
async def test_lists_are_narrowed_by_every_reference_enumeration_and_code(crowded: httpx.AsyncClient, kind: Kind) -> None:
    """By each value there is, by a code there is not, and by any two filters together: just the records that say so."""
    every = await listed(crowded, kind)
    assert len(every) == 12
    values: dict[str, set[str]] = {}
    for name in ("code", *kind.references, *enumerations(kind)):
        said = [record[name] for record in every]
        values[name] = {each for value in said for each in (value if isinstance(value, list) else [value]) if each}
        assert values[name] - {"X0000"}, name
        for value in values[name] | ({"NO"} - set(enumerations(kind))):
            if name in enumerations(kind) and value == "NO":
                continue
            expected = [record for record in every if matches(record, name, value)]
            assert (name, value, expected) == (name, value, await listed(crowded, kind, narrowed={name: value}))
    for one, other in combinations(values, 2):
        both = {one: max(values[one]), other: max(values[other])}
        expected = [record for record in every if all(matches(record, name, value) for name, value in both.items())]
        assert (both, expected) == (both, await listed(crowded, kind, narrowed=both))


async def test_the_filters_above_tell_records_apart(crowded: httpx.AsyncClient) -> None:
    """For each filter there is a value that some records have and others have not."""
    blunt = []
    for kind in RECORD_KINDS:
        every = await listed(crowded, kind)
        for name in (*kind.references, *enumerations(kind)):
            said = {str(record[name]) for record in every}
            if len(said) < 2:
                blunt.append((kind.name, name))
    assert blunt == []


@KIND
async def test_cursors_keep_to_the_filters(crowded: httpx.AsyncClient, kind: Kind) -> None:
    """Page by page, one or five at a time, a narrowed list is the same as at once."""
    narrowings: list[dict[str, str]] = [{}]
    for name in (*kind.references, *enumerations(kind)):
        found = [record[name] for record in await listed(crowded, kind) if isinstance(record[name], str)]
        narrowings += [{name: max(found)}] if found else []
    for narrowed in narrowings:
        whole = await listed(crowded, kind, narrowed=narrowed)
        assert whole == await listed(crowded, kind, 1, narrowed) == await listed(crowded, kind, 5, narrowed)


@KIND
async def test_filters_that_cannot_be_read_are_named(crowded: httpx.AsyncClient, kind: Kind) -> None:
    """An unknown value of an enumeration is 400 and shows those there are; so is what is no filter, and the known are named."""
    for name, values in enumerations(kind).items():
        answer = await crowded.get(f"/v1/{kind.path}", params={name: "VALID"})
        assert (400, "malformed_parameter", [f"?{name}"]) == problem(answer)
        message = answer.json()["errors"][0]["message"]
        assert message == f"`VALID` must be one of {', '.join(values)}"
    filters = {"code", *kind.references, *enumerations(kind)}
    for name in {*kind.fields, "nmae"} - filters:
        answer = await crowded.get(f"/v1/{kind.path}", params={name: "x"})
        assert (400, "unknown_parameter", [f"?{name}"]) == problem(answer)
        assert [] == [known for known in filters if f"`{known}`" not in answer.json()["errors"][0]["message"]]


async def test_a_cursor_belongs_to_its_list(crowded: httpx.AsyncClient) -> None:
    """One of another kind is refused, and so is one that was touched."""
    cursor = (await crowded.get("/v1/sites?limit=1")).json()["next_cursor"]
    for given, path in ((cursor, "positions"), (cursor + "A", "sites"), (cursor[:-1], "sites"), (cursor.upper(), "sites")):
        answer = await crowded.get(f"/v1/{path}", params={"cursor": given})
        assert (400, "malformed_parameter", ["?cursor"]) == problem(answer)
        assert "use `next_cursor` as it was given" in answer.json()["errors"][0]["message"]


async def test_lists_are_whole_while_others_write(engine: AsyncEngine) -> None:
    """Whatever is inserted, changed and deleted meanwhile, records that are there throughout are listed once, in order."""
    kind = KINDS["equipment"]
    path = f"/v1/{kind.path}"
    machine = RECORDS["equipment"]
    steady = [f"M{i:03}" for i in range(0, 48, 2)]
    walks: list[tuple[list[str], int, int]] = []
    written = 0

    async with over(engine) as client:
        lines = [*WORLD, *({"kind": "equipment"} | machine | {"code": code} for code in steady)]
        assert (await client.post("/v1/bulk", content=ndjson(lines), headers=NDJSON)).status_code == 200

        async def insert_and_delete(first: int) -> None:
            nonlocal written
            for i in range(first, 48, 4):
                for code in (f"M{i:03}", f"A{i:03}", f"Z{i:03}"):
                    await client.put(f"{path}/{code}", json=machine | {"code": code})
                    written += 1
                    if i % 3:
                        await client.delete(f"{path}/{code}")

        async def change() -> None:
            nonlocal written
            for code in steady * 2:
                await client.patch(f"{path}/{code}", json={"name": f"changed {written}"})
                written += 1

        async def walk() -> None:
            while True:
                before = written
                codes = [each["code"] for each in await listed(client, kind, 4, {"status": "in_service", "site": "SH"})]
                walks.append((codes, before, written))

        readers = [asyncio.create_task(walk()) for _ in range(2)]
        await asyncio.gather(insert_and_delete(1), insert_and_delete(3), change())
        await until(lambda: len(walks) > 2)
        for reader in readers:
            reader.cancel()
            with suppress(asyncio.CancelledError):
                await reader
    kept = set(steady)
    assert [steady] * len(walks) == [[code for code in codes if code in kept] for codes, _, _ in walks]
    assert [sorted(set(codes)) for codes, _, _ in walks] == [codes for codes, _, _ in walks]
    assert [] != [codes for codes, before, after in walks if after > before and kept < set(codes)]


async def until(condition: Any) -> None:
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110 -- the readers go on
            await asyncio.sleep(0)


async def test_the_cost_of_a_request_does_not_grow_with_the_records(engine: AsyncEngine) -> None:
    """Every request takes as many statements with two hundred records of each kind as with twenty."""
    async with over(engine) as client:
        lines = [*WORLD, *crowd(20), *crowd(1, prefix="GO")]
        assert (await client.post("/v1/bulk", content=ndjson(lines), headers=NDJSON)).status_code == 200
        few = await costs(engine, client, 20)
        assert (await client.post("/v1/bulk", content=ndjson(crowd(200, prefix="Y")), headers=NDJSON)).status_code == 200
        many = await costs(engine, client, 200)
    assert few == many
    assert max(cost for (what, _), cost in many.items() if what in ("list", "get")) <= 4
    assert max(many.values()) < 60


async def costs(engine: AsyncEngine, client: httpx.AsyncClient, number: int) -> dict[tuple[str, str], int]:
    """The statements of each sort of request, by kind; `number` tells how many records a bulk has."""
    found: dict[tuple[str, str], int] = {}
    counted = 0

    def count(*_: Any) -> None:
        nonlocal counted
        counted += 1

    async def cost(what: str, kind: Kind, *expected: int, request: tuple[Any, ...], **sent: Any) -> None:
        nonlocal counted
        counted = 0
        answer = await client.request(*request, **sent)
        assert answer.status_code in expected, answer.text
        found[what, kind.name] = counted

    for kind in RECORD_KINDS:
        change = next(name for name in ("name", "number", "reason", "score", "valid_until") if name in kind.fields)
        values = [60, 61] if change == "score" else ["2027-01-01T00:00:00Z", "2027-01-02T00:00:00Z"]
        path = f"/v1/{kind.path}"
        record = (await client.get(f"{path}/GO0000")).json()
        for i in range(number // 5 if kind.name == "site" else 0):
            await client.patch(f"{path}/GO0000", json={change: values[i % 2]})
        event.listen(engine.sync_engine, "before_cursor_execute", count)
        await cost("list", kind, 200, request=("GET", f"{path}?limit=1000"))
        await cost("narrowed", kind, 200, request=("GET", f"{path}?code=GO0000"))
        await cost("get", kind, 200, request=("GET", f"{path}/GO0000"))
        await cost("history", kind, 200, request=("GET", f"{path}/GO0000/history?limit=1000"))
        await cost("patch", kind, 200, request=("PATCH", f"{path}/GO0000"), json={change: values[1]})
        await cost("put", kind, 200, request=("PUT", f"{path}/GO0000"), json=record)
        await cost("unchanged", kind, 200, request=("PUT", f"{path}/GO0000"), json=record)
        main = f"{path}/{RECORDS[kind.name]['code']}"
        await cost("put what is leant on", kind, 200, request=("PUT", main), json=RECORDS[kind.name])
        if kind.name in {"site", "person", "position", "certificate_type", "course", "rule", "process", "equipment"}:
            await cost("refused", kind, 409, request=("DELETE", main))
        event.remove(engine.sync_engine, "before_cursor_execute", count)
    event.listen(engine.sync_engine, "before_cursor_execute", count)
    for kind in reversed(RECORD_KINDS):
        path = f"/v1/{kind.path}/GO0000"
        record = (await client.get(path)).json()
        await cost("delete", kind, 204, request=("DELETE", path))
        assert 201 == (await client.put(path, json=record)).status_code
    waiver = "/v1/waivers/GO-WAIVER"
    for verdict in ("reject", "approve", "revoke"):
        if verdict != "revoke":
            asked = RECORDS["waiver"] | {"code": "GO-WAIVER", "requested_by": "somebody", "status": "requested"}
            await client.put(waiver, json=asked)
        await cost(verdict, KINDS["waiver"], 200, request=("POST", f"{waiver}/{verdict}"))
    for kind in RECORD_KINDS:
        lines = [line for line in crowd(number, prefix="GO") if line["kind"] == kind.name and line["code"] != "GO0000"]
        lines = [_by_itself(kind, line) for line in lines]
        await cost("bulk", kind, 200, request=("POST", "/v1/bulk"), content=ndjson(lines), headers=NDJSON)
        gone = [{"kind": kind.name, "code": line["code"], "op": "delete"} for line in lines]
        await cost("bulk delete", kind, 200, request=("POST", "/v1/bulk"), content=ndjson(gone), headers=NDJSON)
    event.remove(engine.sync_engine, "before_cursor_execute", count)
    return found


def _by_itself(kind: Kind, line: dict[str, Any]) -> dict[str, Any]:
    """The line with references to the small plant only, so that it can go without the rest of its crowd."""
    own = {name: RECORDS[referred]["code"] for name, referred in kind.references.items() if line[name] is not None}
    return line | own | ({"equivalents": ["N1"]} if kind.name == "certificate_type" else {})
