"""Many questions at once: in order, all or none, and nobody else held up."""

import asyncio
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest

from qualsvc import sample
from tests.serving import QUESTION, TRAINEE, Running, changed, eventually, load, running

pytestmark = pytest.mark.anyio

BATCH = "/can-operate/batch"
AT = "2026-11-21T03:30:00Z"


async def ask(plant: Running, questions: Any) -> httpx.Response:
    return await plant.post({"questions": questions}, BATCH)


async def test_in_order(plant: Running) -> None:
    """Each question has its own answer, in the order asked, in the shape of a single one."""
    questions = [
        QUESTION,
        TRAINEE,
        TRAINEE | {"supervisor": "E1"},
        {"badge": "B-1", "equipment": "FORK-07", "process": "LOADING"},
        QUESTION | {"person": "nobody"},
        QUESTION | {"at": "2099-01-01T00:00:00Z"},
        QUESTION | {"until": "2098-01-01T00:00:00Z", "lang": "zh-CN"},
        QUESTION,
    ]
    response = await ask(plant, questions)
    assert (200, "no-store") == (response.status_code, response.headers["cache-control"])
    body = response.json()
    assert ["revision", "decisions"] == list(body)
    decisions = body["decisions"]
    expected = ["allow", "conditional", "allow", "allow", "deny", "deny", "allow", "allow"]
    assert expected == [answer["decision"] for answer in decisions]
    for question, answer in zip(questions, decisions, strict=True):
        single = (await plant.post(question)).json()
        assert list(single) == list(answer)
        assert _timeless(single) == _timeless(answer)


async def test_one_instant_and_dense_ids(plant: Running) -> None:
    """A batch is about one now, belongs to a revision, and its decisions are numbered one after another."""
    first = plant.service.spool().sequence + 1
    body = (await ask(plant, [QUESTION] * 50)).json()
    boot_id = plant.service.spool().boot_id
    assert 1 == len({answer["asked_at"] for answer in body["decisions"]})
    assert {body["revision"]} == {answer["revision"] for answer in body["decisions"]}
    assert [f"{boot_id}-{first + n}" for n in range(50)] == [answer["decision_id"] for answer in body["decisions"]]


async def test_empty(plant: Running) -> None:
    """No questions, no decisions."""
    response = await ask(plant, [])
    assert (200, {"revision": plant.service.replica.revision, "decisions": []}) == (response.status_code, response.json())


async def test_malformed_questions_are_named(plant: Running) -> None:
    """Malformed questions make the whole batch 400, each named by its index, and none of it is answered."""
    before = plant.service.spool().sequence
    questions: list[Any] = [QUESTION] * 300
    wrong = {7: {"person": "E1"}, 8: "E1", 150: QUESTION | {"at": "noon"}, 299: QUESTION | {"x/~y": 1}}
    for index, question in wrong.items():
        questions[index] = question
    response = await ask(plant, questions)
    problem = response.json()
    assert (400, "malformed") == (response.status_code, problem["code"])
    assert [
        ("/questions/7/equipment", "missing"),
        ("/questions/7/process", "missing"),
        ("/questions/8", "malformed"),
        ("/questions/150/at", "bad_instant"),
        ("/questions/299/x~1~0y", "unknown"),
    ] == [(error["pointer"], error["code"]) for error in problem["errors"]]
    assert before == plant.service.spool().sequence


async def test_every_malformed_index_is_named(plant: Running) -> None:
    """However many are malformed, each index is named."""
    problem = (await ask(plant, [QUESTION | {"at": "noon", "lang": "de"}] * 10_000)).json()
    assert list(range(10_000)) == sorted({int(error["pointer"].split("/")[2]) for error in problem["errors"]})


async def test_window_that_is_over(plant: Running) -> None:
    """A window that ended before now is named by its index."""
    problem = (await ask(plant, [QUESTION, QUESTION | {"until": "2020-01-01T00:00:00Z"}])).json()
    assert [("/questions/1/until", "not_after_at")] == [(error["pointer"], error["code"]) for error in problem["errors"]]


