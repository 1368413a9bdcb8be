"""Calls that are wrong, come twice, or mean another version: what is refused, by whose name, and that nothing was done."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.registry.callers import problem
from tests.registry.life import LOADING, PLANT, Line, call, called, certificate, decision, head, living, read
from tests.registry.rivals import rivals
from tests.serving import load

pytestmark = pytest.mark.anyio

PERSON = {"name": "Li", "employment": "employee"}
WELDER = {"position": "WELDER"}

WRONG: list[tuple[str, Any, tuple[int, str, list[str]]]] = [
    ("persons/NO/transfer", {"positions": [WELDER]}, (404, "record_not_found", [])),
    ("persons/NO/leave", {}, (404, "record_not_found", [])),
    ("persons/NO/enter", {"site": "NGB"}, (404, "record_not_found", [])),
    ("persons/NO/exit", {}, (404, "record_not_found", [])),
    ("persons/E1/hire", {"person": PERSON}, (409, "already_employed", [""])),
    ("persons/E9/hire", {}, (422, "missing", ["/person"])),
    ("persons/E%209/hire", {"person": PERSON}, (422, "invalid_code", ["/code"])),
    ("persons/E9/hire", [], (422, "wrong_type", [""])),
    ("persons/E9/hire", {"person": {}}, (422, "missing", ["/person/name", "/person/employment"])),
    ("persons/E9/hire", {"person": PERSON | {"status": "left"}}, (422, "unknown_field", ["/person/status"])),
    ("persons/E9/hire", {"person": PERSON | {"code": "E9"}}, (422, "unknown_field", ["/person/code"])),
    ("persons/E9/hire", {"person": PERSON | {"nmae": "x"}}, (422, "unknown_field", ["/person/nmae"])),
    ("persons/E9/hire", {"person": PERSON | {"site": "NO"}}, (422, "unknown_reference", ["/person/site"])),
    ("persons/E9/hire", {"person": PERSON | {"badges": ["B-1"]}}, (422, "badge_taken", ["/person/badges/0"])),
    (
        "persons/E9/hire",
        {"person": PERSON | {"employment": 1}, "positions": [{"basis": "x"}], "till": 1},
        (422, "invalid_record", ["/positions/0/position", "/positions/0/basis", "/till", "/person/employment"]),
    ),
    (
        "persons/E9/hire",
        {"person": PERSON, "positions": [WELDER, {"position": "NO"}]},
        (422, "unknown_reference", ["/positions/1/position"]),
    ),
    (
        "persons/E9/hire",
        {"person": PERSON, "positions": [WELDER, WELDER]},
        (422, "duplicate_position", ["/positions/1/position"]),
    ),
    (
        "persons/E9/hire",
        {"person": PERSON, "positions": [WELDER | {"code": "E1-D"}]},
        (409, "code_taken", ["/positions/0/code"]),
    ),
    (
        "persons/E9/hire",
        {"person": PERSON, "positions": [WELDER | {"code": "A"}, {"position": "DRIVER", "code": "A"}]},
        (422, "duplicate_code", ["/positions/1/code"]),
    ),
    ("persons/E1/transfer", {}, (422, "missing", ["/positions"])),
    ("persons/E1/transfer", {"positions": []}, (422, "missing", ["/positions"])),
    ("persons/E1/transfer", {"positions": [{"position": "NO"}]}, (422, "unknown_reference", ["/positions/0/position"])),
    ("persons/E1/transfer", {"positions": [WELDER], "site": "NO"}, (422, "unknown_reference", ["/site"])),
    ("persons/E1/transfer", {"positions": [WELDER], "supervisor": 7}, (422, "wrong_type", ["/supervisor"])),
    ("persons/E1/transfer", {"positions": [WELDER], "at": "soon"}, (422, "invalid_instant", ["/at"])),
    ("persons/E1/transfer", {"positions": [WELDER | {"from": "x"}]}, (422, "unknown_field", ["/positions/0/from"])),
    (
        "persons/E1/transfer",
        {"positions": [WELDER | {"valid_until": "2021-01-01T00:00:00Z"}]},
        (422, "end_before_start", ["/positions/0/valid_until"]),
    ),
    (
        "persons/E1/transfer",
        {"positions": [{"position": f"P{i}"} for i in range(51)]},
        (422, "too_many_positions", ["/positions"]),
    ),
    ("persons/E1/leave", {"when": "now"}, (422, "unknown_field", ["/when"])),
    ("persons/E1/leave", [], (422, "wrong_type", [""])),
    ("persons/C1/enter", {}, (422, "missing", ["/site"])),
    ("persons/C1/enter", {"site": "NO"}, (422, "unknown_reference", ["/site"])),
    ("persons/C1/enter", {"site": "NGB", "code": "a b"}, (422, "invalid_code", ["/code"])),
    ("persons/E1/transfer?lang=de", {"positions": [WELDER]}, (400, "malformed_parameter", ["?lang"])),
    ("persons/E1/leave?lang=en", {}, (400, "unknown_parameter", ["?lang"])),
    ("persons/E1/leave?at=now", {}, (400, "unknown_parameter", ["?at"])),
    ("persons/%20/leave", {}, (404, "record_not_found", [])),
]


async def test_each_mistake_is_named_and_nothing_is_done(database_url: str, tmp_path: Path) -> None:
    """Faults are told where they stand in what was sent, whichever record they are about, and no call does half of it."""
    async with living(database_url, tmp_path) as plant:
        before = await head(plant)
        for path, body, expected in WRONG:
            assert expected == problem(await call(plant, path, body)), (path, body)
        assert before == await head(plant)
        assert 404 == (await plant.client.get("/v1/persons/E9")).status_code
        assert ("allow", ["E1-D"]) == (
            await decision(plant, **LOADING),
            [each["code"] for each in (await read(plant, "assignments"))["items"]],
        )


async def test_bodies_are_read_strictly(database_url: str, tmp_path: Path) -> None:
    """Broken JSON and other media types are refused; where nothing must be said, nothing may be sent."""
    async with living(database_url, tmp_path) as plant:
        url = "/v1/persons/E1/leave"
        json = {"Content-Type": "application/json"}
        assert (400, "malformed_json", [""]) == problem(await plant.client.post(url, content=b"{", headers=json))
        assert (415, "unsupported_media_type", []) == problem(await plant.client.post(url, content=b"{}"))
        assert 200 == (await plant.client.post(url)).status_code


async def test_scopes(database_url: str, tmp_path: Path) -> None:
    """Who may read may see who is present, and may do none of the rest."""
    async with living(database_url, tmp_path) as plant:
        reader = {"Authorization": f"Bearer {await plant.key('read')}"}
        clerk = {"Authorization": f"Bearer {await plant.key('maintain')}"}
        for path, _, _ in WRONG[:5]:
            answer = await plant.client.post(f"/v1/{path}", json={}, headers=reader)
            assert (403, "scope_missing") == problem(answer)[:2]
        assert 403 == (await plant.client.post("/v1/companies/ACME/suspend", headers=reader)).status_code
        assert 200 == (await plant.client.get("/v1/sites/NGB/present", headers=reader)).status_code
        assert 200 == (await plant.client.post("/v1/persons/E1/leave", headers=clerk)).status_code


async def test_only_the_version_that_is_meant(database_url: str, tmp_path: Path) -> None:
    """`If-Match` is about the person or company; one that has changed since is left alone, and so is all else."""
    async with living(database_url, tmp_path) as plant:
        stale = (await plant.client.get("/v1/persons/E1")).headers["ETag"]
        await plant.client.patch("/v1/persons/E1", json={"phone": "139"})
        now = (await plant.client.get("/v1/persons/E1")).headers["ETag"]
        before = await head(plant)
        for path, body in (
            ("transfer", {"positions": [WELDER]}),
            ("leave", {}),
            ("enter", {"site": "NGB"}),
            ("hire", {"person": {}}),
        ):
            answer = await call(plant, f"persons/E1/{path}", body, If_Match=stale)
            assert (412, "precondition_failed", ["If-Match"]) == problem(answer)
            assert now == answer.headers["ETag"]
        assert 412 == (await call(plant, "companies/ACME/suspend", If_Match='"x"')).status_code
        assert 412 == (await call(plant, "persons/E9/hire", {"person": PERSON}, If_Match="*")).status_code
        known = await call(plant, "persons/E1/hire", {"person": PERSON}, If_None_Match="*")
        assert (412, "precondition_failed", ["If-None-Match"]) == problem(known)
        assert before == await head(plant)
        assert 200 == (await call(plant, "persons/E1/transfer", {"positions": [WELDER]}, If_Match=now)).status_code
        assert 201 == (await call(plant, "persons/E9/hire", {"person": PERSON}, If_None_Match="*")).status_code


async def test_two_who_mean_the_same_version(database_url: str, tmp_path: Path) -> None:
    """Of two transfers with a new supervisor and one ETag, the second is told that the person has changed."""
    async with living(database_url, tmp_path) as plant:
        tag = (await plant.client.get("/v1/persons/E1")).headers["ETag"]
        sent = (
            call(plant, "persons/E1/transfer", {"positions": [WELDER], "supervisor": boss}, If_Match=tag)
            for boss in ("C1", "C2")
        )
        statuses = [answer.status_code for answer in await rivals(database_url, *sent)]
        assert [200, 412] == statuses
        assert "C1" == (await read(plant, "persons/E1"))["supervisor"]


ONCE: list[tuple[str, Mapping[str, Any]]] = [
    ("persons/E9/hire", {"person": PERSON, "positions": [WELDER]}),
    ("persons/E1/transfer", {"positions": [WELDER]}),
    ("persons/E1/leave", {}),
    ("persons/C1/enter", {"site": "NGB"}),
    ("companies/ACME/suspend", {}),
]


@pytest.mark.parametrize(("path", "body"), ONCE, ids=[path for path, _ in ONCE])
async def test_fifty_at_once_with_one_key_are_one(
    database_url: str, tmp_path: Path, path: str, body: Mapping[str, Any]
) -> None:
    """However often it is sent, it is done once and answered alike; the key stands for nothing else."""
    async with living(database_url, tmp_path) as plant:
        before = await head(plant)
        answers = await asyncio.gather(*(call(plant, path, body, Idempotency_Key="k-1") for _ in range(50)))
        assert before + 1 == await head(plant)
        first, *others = [(answer.status_code, answer.json(), answer.headers["Revision"]) for answer in answers]
        assert [first] * 49 == others
        assert (201 if "/hire" in path or "/enter" in path else 200, str(before + 1)) == (first[0], first[2])
        other = await call(plant, path, {**body, "at": "2090-01-01T00:00:00Z"}, Idempotency_Key="k-1")
        assert (422, "idempotency_key_reused") == problem(other)[:2] or path.startswith("companies")
        assert before + 1 == await head(plant)


async def test_exits_are_done_once_too(database_url: str, tmp_path: Path) -> None:
    """An exit sent again is answered with the stay it ended, although nobody is there any more."""
    async with living(database_url, tmp_path) as plant:
        await called(plant, "persons/C1/enter", {"site": "NGB"})
        first = await call(plant, "persons/C1/exit", Idempotency_Key="k-1")
        again = await call(plant, "persons/C1/exit", Idempotency_Key="k-1")
        assert (200, first.json(), first.headers["ETag"]) == (again.status_code, again.json(), again.headers["ETag"])


async def test_what_is_lacking_is_told_anew(database_url: str, tmp_path: Path) -> None:
    """A repeated request has the first one's answer but for what the post still lacks, which is as it is by then."""
    async with living(database_url, tmp_path) as plant:
        first = await called(plant, "persons/E1/transfer", {"positions": [WELDER]}, Idempotency_Key="k-1")
        await plant.load([certificate("E1", "IA-WELD")])
        again = await called(plant, "persons/E1/transfer", {"positions": [WELDER]}, Idempotency_Key="k-1")
        assert {**first, "posts": None} == {**again, "posts": None}
        assert (0, 1) == (first["posts"][0]["allowed"], again["posts"][0]["allowed"])


