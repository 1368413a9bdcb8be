"""Nothing is deleted that others refer to, however many of those that refer to it are deleted with it."""

from pathlib import Path
from typing import Any

import pytest

from tests.registry.callers import Caller, problem
from tests.serving import ADMIN_KEY, Running, running

pytestmark = pytest.mark.anyio

MANY = [f"U{i}" for i in range(9)]
"""They refer to one another."""
TYPES: list[dict[str, Any]] = [
    {"kind": "certificate_type", "code": code, "name": code, "category": "internal", "equivalents": equivalents}
    for code, equivalents in ((*((code, [x for x in MANY if x != code]) for code in MANY), ("UD", ["U4"])))
]
COURSES: list[dict[str, Any]] = [{"kind": "course", "code": code, "name": code} for code in MANY]


def rule(code: str, *courses: str) -> dict[str, Any]:
    """Everybody everywhere must have done all of these."""
    asked = {"all": [{"training": {"course": course}} for course in courses]}
    told = {"kind": "rule", "code": code, "name": code, "effect": "guard", "enforcement": "block", "risk": "low"}
    return told | {"requirement": asked}


async def deleted(plant: Running, lines: list[dict[str, Any]]) -> tuple[int, str]:
    """Line and text of the one refusal of a bulk that deletes them all."""
    answer = await Caller(plant.client, "bootstrap", ADMIN_KEY).bulk(
        [{"kind": line["kind"], "code": line["code"], "op": "delete"} for line in lines]
    )
    assert (409, "still_referenced") == problem(answer)[:2]
    [error] = answer.json()["errors"]
    return error["line"], error["message"]


async def test_one_of_many_that_stays_is_found(database_url: str, tmp_path: Path) -> None:
    """The one reference that would dangle is named, among the many that go with what they refer to."""
    async with running(database_url, tmp_path, plant=TYPES) as plant:
        assert (5, "certificate_type `U4` is still referred to by certificate_type `UD`") == await deleted(plant, TYPES[:-1])


async def test_a_rule_that_stays_is_found(database_url: str, tmp_path: Path) -> None:
    """The same where a rule refers with its requirement."""
    rules = [rule(code, *MANY) for code in MANY]
    async with running(database_url, tmp_path, plant=[*COURSES, *rules, rule("UD", "U7")]) as plant:
        assert (8, "course `U7` is still referred to by rule `UD`") == await deleted(plant, [*COURSES, *rules])


async def test_who_leaves_need_not_be_deleted(database_url: str, tmp_path: Path) -> None:
    """Whoever would delete a person is told of the call that ends everything."""
    person = {"kind": "person", "code": "E1", "name": "-", "employment": "employee", "status": "active"}
    stay = {"kind": "site_stay", "code": "S", "person": "E1", "site": "NGB", "valid_from": "2026-01-01T00:00:00Z"}
    site = {"kind": "site", "code": "NGB", "name": "-", "time_zone": "UTC"}
    async with running(database_url, tmp_path, plant=[site, person, stay]) as plant:
        answer = await plant.client.delete("/v1/persons/E1")
        assert (409, "still_referenced") == problem(answer)[:2]
        assert "`leave` ends everything" in answer.json()["errors"][0]["message"]


async def test_a_slip_of_the_pen_is_guessed_at(database_url: str, tmp_path: Path) -> None:
    """A reference written nearly right names what is written alike; another number is another thing."""
    sites = [{"kind": "site", "code": code, "name": "-", "time_zone": "UTC"} for code in ("NINGBO-1", "HAMBURG")]
    async with running(database_url, tmp_path, plant=sites) as plant:
        said = {}
        for code in ("NINGBOO-1", "HAMBRUG", "NINGBO-2"):
            answer = await plant.client.put("/v1/org-units/O", json={"name": "-", "site": code})
            assert (422, "unknown_reference", ["/site"]) == problem(answer)
            said[code] = answer.json()["errors"][0]["message"].partition("; ")[0]
        assert said == {
            "NINGBOO-1": "there is no site `NINGBOO-1` (is `NINGBO-1` meant?)",
            "HAMBRUG": "there is no site `HAMBRUG` (is `HAMBURG` meant?)",
            "NINGBO-2": "there is no site `NINGBO-2`",
        }
