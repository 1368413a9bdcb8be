"""What an `at` may be in the life of a person, and what it does to posts held before, since, and still to come."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.registry.callers import problem
from tests.registry.life import LOADING, call, called, decision, living, read, reasons

pytestmark = pytest.mark.anyio

WELDER = {"positions": [{"position": "WELDER"}]}
HOUR, YEAR = timedelta(hours=1), timedelta(days=367)


def ago(span: timedelta) -> str:
    """The instant so long ago."""
    return (datetime.now(UTC) - span).isoformat().replace("+00:00", "Z")


async def test_a_post_of_before_does_not_come_back_until_the_hiring(database_url: str, tmp_path: Path) -> None:
    """Hired again for a day to come, who was never closed properly does not drive meanwhile."""
    async with living(database_url, tmp_path) as plant:
        assert 200 == (await plant.client.patch("/v1/persons/E1", json={"status": "left"})).status_code
        again = {"at": "2090-06-15T03:00:00Z", "person": {"employed_from": "2020-01-01"}, "positions": [{"position": "DRIVER"}]}
        told = await called(plant, "persons/E1/hire", again)
        assert ["E1-D"] == told["ended"]
        assert "position_not_held" in await reasons(plant, **LOADING)
        assert "deny" == await decision(plant, **LOADING, at="2090-06-15T02:59:59Z")


async def test_what_began_since_is_not_swept_away(database_url: str, tmp_path: Path) -> None:
    """A transfer or leave told late does not delete what was held in between: it is refused, and names what stands there."""
    async with living(database_url, tmp_path) as plant:
        begun = (await called(plant, "persons/E1/transfer", WELDER))["assignments"][0]
        for deed, body in (("transfer", {"positions": [{"position": "CLERK"}]}), ("leave", {})):
            answer = await call(plant, f"persons/E1/{deed}", body | {"at": ago(HOUR)})
            assert (409, "begun_since", ["/at"]) == problem(answer)
            assert f"`E1-WELDER` (from {begun['valid_from']})" in answer.json()["errors"][0]["message"]
        assert begun == await read(plant, "assignments/E1-WELDER")
        assert ["E1-WELDER"] == (await called(plant, "persons/E1/leave"))["ended"]


async def test_what_was_held_and_is_over_stays_on_record(database_url: str, tmp_path: Path) -> None:
    """Told late, a leave does not touch an assignment that began and ended in between."""
    over = {"kind": "assignment", "code": "E1-X", "person": "E1", "position": "CLERK", "basis": "regular"}
    between = over | {"valid_from": ago(3 * HOUR), "valid_until": ago(2 * HOUR)}
    async with living(database_url, tmp_path, between) as plant:
        stood = await read(plant, "assignments/E1-X")
        told = await called(plant, "persons/E1/leave", {"at": ago(4 * HOUR)})
        assert (["E1-D"], []) == (told["ended"], told["withdrawn"])
        assert stood == await read(plant, "assignments/E1-X")


@pytest.mark.parametrize(
    ("deed", "body", "span"),
    [
        *((deed, body, -YEAR) for deed, body in (("leave", {}), ("transfer", WELDER))),
        *((deed, body, 100 * YEAR) for deed, body in (("leave", {}), ("transfer", WELDER), ("exit", {}))),
        ("enter", {"site": "NGB"}, YEAR),
        ("enter", {"site": "NGB"}, -2 * HOUR),
        ("exit", {}, -2 * HOUR),
    ],
)
async def test_an_instant_that_can_only_be_a_mistake_is_refused(
    database_url: str, tmp_path: Path, deed: str, body: dict[str, Any], span: timedelta
) -> None:
    """A wrong century, or a gate that saw somebody tomorrow."""
    async with living(database_url, tmp_path) as plant:
        answer = await call(plant, f"persons/E1/{deed}", body | {"at": ago(span)})
        assert (422, "implausible_instant", ["/at"]) == problem(answer)


async def test_a_gate_with_a_fast_clock_is_read(database_url: str, tmp_path: Path) -> None:
    """Some seconds ahead is now."""
    async with living(database_url, tmp_path) as plant:
        await called(plant, "persons/E1/enter", {"site": "NGB", "at": ago(timedelta(seconds=-20))})
        assert "left" == (await called(plant, "persons/E1/leave", {"at": ago(timedelta(seconds=-20))}))["person"]["status"]


async def test_nothing_given_before_comes_back_with_a_new_hiring(database_url: str, tmp_path: Path) -> None:
    """Whoever was only marked as gone has no authorisation and no waiver of before when hired into the same post again."""
    waiver = {"kind": "waiver", "code": "W", "person": "E1", "rule": "WELD", "reason": "-", "status": "approved"}
    bounds = {"valid_from": "2020-01-01T00:00:00Z", "valid_until": "2098-01-01T00:00:00Z", "approved_by": "b"}
    for gone in ({"status": "left"}, {"employed_until": str((datetime.now(UTC) - 2 * 24 * HOUR).date())}):
        async with living(database_url, tmp_path, waiver | bounds) as plant:
            assert "allow" == await decision(plant, **LOADING)
            assert 200 == (await plant.client.patch("/v1/persons/E1", json=gone)).status_code
            told = await called(plant, "persons/E1/hire", {"person": {}, "positions": [{"position": "DRIVER"}]})
            assert (5, ["W"]) == (len(told["lapsed"]), told["revoked"])
            assert {"certificate_expired"} == set(await reasons(plant, **LOADING))


async def test_a_hiring_lifts_no_suspension(database_url: str, tmp_path: Path) -> None:
    """Whoever suspended somebody lifts that; HR hiring them anew does not."""
    async with living(database_url, tmp_path) as plant:
        gone = {"status": "suspended", "employed_until": "2026-01-31"}
        assert 200 == (await plant.client.patch("/v1/persons/E1", json=gone)).status_code
        answer = await call(plant, "persons/E1/hire", {"person": {}, "positions": [{"position": "DRIVER"}]})
        assert (409, "person_suspended", [""]) == problem(answer)
        assert "deny" == await decision(plant, **LOADING)


async def test_employments_do_not_overlap(database_url: str, tmp_path: Path) -> None:
    """Hired again for a day before the last one of the employment that ended, it is refused."""
    async with living(database_url, tmp_path) as plant:
        await called(plant, "persons/E1/leave")
        answer = await call(plant, "persons/E1/hire", {"person": {}, "at": ago(48 * HOUR)})
        assert (409, "already_employed", ["/at"]) == problem(answer)
        assert 200 == (await call(plant, "persons/E1/hire", {"person": {}})).status_code


async def test_a_rule_that_is_over_keeps_no_authorisation(database_url: str, tmp_path: Path) -> None:
    """What a guard of the past asked of everybody, or one only recommends, does not hold up what ends with the post."""
    guard = {"kind": "rule", "name": "-", "effect": "guard", "enforcement": "block", "risk": "low"}
    truck, gate = ({"certificate": {"type": name}} for name in ("IA-TRUCK", "IA-GATE"))
    over = guard | {"code": "DEAD", "requirement": truck, "effective_until": "2019-01-01T00:00:00Z"}
    better = guard | {"code": "BETTER", "requirement": gate, "recommended": truck}
    async with living(database_url, tmp_path, over, better) as plant:
        told = await called(plant, "persons/E1/transfer", {"positions": [{"position": "CLERK"}]})
        assert {"E1-IA-TRUCK", "E1-IA-OLD"} <= set(told["lapsed"])
        assert "E1-IA-GATE" not in told["lapsed"]
