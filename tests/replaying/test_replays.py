"""Logged decisions come out again as they were answered; what does not is named, and is an alarm."""

import logging
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import text

from qualsvc.replaying.replays import Replayed, Replays
from tests.drifting import DRIFTING, QUESTIONS, drift, turn
from tests.registry.callers import problem
from tests.registry.logged import ship
from tests.serving import QUESTION, Running, changed, running

pytestmark = pytest.mark.anyio

SEED = 20261121
SIZES = [
    pytest.param(25, 40, id="short"),
    pytest.param(1250, 80, id="long", marks=pytest.mark.faults),
]


async def replayed(plant: Running) -> list[Replayed]:
    return [one async for one in Replays(plant.engine, plant.service.past).between(None, None)]


@pytest.mark.parametrize(("turns", "questions"), SIZES)
async def test_every_decision_agrees(database_url: str, tmp_path: Path, turns: int, questions: int) -> None:
    """While the plant changes under them, through all that can be asked, and also asked about the past: zero disagreements."""
    chance = Random(SEED)
    async with running(database_url, tmp_path, plant=DRIFTING) as plant:
        known_at: list[str] = []
        for lines in islice(drift(SEED), turns):
            await turn(plant, lines)
            asked = [chance.choice(QUESTIONS) for _ in range(questions)]
            answer = await plant.post({"questions": asked[1:]}, "/can-operate/batch")
            known_at.append(answer.json()["decisions"][0]["asked_at"])
            await plant.ask(**asked[0], known_at=chance.choice(known_at))
        await ship(plant)
        found = await replayed(plant)
    assert [] == [one for one in found if not one.agrees]
    assert turns * questions == len(found)
    assert len({one.revision for one in found}) > turns * 0.8


async def replay(plant: Running, decision_id: str) -> dict[str, Any]:
    answer = await plant.client.post(f"/v1/decisions/{decision_id}/replay")
    assert 200 == answer.status_code, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def test_one_decision(database_url: str, tmp_path: Path) -> None:
    """It agrees though its person has lost the licence since: what was right then is reckoned by the facts of then."""
    async with running(database_url, tmp_path) as plant:
        asked = (await plant.ask(**QUESTION)).json()
        await plant.load([changed("C1", status="revoked")])
        assert "deny" == (await plant.ask(**QUESTION)).json()["decision"]
        await ship(plant)
        told = await replay(plant, asked["decision_id"])
        assert (True, asked["revision"], [], None) == tuple(
            told[n] for n in ("agrees", "revision", "differences", "impossible")
        )
        assert told["tzdata"] == told["tzdata_now"]


async def test_a_disagreement_is_an_alarm(database_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """An answer somebody wrote into the table in place of another is told field by field, and logged as an error."""
    async with running(database_url, tmp_path) as plant:
        asked = (await plant.ask(**QUESTION | {"person": "E3"})).json()
        await ship(plant)
        async with plant.engine.begin() as connection:
            await connection.execute(text("UPDATE decision SET payload = replace(payload, '\"deny\"', '\"allow\"')"))
        with caplog.at_level(logging.ERROR):
            told = await replay(plant, asked["decision_id"])
        assert not told["agrees"]
        assert [
            {"pointer": "/answer/decision", "logged": "allow", "recomputed": "deny"},
            {"pointer": "/columns/decision", "logged": "deny", "recomputed": "allow"},
        ] == told["differences"]
        assert [f"replay of decision {asked['decision_id']} disagrees"] == [r.message.partition(":")[0] for r in caplog.records]
        metrics = (await plant.client.get("/metrics")).text
        assert "qualsvc_replay_disagreements_total 1.0" in metrics


ALTERED: list[tuple[str, str, Any, Any]] = [
    ("decision = 'allow'", "decision", "allow", "deny"),
    ("person = NULL", "person", None, "E3"),
    ("reasons = '{}'", "reasons", [], ["x"]),
]


@pytest.mark.parametrize(("column", "name", "there", "told"), ALTERED)
async def test_columns_are_as_the_record(
    database_url: str, tmp_path: Path, column: str, name: str, there: Any, told: Any
) -> None:
    """What lists and exports go by is held against the record, too."""
    async with running(database_url, tmp_path) as plant:
        asked = (await plant.ask(**QUESTION | {"person": "E3", "purpose": "gate_entry"})).json()
        await ship(plant)
        assert (await replay(plant, asked["decision_id"]))["agrees"]
        async with plant.engine.begin() as connection:
            await connection.execute(text(f"UPDATE decision SET {column} WHERE kind = 'answer'"))
        told = [each["code"] for each in asked["reasons"]] if name == "reasons" else told
        differs = {"pointer": f"/columns/{name}", "logged": there, "recomputed": told}
        assert [differs] == (await replay(plant, asked["decision_id"]))["differences"]


@pytest.mark.parametrize("spoilt", ["opened = NULL", "opened = '{\"open\":{}}'"])
async def test_without_its_boot_record_nothing_is_claimed(database_url: str, tmp_path: Path, spoilt: str) -> None:
    """What the answering process was set to is not guessed: such a decision does not agree, and it says why."""
    async with running(database_url, tmp_path) as plant:
        asked = (await plant.ask(**QUESTION)).json()
        await ship(plant)
        async with plant.engine.begin() as connection:
            await connection.execute(text(f"UPDATE decision_boot SET {spoilt}"))
        told = await replay(plant, asked["decision_id"])
        assert (False, []) == (told["agrees"], told["differences"])
        assert "boot record" in told["impossible"]


@pytest.mark.parametrize(
    "path", ["x", "aaaaaaaaaaaaaaaa-1", "{boot}-0", "{boot}-1x", "%00-1", "{boot}-01", "{boot}-" + "9" * 30]
)
async def test_what_is_no_decision(database_url: str, tmp_path: Path, path: str) -> None:
    """A name that no decision has is not found."""
    async with running(database_url, tmp_path) as plant:
        await ship(plant)
        name = path.format(boot=plant.service.spool().boot_id)
        assert (404, "record_not_found") == problem(await plant.client.post(f"/v1/decisions/{name}/replay"))[:2]


async def test_a_replay_takes_nothing(database_url: str, tmp_path: Path) -> None:
    """No body, no parameters; and a key that may only ask may not replay."""
    async with running(database_url, tmp_path) as plant:
        path = "/v1/decisions/x-1/replay"
        assert (400, "unexpected_body") == problem(await plant.client.post(path, json={"decision": "allow"}))[:2]
        assert (400, "unknown_parameter") == problem(await plant.client.post(path, params={"at": "now"}))[:2]
        headers = {"Authorization": f"Bearer {await plant.key('ask')}"}
        assert (403, "scope_missing") == problem(await plant.client.post(path, headers=headers))[:2]