async def test_what_is_kept_of_a_request_is_not_personal(database_url: str, tmp_path: Path) -> None:
    """Names, numbers and addresses of a person hired with a key are in none of the tables of the ledger."""
    async with living(database_url, tmp_path) as plant:
        person = PERSON | {"name": "Li-secret", "id_number": "secret-11", "email": "secret@example.com"}
        await called(plant, "persons/E9/hire", {"person": person}, Idempotency_Key="k-1")
        async with plant.engine.connect() as connection:
            for table in ("change", "revision", "idempotency"):
                rows = (await connection.exec_driver_sql(f"SELECT t::text FROM {table} t")).scalars().all()
                assert rows != []
                assert "secret" not in str(rows)


async def test_the_number_of_statements_does_not_grow(database_url: str, tmp_path: Path) -> None:
    """A transfer of somebody with many assignments, certificates and rules takes as many statements as that of anybody."""
    crowd: list[Line] = [
        {"kind": "person", "code": "E2", "name": "-", "employment": "employee", "site": "NGB", "status": "active"}
    ]
    for i in range(40):
        assignment = {"kind": "assignment", "code": f"Z{i}", "person": "E2", "position": "DRIVER", "basis": "regular"}
        crowd.append(assignment | {"valid_from": f"20{i + 10}-01-01T00:00:00Z"})
        crowd.append(certificate("E2", "IA-TRUCK", code=f"Z{i}"))
    async with living(database_url, tmp_path, *crowd) as plant:
        counted = []
        statements: list[str] = []
        event.listen(plant.service.writer.sync_engine, "before_cursor_execute", lambda *of: statements.append(of[2]))
        for person in ("E1", "E2"):
            statements.clear()
            told = await called(plant, f"persons/{person}/transfer", {"positions": [WELDER, {"position": "CLERK"}]})
            counted.append((len(statements), len(told["lapsed"])))
        (few, one), (many, forty) = counted
        assert (2, 40) == (one, forty)
        assert many <= few + 1  # the deletion of assignments that never begin


async def test_without_fresh_facts_the_write_stands(engine: AsyncEngine, client: httpx.AsyncClient) -> None:
    """Where this process cannot tell what is lacking it says null; it does not deny what it has written."""
    await load(engine, PLANT)
    answer = await client.post("/v1/persons/E9/hire", json={"person": PERSON, "positions": [WELDER]})
    assert (201, None, "E9-WELDER") == (answer.status_code, answer.json()["posts"], answer.json()["assignments"][0]["code"])
    assert 200 == (await client.get("/v1/persons/E9")).status_code
