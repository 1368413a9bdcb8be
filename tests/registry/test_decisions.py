"""Decisions read back: what was answered, to whom, when and why, as it was put on file."""

import asyncio
import csv
import io
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from qualsvc.spool.spool import Spool
from tests.registry.callers import problem
from tests.registry.logged import ship
from tests.serving import QUESTION, TRAINEE, Running, running

pytestmark = pytest.mark.anyio

UNKNOWN = QUESTION | {"person": "NOBODY"}
COLUMNS = ["decision_id", "asked_at", "at", "at_given", "known_at", "site", "person", "equipment", "process", "decision"]
COLUMNS += ["purpose", "key", "revision", "reasons", "hash"]


@pytest.fixture
async def plant(database_url: str, tmp_path: Path) -> AsyncIterator[Running]:
    async with running(database_url, tmp_path) as plant:
        yield plant


async def get(plant: Running, path: str = "", **parameters: Any) -> httpx.Response:
    named = {name.removesuffix("_"): value for name, value in parameters.items()}
    return await plant.client.get(f"/v1/decisions{path}", params=named)


async def listed(plant: Running, **parameters: Any) -> list[dict[str, Any]]:
    answer = await get(plant, **parameters)
    assert 200 == answer.status_code, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def record(instant: str) -> bytes:
    """What is put on file for an answer of this instant."""
    told: dict[str, Any] = {"decision": "allow", "person": "E1", "equipment": "FORK-07", "process": "LOADING", "at": instant}
    told |= {"asked_at": instant, "reasons": [], "revision": 1}
    return json.dumps({"key": "k", "site": None, "question": {}, "answer": told}).encode()


async def answered(plant: Running, **question: Any) -> dict[str, Any]:
    told: dict[str, Any] = (await plant.ask(**question)).json()
    return told


async def test_what_was_answered_is_listed(plant: Running) -> None:
    """Newest first, each in a few words; openings of the log are no decisions."""
    first = await answered(plant, **QUESTION, purpose="unlock")
    second = await answered(plant, **TRAINEE)
    assert 3 == await ship(plant)
    expected = {name: first[name] for name in ("decision_id", "asked_at", "at", "person", "equipment", "process", "revision")}
    expected |= {"site": "NGB", "decision": "allow", "purpose": "unlock", "key": "bootstrap", "reasons": []}
    expected |= {"at_given": False, "known_at": None}
    items = await listed(plant)
    assert [second["decision_id"], first["decision_id"]] == [item["decision_id"] for item in items]
    assert expected == items[1]
    assert (None, ["supervision_required"]) == (items[0]["purpose"], items[0]["reasons"])


async def test_what_was_asked_about_another_time_says_so(plant: Running) -> None:
    """An instant chosen by the asker, and facts of the past, are told from an answer somebody waited for; in a sheet too."""
    now = (await answered(plant, **QUESTION))["asked_at"]
    later = "2027-01-04T00:00:00Z"
    for more in ({"at": later}, {"known_at": now}, {"at": later, "known_at": now}):
        await answered(plant, **QUESTION, **more)
    await ship(plant)
    items = (await listed(plant))[::-1]
    assert [(False, None), (True, None), (False, now), (True, now)] == [(each["at_given"], each["known_at"]) for each in items]
    assert [now, later, now, later] == [each["at"] for each in items]
    rows = list(csv.DictReader(io.StringIO((await get(plant, "/export", format="csv")).text)))
    told = [("false", ""), ("true", ""), ("false", now), ("true", now)]
    assert told == [(row["at_given"], row["known_at"]) for row in rows]


async def test_a_record_somebody_altered_hides_no_other(plant: Running) -> None:
    """What was asked cannot be told of it any more; all else is listed and exported as it was."""
    told = [await answered(plant, **QUESTION) for _ in range(2)]
    await ship(plant)
    async with plant.engine.begin() as connection:
        await connection.execute(text("UPDATE decision SET payload = 'gone' WHERE sequence = 1"))
    assert [(told[1]["decision_id"], False), (told[0]["decision_id"], None)] == [
        (each["decision_id"], each["at_given"]) for each in await listed(plant)
    ]
    rows = list(csv.DictReader(io.StringIO((await get(plant, "/export", format="csv")).text)))
    assert ["", "false"] == [row["at_given"] for row in rows]


