"""On a site from entry to exit, and what happens there to the people of a suspended company."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from tests.registry.callers import problem
from tests.registry.life import SINCE, call, called, head, living, read
from tests.registry.rivals import rivals
from tests.serving import Running

pytestmark = pytest.mark.anyio

THEN = "2026-03-01T08:00:00Z"
BAN: dict[str, Any] = {"kind": "restriction", "code": "X1", "person": "C1", "valid_from": SINCE, "reason": "-"}


async def present(plant: Running, site: str = "NGB", **parameters: Any) -> list[str]:
    """The codes of those on the site."""
    return [item["person"] for item in (await read(plant, f"sites/{site}/present", **parameters))["items"]]


async def test_in_and_out(database_url: str, tmp_path: Path) -> None:
    """An entry makes a stay that shows who is there, an exit ends it, and each is one revision."""
    async with living(database_url, tmp_path) as plant:
        before = await head(plant)
        entered = await call(plant, "persons/C1/enter", {"site": "NGB", "at": THEN})
        stay = {"code": "C1-20260301T080000Z", "person": "C1", "site": "NGB", "valid_from": THEN, "valid_until": None}
        assert (201, stay, str(before + 1)) == (entered.status_code, entered.json(), entered.headers["Revision"])
        assert entered.headers["ETag"] == (await plant.client.get(f"/v1/site-stays/{stay['code']}")).headers["ETag"]
        item = {"stay": stay["code"], "person": "C1", "name": "C1", "employment": "contractor", "company": "ACME"}
        assert {"items": [item | {"since": THEN}], "next_cursor": None} == await read(plant, "sites/NGB/present")
        assert [] == await present(plant, "HAM")
        again = await call(plant, "persons/C1/enter", {"site": "HAM"})
        assert (409, "already_on_site", [""]) == problem(again)
        assert "`NGB`" in again.json()["errors"][0]["message"]
        left = await call(plant, "persons/C1/exit", {"at": "2026-03-01T17:00:00Z"})
        assert (200, stay | {"valid_until": "2026-03-01T17:00:00Z"}) == (left.status_code, left.json())
        assert ([], ["C1"]) == (await present(plant), await present(plant, at="2026-03-01T16:59:59.999999Z"))
        assert (409, "not_on_site", [""]) == problem(await call(plant, "persons/C1/exit"))
        assert before + 2 == await head(plant)
        history = (await read(plant, f"site-stays/{stay['code']}/history"))["items"]
        assert [before + 1, before + 2] == [change["revision"] for change in history]


async def test_stays_of_one_instant_have_codes_of_their_own(database_url: str, tmp_path: Path) -> None:
    """Made up codes are numbered where they meet; a given one must be free."""
    async with living(database_url, tmp_path) as plant:
        stays = []
        for _ in range(2):
            stays.append((await called(plant, "persons/C1/enter", {"site": "NGB", "at": THEN}))["code"])
            await called(plant, "persons/C1/exit", {"at": THEN})
        assert ["C1-20260301T080000Z", "C1-20260301T080000Z-2"] == stays
        taken = await call(plant, "persons/C2/enter", {"site": "NGB", "code": stays[0]})
        assert (409, "code_taken", ["/code"]) == problem(taken)
        assert "GATE-3-17" == (await called(plant, "persons/C2/enter", {"site": "NGB", "code": "GATE-3-17"}))["code"]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"kind": "company", "code": "ACME", "name": "Acme", "status": "suspended"}, ["company_not_approved"]),
        (BAN, ["restricted"]),
        (BAN | {"site": "NGB"}, ["restricted"]),
        (BAN | {"site": "HAM"}, []),
        (BAN | {"process": "LOADING"}, []),
        (BAN | {"valid_until": "2021-01-01T00:00:00Z"}, []),
        (
            {
                "kind": "person",
                "code": "C1",
                "name": "-",
                "employment": "contractor",
                "status": "left",
                "employed_until": THEN[:10],
            },
            ["person_inactive", "not_employed", "company_not_approved"],
        ),
    ],
)
async def test_gates_that_fail_keep_out(database_url: str, tmp_path: Path, change: dict[str, Any], expected: list[str]) -> None:
    """Every gate that fails now is named by its reason; bans from some work only are no matter at the gate."""
    async with living(database_url, tmp_path, change) as plant:
        before = await head(plant)
        answer = await call(plant, "persons/C1/enter", {"site": "NGB", "at": THEN})
        if not expected:
            assert 201 == answer.status_code
            return
        body = answer.json()
        assert (409, "entry_refused", expected) == (answer.status_code, body["code"], [e["code"] for e in body["errors"]])
        assert (before, []) == (await head(plant), await present(plant))
        chinese = await plant.client.post("/v1/persons/C1/enter?lang=zh-CN", json={"site": "NGB"})
        assert body["errors"][0]["message"] != chinese.json()["errors"][0]["message"]


async def test_nobody_is_kept_in(database_url: str, tmp_path: Path) -> None:
    """Whoever is banned or gone after entering can still leave the site."""
    async with living(database_url, tmp_path) as plant:
        await called(plant, "persons/C1/enter", {"site": "NGB"})
        await plant.load([BAN, {"kind": "company", "code": "ACME", "name": "Acme", "status": "suspended"}])
        assert ["C1"] == await present(plant)
        assert 200 == (await call(plant, "persons/C1/exit")).status_code
        assert [] == await present(plant)


async def test_an_exit_ends_what_lasts_then(database_url: str, tmp_path: Path) -> None:
    """A stay that has not begun at the instant is not ended by it; one planned to end later ends now."""
    planned = {"kind": "site_stay", "code": "S1", "person": "C1", "site": "NGB", "valid_from": THEN}
    async with living(database_url, tmp_path, planned | {"valid_until": "2090-01-01T00:00:00Z"}) as plant:
        early = await call(plant, "persons/C1/exit", {"at": "2026-02-01T00:00:00Z"})
        assert (409, "not_on_site", [""]) == problem(early)
        assert THEN in early.json()["errors"][0]["message"]
        assert "S1" == (await called(plant, "persons/C1/exit"))["code"]
        assert [] == await present(plant)


async def test_the_list_is_paged_by_person(database_url: str, tmp_path: Path) -> None:
    """Cursors lead through everybody once, whoever comes and goes, in three statements however many there are."""
    people = [
        {"kind": "person", "code": f"P{i:02}", "name": f"-{i}", "employment": "employee", "status": "active"} for i in range(30)
    ]
    stays = [
        {"kind": "site_stay", "code": f"S{99 - i}", "person": f"P{i:02}", "site": "NGB", "valid_from": THEN} for i in range(30)
    ]
    async with living(database_url, tmp_path, *people, *stays) as plant:
        seen: list[str] = []
        cursor: str | None = None
        statements: list[str] = []
        event.listen(plant.engine.sync_engine, "before_cursor_execute", lambda *of: statements.append(of[2]))
        while True:
            page = await read(plant, "sites/NGB/present", limit=7, **({"cursor": cursor} if cursor else {}))
            seen += [item["person"] for item in page["items"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
            await called(plant, f"persons/{seen[0]}/exit")
            await called(plant, f"persons/{seen[0]}/enter", {"site": "NGB"})
        assert [person["code"] for person in people] == seen
        statements.clear()
        await read(plant, "sites/NGB/present", limit=1)
        few = len(statements)
        statements.clear()
        await read(plant, "sites/NGB/present", limit=1000)
        assert few == len(statements) <= 3
        for parameters in ({"cursor": "x"}, {"limit": 0}, {"at": "yesterday"}):
            answer = await plant.client.get("/v1/sites/NGB/present", params=parameters)
            assert (400, "malformed_parameter", [f"?{next(iter(parameters))}"]) == problem(answer)
        assert (404, "record_not_found", []) == problem(await plant.client.get("/v1/sites/NO/present"))


async def test_a_suspension_stops_everybody_at_once(database_url: str, tmp_path: Path) -> None:
    """With the answer no gate opens to its people any more; it says how many they are and who is on a site."""
    async with living(database_url, tmp_path) as plant:
        await called(plant, "persons/C2/enter", {"site": "HAM"})
        suspended = await called(plant, "companies/ACME/suspend")
        assert ("suspended", 2, ["C2"]) == (suspended["company"]["status"], suspended["persons"], suspended["present"])
        assert suspended["company"] == await read(plant, "companies/ACME")
        assert "entry_refused" == problem(await call(plant, "persons/C1/enter", {"site": "NGB"}))[1]
        assert suspended == await called(plant, "companies/ACME/suspend")
        reinstated = await called(plant, "companies/ACME/reinstate")
        assert ("approved", suspended["revision"] + 1) == (reinstated["company"]["status"], reinstated["revision"])
        assert 201 == (await call(plant, "persons/C1/enter", {"site": "NGB"})).status_code
        assert (404, "record_not_found", []) == problem(await call(plant, "companies/NO/suspend"))
        assert (400, "unexpected_body", []) == problem(await call(plant, "companies/ACME/suspend", {"status": "approved"}))


async def test_no_entry_slips_through_a_suspension(database_url: str, tmp_path: Path) -> None:
    """Of an entry and a suspension at the same time, whichever gets the ledger second knows of the other."""
    async with living(database_url, tmp_path) as plant:
        suspended, entered = await rivals(
            database_url,
            call(plant, "companies/ACME/suspend"),
            call(plant, "persons/C1/enter", {"site": "NGB"}),
        )
        assert (200, "entry_refused") == (suspended.status_code, entered.json()["code"])
        await called(plant, "companies/ACME/reinstate")
        entered, suspended = await rivals(
            database_url,
            call(plant, "persons/C1/enter", {"site": "NGB"}),
            call(plant, "companies/ACME/suspend"),
        )
        assert (201, ["C1"]) == (entered.status_code, suspended.json()["present"])


async def test_nobody_is_on_two_sites(database_url: str, tmp_path: Path) -> None:
    """Of entries to both sites at the same time one succeeds."""
    async with living(database_url, tmp_path) as plant:
        sent = [call(plant, "persons/C1/enter", {"site": site}) for site in ("NGB", "HAM") * 4]
        statuses = sorted(answer.status_code for answer in await asyncio.gather(*sent))
        assert [201] + [409] * 7 == statuses
        assert 1 == len((await present(plant)) + (await present(plant, "HAM")))
