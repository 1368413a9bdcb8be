"""Coverage: the pairs that no grant opens, and those that several positions open."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from qualsvc.store.reading import head_revision
from tests.registry.ruling import PAST, Record, machine, ruled, written
from tests.registry.test_routes import problem
from tests.serving import Running

pytestmark = pytest.mark.anyio


@pytest.fixture
async def here(database_url: str, tmp_path: Path) -> AsyncIterator[Running]:
    async with ruled(database_url, tmp_path) as service:
        yield service


async def covered(here: Running, **parameters: Any) -> Record:
    answer = await here.client.get("/v1/rules/coverage", params=parameters)
    assert answer.status_code == 200, answer.text
    body: Record = answer.json()
    return body


async def test_coverage_tells_what_is_not_covered_and_what_is_open_twice(here: Running) -> None:
    """R1 covers the four trucks; a grant for anyone opens some pairs twice, one of the past opens nothing."""
    await written(here, "R2", process="LIFTING", position=None, equipment_class="REACH")
    await written(here, "R3", position="LEADER", effective_until=PAST)
    await here.load([machine("CRANE-1", "HOISTS")])
    found = await covered(here)
    uncovered: list[tuple[Any, ...]] = [
        ("CRANE-1", process, "uncovered", [], []) for process in ("LIFTING", "LOADING", "TANDEM")
    ]
    twice: list[tuple[Any, ...]] = [
        (truck, process, "several_positions", [None, "DRIVER"], ["R1", "R2"])
        for truck in ("RT-1", "RT-2", "RT-3")
        for process in ("LIFTING", "TANDEM")
    ]
    assert [tuple(item.values()) for item in found["items"]] == uncovered + twice
    assert found | {"items": []} == {
        "revision": await head_revision(here.engine),
        "pairs": 15,
        "uncovered": 3,
        "several_positions": 6,
        "items": [],
        "next_cursor": None,
    }


async def test_coverage_of_a_part_of_the_plant(here: Running) -> None:
    """A class and a process stand for all below them; `finding` narrows the items, not the totals."""
    await written(here, "R2", position="LEADER", equipment_class="REACH", process="LIFTING")
    await here.load([machine("CRANE-1", "HOISTS")])
    parts: list[tuple[Record, list[int]]] = [
        ({"equipment_class": "TRUCKS"}, [12, 0, 6]),
        ({"equipment_class": "CRANES", "finding": "several_positions"}, [3, 3, 0]),
        ({"process": "LIFTING"}, [10, 2, 6]),
        ({"process": "TANDEM", "equipment": "RT-1"}, [1, 0, 1]),
        ({"equipment": "PRESS-1"}, [0, 0, 0]),
        ({"site": "NGB", "finding": "uncovered"}, [15, 3, 6]),
    ]
    for parameters, totals in parts:
        found = await covered(here, **parameters)
        listed = totals[1 if parameters.get("finding") == "uncovered" else 2] if "finding" in parameters else sum(totals[1:])
        told = [found[name] for name in ("pairs", "uncovered", "several_positions")]
        assert (parameters, totals, listed) == (parameters, told, len(found["items"]))
    for name in ("site", "equipment", "process", "equipment_class"):
        answer = await here.client.get("/v1/rules/coverage", params={name: "NOWHERE"})
        assert (400, "malformed_parameter", [f"?{name}"]) == problem(answer)
        assert f"there is no {name} `NOWHERE`" == answer.json()["errors"][0]["message"]


@pytest.mark.parametrize("limit", [1, 4, 9])
async def test_coverage_pages_without_repeating(here: Running, limit: int) -> None:
    """Cursors lead through all pairs once, whatever is written meanwhile that leaves them as they are."""
    await here.client.delete("/v1/rules/R1")
    whole = (await covered(here, limit=1000))["items"]
    seen: list[Record] = []
    cursor: str | None = None
    while True:
        page = await covered(here, limit=limit, **({} if cursor is None else {"cursor": cursor}))
        assert (page["pairs"], page["uncovered"], len(page["items"]) <= limit) == (12, 12, True)
        seen += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
        await here.client.patch("/v1/equipment/FORK-07", json={"name": f"Truck after {len(seen)}"})
    assert (len(whole), seen) == (12, whole)


async def test_bad_coverage_parameters_are_named(here: Running) -> None:
    """Each with what to do."""
    cursor = (await here.client.get("/v1/equipment", params={"limit": "1"})).json()["next_cursor"]
    cases = {
        "limit=0": "?limit",
        "finding=covered": "?finding",
        f"cursor={cursor}": "?cursor",
        "cursor=MSBjb3ZlcmFnZSBh": "?cursor",
    }
    for query, pointer in cases.items():
        answer = await here.client.get(f"/v1/rules/coverage?{query}")
        assert (query, *problem(answer)) == (query, 400, "malformed_parameter", [pointer])
    assert problem(await here.client.get("/v1/rules/coverage?position=DRIVER"))[:2] == (400, "unknown_parameter")


async def test_a_rule_called_coverage_is_maintained_and_read_by_the_list(here: Running) -> None:
    """Only its own address is taken."""
    await written(here, "coverage")
    listed = (await here.client.get("/v1/rules", params={"code": "coverage"})).json()["items"]
    assert [rule["code"] for rule in listed] == ["coverage"]
    assert "pairs" in (await here.client.get("/v1/rules/coverage")).json()
    assert (await here.client.delete("/v1/rules/coverage")).status_code == 204