@pytest.mark.parametrize(
    "body",
    [
        [],
        {},
        {"questions": None},
        {"questions": {}},
        {"questions": [QUESTION], "lang": "en"},
        [QUESTION],
        "x",
        {"question": []},
    ],
)
async def test_not_a_batch(plant: Running, body: Any) -> None:
    """A body that is no `{"questions": […]}` is 400."""
    problem = (await plant.post(body, BATCH)).json()
    assert (400, "malformed", "/questions") == (problem["status"], problem["code"], problem["errors"][0]["pointer"])


async def test_too_many(plant: Running) -> None:
    """10,000 questions are answered, 10,001 are not."""
    assert 10_000 == len((await ask(plant, [QUESTION] * 10_000)).json()["decisions"])
    problem = (await ask(plant, [QUESTION] * 10_001)).json()
    assert (400, "too_many_questions") == (problem["status"], problem["errors"][0]["code"])


async def test_min_revision_of_a_batch(plant: Running) -> None:
    """The greatest `min_revision` of a batch counts for all of it."""
    here = plant.service.replica.revision
    assert 200 == (await ask(plant, [QUESTION | {"min_revision": here}, QUESTION])).status_code
    response = await ask(plant, [QUESTION, QUESTION | {"min_revision": here + 1}])
    assert (503, "stale") == (response.status_code, response.json()["code"])


async def test_lowest_revision(own: Running) -> None:
    """A batch during which facts change tells the lowest revision, each answer its own, and none is of two."""
    batch = asyncio.create_task(ask(own, [QUESTION] * 5000))
    spool, before = own.service.spool(), own.service.replica.revision
    await eventually(lambda: spool.sequence >= 10, pause_s=0)
    revision = await load(own.engine, [changed("C1", status="revoked")])
    body = (await batch).json()
    seen = [(answer["revision"], answer["decision"]) for answer in body["decisions"]]
    assert before == body["revision"] == seen[0][0]
    assert sorted(seen) == seen
    assert {(before, "allow"), (revision, "deny")} >= set(seen)


async def test_key_revoked_meanwhile(own: Running) -> None:
    """A key revoked while its batch runs gets no answers."""
    token = await own.key("ask")
    spool = own.service.spool()
    batch = asyncio.create_task(own.post({"questions": [QUESTION] * 10_000}, BATCH, key=token))
    await eventually(lambda: spool.sequence >= 10, pause_s=0)
    assert own.service.replica.held is not None
    own.service.replica.held.keyring.apply(token.split("_")[1], None)
    assert 401 == (await batch).status_code
    assert spool.sequence < 10_000


async def test_single_asks_go_on(database_url: str, tmp_path: Path) -> None:
    """While a batch of thousands over the sample plant runs, single asks are answered in between, again and again."""
    records = sample.records(sample.plant_day(datetime.now(UTC)))
    persons = [record["code"] for record in records if record["kind"] == "person"]
    machines = [record["code"] for record in records if record["kind"] == "equipment"]
    questions = [
        {"person": persons[n % len(persons)], "equipment": machines[n % len(machines)], "process": "LIFT"}
        for n in range(10_000)
    ]
    allowed = next(member for member in sample.CAST if member.outcome == "allowed")
    question = {"person": allowed.person, "equipment": allowed.equipment, "process": allowed.process}
    async with running(database_url, tmp_path, plant=records) as plant:
        batch = asyncio.create_task(ask(plant, questions))
        singles = []
        while not batch.done():
            answer = (await plant.ask(**question)).json()
            assert "allow" == answer["decision"]
            singles.append(int(answer["decision_id"].rpartition("-")[2]))
            await asyncio.sleep(0)  # no socket between us makes us wait
        decisions = (await batch).json()["decisions"]
    assert 10_000 == len(decisions)
    # By the order on record: a tenth of the batch at most between two single asks, however fast it is.
    first, last = (int(answer["decision_id"].rpartition("-")[2]) for answer in (decisions[0], decisions[-1]))
    between = [first, *(single for single in singles if first < single < last), last]
    assert len(decisions) / 10 > max(later - earlier for earlier, later in pairwise(between))


def _timeless(answer: dict[str, Any]) -> dict[str, Any]:
    """What must be equal in two answers to one question."""
    moving = {"at", "asked_at", "recheck_by", "decision_id", "worst_from", "data_age_ms"}
    return {name: value for name, value in answer.items() if name not in moving}
