"""Many records in one request, all or nothing."""

import json
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from qualsvc.records.kinds import KINDS
from tests.registry.conftest import Applied
from tests.store.world import RECORDS

pytestmark = pytest.mark.anyio

NDJSON = {"Content-Type": "application/x-ndjson"}
PLANT = [{"kind": kind} | record for kind, record in reversed(RECORDS.items())]


def lines(*records: Any) -> str:
    return "".join(record if isinstance(record, str) else json.dumps(record) + "\n" for record in records)


async def bulk(client: httpx.AsyncClient, *records: Any) -> httpx.Response:
    return await client.post("/v1/bulk", content=lines(*records), headers=NDJSON)


def faults(answer: httpx.Response) -> tuple[int, set[tuple[int, str, str]]]:
    return answer.status_code, {(each["line"], each["pointer"], each["code"]) for each in answer.json()["errors"]}


async def test_one_bulk_is_one_revision(client: httpx.AsyncClient, applied: Applied) -> None:
    """Created, unchanged, changed and deleted are counted; blank lines are none."""
    first = await bulk(client, *PLANT)
    assert first.json() == {"revision": 1, "created": len(PLANT), "changed": 0, "unchanged": 0, "deleted": 0}
    assert (await bulk(client, *PLANT)).json() == {
        "revision": 1,
        "created": 0,
        "changed": 0,
        "unchanged": len(PLANT),
        "deleted": 0,
    }
    ban = {"kind": "restriction", "code": "X1", "op": "delete"}
    answer = await bulk(client, "\n\r\n", ban, "  \n", PLANT[-1] | {"name": "New"}, PLANT[-2] | {"code": "NEW"}, PLANT[-3])
    assert answer.json() == {"revision": 2, "created": 1, "changed": 1, "unchanged": 1, "deleted": 1}
    assert (answer.headers["Revision"], applied.revisions) == ("2", [1, 1, 2])


async def test_an_empty_bulk_changes_nothing(client: httpx.AsyncClient) -> None:
    """No line, no revision."""
    assert (await bulk(client)).json() == {"revision": 0, "created": 0, "changed": 0, "unchanged": 0, "deleted": 0}


async def test_every_bad_line_is_named(client: httpx.AsyncClient) -> None:
    """Line numbers count blank lines; the other lines are not kept."""
    site = {"kind": "site", "code": "S", "name": "S", "time_zone": "UTC"}
    answer = await bulk(
        client,
        site,
        "\n",
        site | {"name": "again"},
        {"code": "X"},
        {"kind": "api_key", "code": "X"},
        site | {"code": "T", "op": "drop"},
        site | {"code": "U", "op": "delete"},
        site | {"code": "V", "time_zone": "Mars/Base"},
        "[]\n",
    )
    assert faults(answer) == (
        422,
        {
            (3, "/code", "duplicate_record"),
            (4, "/kind", "missing"),
            (5, "/kind", "not_one_of"),
            (6, "/op", "not_one_of"),
            (7, "/name", "unknown_field"),
            (7, "/time_zone", "unknown_field"),
            (8, "/time_zone", "unknown_time_zone"),
            (9, "", "wrong_type"),
        },
    )
    assert (await client.get("/v1/sites")).json()["items"] == []
    assert faults(await bulk(client, site, "{nonsense}\n")) == (400, {(2, "", "malformed_json")})


async def test_faults_of_the_final_state_name_their_lines(client: httpx.AsyncClient) -> None:
    """References, cycles, badges and deletions are checked over all lines together."""
    await bulk(client, *PLANT)
    person = {"kind": "person"} | RECORDS["person"]
    answer = await bulk(
        client,
        {"kind": "process", "code": "A", "name": "a", "parent": "B"},
        {"kind": "process", "code": "B", "name": "b", "parent": "A"},
        person | {"code": "E2", "badges": ["Z"], "site": "NO"},
        person | {"code": "E3", "badges": ["Z"]},
        {"kind": "course", "code": "SAFETY", "op": "delete"},
        {"kind": "site", "code": "GONE", "op": "delete"},
    )
    assert faults(answer) == (
        422,
        {
            (1, "/parent", "tree_cycle"),
            (2, "/parent", "tree_cycle"),
            (3, "/site", "unknown_reference"),
            (4, "/badges/0", "badge_taken"),
            (5, "", "still_referenced"),
            (6, "/code", "record_not_found"),
        },
    )
    only = await bulk(client, {"kind": "course", "code": "SAFETY", "op": "delete"})
    assert faults(only) == (409, {(1, "", "still_referenced")})


async def test_no_bad_line_is_left_out(client: httpx.AsyncClient) -> None:
    """Whoever sends a ledger of bad lines is not sent back a hundred times."""
    answer = await bulk(client, *({"kind": "site", "code": f"S{i}"} for i in range(500)))
    assert set(range(1, 501)) == {error["line"] for error in answer.json()["errors"]}
    assert "1000 errors" in answer.json()["detail"]


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["SH", "N1", "E1001", "2026-01-01"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
damaged = st.sampled_from(sorted(RECORDS)).flatmap(
    lambda kind: st.tuples(
        st.just(kind), st.dictionaries(st.sampled_from([*KINDS[kind].fields, "op", "zz"]), json_values, min_size=1, max_size=3)
    )
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(damaged, min_size=1, max_size=3), st.booleans())
async def test_nothing_that_is_sent_breaks_the_service(
    client: httpx.AsyncClient, engine: AsyncEngine, spoilt: list[tuple[str, dict[str, Any]]], ascii_only: bool
) -> None:
    """Whatever a field holds, the answer is a success or a named refusal, and a refusal changes nothing."""
    await bulk(client, *PLANT)
    before = await head(engine)
    body = "\n".join(json.dumps({"kind": kind} | RECORDS[kind] | fields, ensure_ascii=ascii_only) for kind, fields in spoilt)
    answer = await client.post("/v1/bulk", content=body.encode(errors="surrogatepass"), headers=NDJSON)
    assert answer.status_code in {200, 400, 403, 409, 422}, answer.text
    if answer.status_code != 200:
        assert answer.json()["errors"] != []
        assert await head(engine) == before
    kind, fields = spoilt[0]
    one = json.dumps(RECORDS[kind] | fields, ensure_ascii=ascii_only).encode(errors="surrogatepass")
    answer = await client.put(
        f"/v1/{KINDS[kind].path}/{RECORDS[kind]['code']}", content=one, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code in {200, 201, 400, 403, 409, 422}, answer.text


async def head(engine: AsyncEngine) -> int:
    async with engine.connect() as connection:
        return int((await connection.execute(text("SELECT revision FROM head"))).scalar_one())