FILTERS = [
    ({"person": "E1"}, [0, 1, 4]),
    ({"person": "E2", "decision": "conditional"}, [2]),
    ({"decision": "deny"}, [3, 4]),
    ({"equipment": "NONE"}, [4]),
    ({"process": "LOADING", "site": "NGB"}, [0, 1, 2, 3]),
    ({"reason": "person_unknown"}, [3]),
    ({"purpose": "unlock"}, [1]),
    ({"key": "bootstrap", "purpose": "unlock", "person": "E2"}, []),
    ({"key": "bootstrap"}, [0, 1, 2, 3, 4]),
]


async def test_filters(plant: Running) -> None:
    """By person, equipment, process, site, decision, reason, client and purpose; several are all to hold."""
    asked = [QUESTION, QUESTION | {"purpose": "unlock"}, TRAINEE, UNKNOWN, QUESTION | {"equipment": "NONE"}]
    names = [(await answered(plant, **question))["decision_id"] for question in asked]
    await ship(plant)
    for filters, expected in FILTERS:
        found = [item["decision_id"] for item in await listed(plant, **filters)]
        assert [names[number] for number in reversed(expected)] == found, filters


async def test_a_time_is_half_open(plant: Running) -> None:
    """From an instant on, and before another one, by when it was answered."""
    told = [await answered(plant, **QUESTION) for _ in range(3)]
    await ship(plant)
    found = await listed(plant, from_=told[0]["asked_at"], to=told[2]["asked_at"])
    assert [told[1]["decision_id"], told[0]["decision_id"]] == [item["decision_id"] for item in found]


async def pages(plant: Running, **parameters: Any) -> AsyncIterator[list[str]]:
    cursor: dict[str, Any] = {}
    while True:
        body = (await get(plant, **parameters, **cursor)).json()
        yield [item["decision_id"] for item in body["items"]]
        if body["next_cursor"] is None:
            return
        cursor = {"cursor": body["next_cursor"]}


async def test_pages_neither_skip_nor_repeat(plant: Running, tmp_path: Path) -> None:
    """While others are shipped: newer ones stay out of sight, and of many of one instant none is missed."""
    spool = Spool(tmp_path / "other", b'{"open":{"started_at":"2026-11-21T03:00:00Z","host":"h"}}')
    spool.append([record("2026-11-21T03:30:00Z")] * 25)
    await ship(plant.database_url, tmp_path / "other")
    expected = [f"{spool.boot_id}-{number}" for number in range(25, 0, -1)]
    found: list[str] = []
    async for page in pages(plant, limit=7):
        found += page
        await plant.ask(**QUESTION)
        await ship(plant)
    spool.close()
    assert expected == found


async def test_a_host_that_comes_late_is_put_where_it_belongs(plant: Running, tmp_path: Path) -> None:
    """What is shipped later stands by the instant it was answered, for whoever has not got there yet."""
    spool = Spool(tmp_path / "late", b'{"open":{"started_at":"2026-11-20T03:00:00Z","host":"h"}}')
    spool.append([record("2026-11-20T03:30:00Z")])
    spool.close()
    name = (await answered(plant, **QUESTION))["decision_id"]
    await answered(plant, **QUESTION)
    await ship(plant)
    found = pages(plant, limit=1)
    await anext(found)
    await ship(plant.database_url, tmp_path / "late")
    assert [[name], [f"{spool.boot_id}-1"]] == [page async for page in found]


WRONG = [
    ({"colour": "red"}, "unknown_parameter", "?colour"),
    ({"limit": "1001"}, "malformed_parameter", "?limit"),
    ({"cursor": "abc"}, "malformed_parameter", "?cursor"),
    ({"from": "2026-11-21"}, "malformed_parameter", "?from"),
    ({"to": "tomorrow"}, "malformed_parameter", "?to"),
    ({"from": "2026-11-21T00:00:00Z", "to": "2026-11-21T00:00:00Z"}, "malformed_parameter", "?to"),
    ({"decision": "yes"}, "malformed_parameter", "?decision"),
    ({"reason": "certificate_gone"}, "malformed_parameter", "?reason"),
    ({"person": ""}, "malformed_parameter", "?person"),
]


