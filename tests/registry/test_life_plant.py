"""The sample plant goes on living: people of Harbour Machinery are transferred, leave, and are stopped at the gate."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from qualsvc.sample import records
from qualsvc.sample.days import plant_day
from tests.registry.life import call, called, decision, read, reasons
from tests.serving import Running, running

pytestmark = pytest.mark.anyio

CRANE = {"equipment": "BC-02", "process": "LIFT"}
TRUCK = {"equipment": "FL-01", "process": "LOADING"}


@pytest.fixture
async def plant(database_url: str, tmp_path: Path) -> AsyncIterator[Running]:
    async with running(database_url, tmp_path, plant=records(plant_day(datetime.now(UTC)))) as plant:
        yield plant


async def certificates(plant: Running, person: str) -> dict[str, Any]:
    """The person's certificates as they are stored."""
    items = (await read(plant, "certificates", person=person))["items"]
    return {item["code"]: {name: value for name, value in item.items() if name != "condition"} for item in items}


async def test_a_crane_driver_becomes_a_truck_driver(plant: Running) -> None:
    """The crane is closed and the truck not yet open; his crane authorisations are gone, those of the law are not."""
    assert "allow" == await decision(plant, person="E1001", **CRANE)
    before = await certificates(plant, "E1001")
    body = {"positions": [{"position": "TRUCK-DRIVER"}], "org_unit": "NGB-LOG"}
    told = await called(plant, "persons/E1001/transfer", body)
    after = await certificates(plant, "E1001")
    assert ["E1001-IAC", "E1001-RTG"] == told["lapsed"] == [code for code in before if before[code] != after[code]]
    assert {"position_not_held", "certificate_expired"} == set(await reasons(plant, person="E1001", **CRANE))
    [post] = told["posts"]
    lacking = {lack.get("requirement") for lack in post["lacks"]}
    assert {"certificate IA-TRUCK covering capacity_t", "certificate tsg-z6001-2019:N1 verified"} <= lacking
    assert {"certificate MED-DRIVER", "position_not_held"}.isdisjoint(lacking | {lack["code"] for lack in post["lacks"]})
    trucks = [m for m in (await read(plant, "equipment", limit=1000))["items"] if m["ratings"].get("capacity_t")]
    assert (len(trucks), 0, 0) == (post["pairs"], post["allowed"], post["conditional"])


async def test_he_drives_once_he_has_what_was_lacking(plant: Running) -> None:
    """What a transfer says is lacking is all that is: with it at hand the truck is open."""
    told = await called(plant, "persons/E1001/transfer", {"positions": [{"position": "TRUCK-DRIVER"}]})
    assert "deny" == await decision(plant, person="E1001", **TRUCK)
    card = {"kind": "certificate", "person": "E1001", "status": "valid", "verified": True, "valid_from": "2020-01-01"}
    await plant.load(
        [
            card | {"code": "E1001-N1", "type": "tsg-z6001-2019:N1"},
            card | {"code": "E1001-IAT", "type": "IA-TRUCK", "limits": {"capacity_t": 10}},
        ]
    )
    assert "allow" == await decision(plant, person="E1001", **TRUCK)
    again = await called(plant, "persons/E1001/transfer", {"positions": [{"position": "TRUCK-DRIVER"}]})
    assert told["revision"] + 1 == again["revision"]
    assert 0 < again["posts"][0]["allowed"] < again["posts"][0]["pairs"]  # reach trucks want their course, Hamburg its card


async def test_the_leaver_who_was_never_closed_comes_back(plant: Running) -> None:
    """Hired again as a slinger he is no crane driver, although that posting was never closed."""
    answer = await call(plant, "persons/E1015/hire", {"person": {}, "positions": [{"position": "SLINGER"}]})
    assert (200, ["E1015-A1"]) == (answer.status_code, answer.json()["ended"])
    assert "position_not_held" in await reasons(plant, person="E1015", **CRANE)
    assert {"person_inactive", "not_employed"}.isdisjoint(await reasons(plant, person="E1015", **CRANE))


async def test_a_company_is_stopped_with_all_its_people(plant: Running) -> None:
    """Everybody of a suspended company is denied everywhere with the answer, whoever is on a site is named, and nobody else."""
    people = (await read(plant, "persons", company="DONGHAI", limit=1000))["items"]
    codes = [person["code"] for person in people]
    posts = {each["person"]: each["position"] for each in (await read(plant, "assignments", limit=1000))["items"]}
    asked = [
        {"person": code} | (CRANE if posts[code] == "CRANE-DRIVER" else {"equipment": "CNC-01", "process": "MAINTENANCE"})
        for code in codes
    ]
    before = [await decision(plant, **question) for question in asked]
    assert 6 < before.count("allow")
    for code in codes[:2]:
        assert 201 == (await call(plant, f"persons/{code}/enter", {"site": "NGB"})).status_code
    told = await called(plant, "companies/DONGHAI/suspend")
    assert (len(codes), codes[:2]) == (told["persons"], told["present"])
    for question in asked:
        assert "company_not_approved" in await reasons(plant, **question)
    assert "allow" == await decision(plant, person="E1001", **CRANE)
    refused = await call(plant, f"persons/{codes[2]}/enter", {"site": "NGB"})
    assert [(409, "company_not_approved")] == [(refused.status_code, each["code"]) for each in refused.json()["errors"]]
    await called(plant, "companies/DONGHAI/reinstate")
    assert before == [await decision(plant, **question) for question in asked]