@pytest.mark.parametrize(("parameters", "code", "pointer"), WRONG)
async def test_what_cannot_be_read_is_named(plant: Running, parameters: dict[str, str], code: str, pointer: str) -> None:
    """A misspelt filter is never passed over: it would look as if there were none."""
    assert (400, code, [pointer]) == problem(await plant.client.get("/v1/decisions", params=parameters))


async def test_one_decision_is_all_that_was_put_on_file(plant: Running) -> None:
    """Question and answer to the letter, who asked, where, and the hash that its row has in the chain."""
    told = await answered(plant, **QUESTION, purpose="unlock", lang="zh-CN")
    await ship(plant)
    found = (await get(plant, f"/{told['decision_id']}")).json()
    async with plant.engine.connect() as connection:
        digest = (await connection.execute(text("SELECT encode(hash, 'hex') FROM decision WHERE sequence = 1"))).scalar_one()
    assert told == found["answer"]
    assert {"at_given": False, "purpose": "unlock", "lang": "zh-CN"} == found["question"]
    expected = (True, *told["decision_id"].split("-"), digest, "bootstrap", "NGB")
    assert expected == tuple(
        str(found[n]) if n == "sequence" else found[n] for n in ("shipped", "boot_id", "sequence", "hash", "key", "site")
    )


async def test_one_that_waits_is_read_from_the_file(plant: Running) -> None:
    """An answer can be looked up as soon as it is given, on the host that gave it; once shipped, it is the same."""
    await answered(plant, **TRAINEE)
    told = await answered(plant, **QUESTION)
    waiting = (await get(plant, f"/{told['decision_id']}")).json()
    assert (False, None, told) == (waiting["shipped"], waiting["hash"], waiting["answer"])
    await ship(plant)
    shipped = (await get(plant, f"/{told['decision_id']}")).json()
    assert waiting == shipped | {"shipped": False, "hash": None}


@pytest.mark.parametrize("name", ["{boot}-0", "{boot}-99", "{boot}", "{boot}-01", "aaaaaaaaaaaaaaaa-1", "x", "%2E%2E-1"])
async def test_what_is_no_decision_is_not_found(plant: Running, name: str) -> None:
    """Neither a record that is not there, nor one that is no answer, shipped or not."""
    boot = plant.service.spool().boot_id
    assert (404, "record_not_found") == problem(await get(plant, f"/{name.format(boot=boot)}"))[:2]
    await ship(plant)
    assert (404, "record_not_found") == problem(await get(plant, f"/{name.format(boot=boot)}"))[:2]


async def test_an_export_has_every_decision(plant: Running) -> None:
    """Oldest first, over many parts, each line as the decision is read by itself; filters hold as in the list."""
    batch = {"questions": [QUESTION, TRAINEE, UNKNOWN] * 400}
    told = (await plant.post(batch, "/can-operate/batch")).json()["decisions"]
    await ship(plant)
    answer = await get(plant, "/export")
    assert ("application/x-ndjson", 200) == (answer.headers["content-type"], answer.status_code)
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert told == [line["answer"] for line in lines]
    assert lines[700] == (await get(plant, f"/{lines[700]['decision_id']}")).json()
    denied = [json.loads(line) for line in (await get(plant, "/export", decision="deny")).text.splitlines()]
    assert [line for line in lines if line["answer"]["decision"] == "deny"] == denied


async def test_an_export_as_a_table(plant: Running) -> None:
    """With a heading, one row a decision, and nothing in it that a sheet would reckon."""
    told = [
        await answered(plant, **QUESTION, purpose=purpose) for purpose in ("=1+1", "+1", "-1", "@x", 'a,"b"\n', "吊装", "1-1")
    ]
    refused = await answered(plant, **UNKNOWN)
    await ship(plant)
    answer = await get(plant, "/export", format="csv")
    assert "text/csv; charset=utf-8" == answer.headers["content-type"]
    heading, *rows = csv.reader(io.StringIO(answer.text, newline=""))
    assert COLUMNS == heading
    assert ["'=1+1", "'+1", "'-1", "'@x", 'a,"b"\n', "吊装", "1-1", ""] == [row[10] for row in rows]
    assert [each["decision_id"] for each in (*told, refused)] == [row[0] for row in rows]
    assert ["NOBODY", "deny", "person_unknown"] == [rows[-1][6], rows[-1][9], rows[-1][13]]


async def test_an_export_holds_nothing_of_the_database(plant: Running) -> None:
    """Who reads slowly, or goes away in the middle, keeps no connection from others and no partition from being dropped."""
    await plant.post({"questions": [QUESTION] * 1200}, "/can-operate/batch")
    await ship(plant)
    seen: list[int] = []
    scope = {"type": "http", "method": "GET", "path": "/v1/decisions/export", "query_string": b"", "http_version": "1.1"}
    headers = [(b"authorization", plant.client.headers["authorization"].encode())]

    async def send(message: Any) -> None:
        if message.get("body"):
            seen.append(plant.engine.pool.checkedout())  # type: ignore[attr-defined]

    async def receive() -> Any:
        while not seen:  # noqa: ASYNC110 -- goes away in the middle
            await asyncio.sleep(0)
        return {"type": "http.disconnect"}

    await plant.service(scope | {"headers": headers, "raw_path": b"/v1/decisions/export"}, receive, send)
    assert [0] * len(seen) == seen
    assert 0 == plant.engine.pool.checkedout()  # type: ignore[attr-defined]
    assert 1200 == len((await get(plant, "/export")).text.splitlines())


async def test_an_export_takes_no_other_form(plant: Running) -> None:
    """An unknown format is named, and so are parameters of the list that mean nothing here."""
    assert (400, "malformed_parameter", ["?format"]) == problem(await get(plant, "/export", format="xlsx"))
    assert (400, "unknown_parameter", ["?limit"]) == problem(await get(plant, "/export", limit="1"))


async def test_counts(plant: Running) -> None:
    """Answers by decision, denials by reason and by purpose, by day and site: a door's swipe is not a planner's query."""
    for question in (QUESTION, QUESTION | {"purpose": "unlock"}, TRAINEE):
        await plant.ask(**question)
    for purpose in ("unlock", "unlock", "query", ""):
        await plant.ask(**UNKNOWN, **({"purpose": purpose} if purpose else {}))
    told = await answered(plant, **QUESTION | {"equipment": "NONE", "person": "NOBODY"})
    await ship(plant)
    body = (await get(plant, "/counts")).json()
    nowhere, ningbo = body["items"] if body["items"][0]["site"] is None else body["items"][::-1]
    assert {"conditional": 1, "allow": 2, "deny": 4} == ningbo["answers"]
    assert {"person_unknown": 4} == ningbo["denials_by_reason"]
    assert {"unlock": 2, "query": 1, "": 1} == ningbo["denials_by_purpose"]
    assert {"deny": 1} == nowhere["answers"]
    assert {reason["code"]: 1 for reason in told["reasons"]} == nowhere["denials_by_reason"]
    days = {"from_": ningbo["day"], "to": ningbo["day"]}
    assert [ningbo] == (await get(plant, "/counts", site="NGB", **days)).json()["items"]
    assert {"allow": 2, "conditional": 1, "deny": 4} == (await get(plant, "/counts", by="site")).json()["items"][-1]["answers"]
    by_day = (await get(plant, "/counts", by="day")).json()["items"]
    assert 8 == sum(sum(item["answers"].values()) for item in by_day)
    assert ["answers", "day", "denials_by_purpose", "denials_by_reason"] == sorted(by_day[0])


async def test_counts_are_of_dates(plant: Running) -> None:
    """From and to are dates, both inclusive, of a year at most; left out, the last month."""
    body = (await get(plant, "/counts", from_="2026-11-01", to="2026-11-01")).json()
    assert {"from": "2026-11-01", "to": "2026-11-01", "items": []} == body
    for parameters, pointer in (
        ({"from_": "2026-11-21T00:00:00Z"}, "?from"),
        ({"from_": "2026-11-21", "to": "2026-11-20"}, "?to"),
        ({"from_": "2025-11-21", "to": "2026-11-22"}, "?from"),
        ({"by": "month"}, "?by"),
        ({"site": "a b"}, "?site"),
    ):
        assert (400, "malformed_parameter", [pointer]) == problem(await get(plant, "/counts", **parameters))


async def test_reading_needs_its_scope(plant: Running) -> None:
    """A door's key cannot look at what others were answered."""
    key = await plant.key("ask", "maintain")
    for path in ("", "/export", "/counts", "/aaaaaaaaaaaaaaaa-1"):
        answer = await plant.client.get(f"/v1/decisions{path}", headers={"Authorization": f"Bearer {key}"})
        assert (403, "scope_missing") == problem(answer)[:2]
