"""What was known then: answers by the facts recorded by an instant, whatever was written since."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import text

from qualsvc.ask.replaying import replay
from qualsvc.kernel.instants import format_instant
from qualsvc.records.documents import plain
from qualsvc.replica.past import Past
from qualsvc.spool.format import read_entries
from qualsvc.store.engine import make_engine
from tests.drifting import DRIFTING, QUESTIONS, drift, turn
from tests.serving import QUESTION, TRAINEE, HandClock, Running, changed, running

pytestmark = pytest.mark.anyio

TURNS = 120
OF_THE_ASKING = {"asked_at", "decision_id", "recheck_by", "known_at", "reconstructed", "data_age_ms"}
BEFORE = "2020-01-01T00:00:00Z"


@dataclass
class Lived:
    """A service that was asked the same after each of many writes: by revision, when it was recorded and what was answered."""

    plant: Running
    recorded: dict[int, str] = field(default_factory=dict)
    answered: dict[int, list[dict[str, Any]]] = field(default_factory=dict)

    async def known(self, revision: int, question: dict[str, Any], live: dict[str, Any]) -> dict[str, Any]:
        """The same question about the same instant, by what was known at the very instant the revision was recorded."""
        asked = {"at": live["at"]} | question | {"known_at": self.recorded[revision]}
        response = await self.plant.ask(**asked)
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        assert (True, self.recorded[revision], None) == (answer["reconstructed"], answer["known_at"], answer["recheck_by"])
        return answer

    async def differing(self, revisions: Sequence[int]) -> list[tuple[int, Any]]:
        """Where what is told now of these revisions is not what was answered then."""
        found = []
        for revision in revisions:
            for question, live in zip(QUESTIONS, self.answered[revision], strict=True):
                again = await self.known(revision, question, live)
                if without(again) != without(live):
                    found.append((revision, (without(live), without(again))))
        return found


def without(answer: dict[str, Any]) -> dict[str, Any]:
    """An answer but for what belongs to the asking of it."""
    return {name: value for name, value in answer.items() if name not in OF_THE_ASKING}


async def instants(plant: Running) -> dict[int, str]:
    """When each revision was recorded."""
    async with plant.engine.connect() as connection:
        rows = await connection.execute(text("SELECT revision, at FROM revision"))
        return {revision: plain(at) for revision, at in rows}


@pytest.fixture(scope="module")
async def lived(shared_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Lived]:
    directory = tmp_path_factory.mktemp("lived")
    async with running(shared_database_url, directory, plant=DRIFTING, max_staleness_s=3600) as plant:
        life = Lived(plant)
        for lines in islice(drift(4), TURNS):
            await turn(plant, lines)
            answers = [(await plant.ask(**question)).json() for question in QUESTIONS]
            life.answered[answers[0]["revision"]] = answers
        life.recorded = await instants(plant)
        yield life


async def test_life_is_varied(lived: Lived) -> None:
    """The history the tests below look back on has some hundred revisions, all decisions, and badges that go round."""
    answers = [answer for answers in lived.answered.values() for answer in answers]
    assert len(lived.answered) > 100
    assert {"allow", "conditional", "deny"} == {answer["decision"] for answer in answers}
    assert {"E1", "E2", "E3", None} == {answers[3]["person"] for answers in lived.answered.values()}
    assert len({reason["code"] for answer in answers for reason in answer["reasons"]}) > 8


async def test_what_was_answered_then_is_answered_again(lived: Lived) -> None:
    """At the instant of each revision it is, field by field, what was answered by it; whichever is asked about before."""
    revisions = list(lived.answered)
    Random(1).shuffle(revisions)
    assert [] == await lived.differing(revisions)


async def test_forth_and_back(lived: Lived) -> None:
    """So it is going through the revisions in their order, and back."""
    revisions = sorted(lived.answered)
    assert [] == await lived.differing([*revisions[:40], *revisions[39::-1]])


async def test_another_revision_does_not_replay(lived: Lived) -> None:
    """Reckoned from the facts of another revision, what differs is named."""
    _, first, *_ = read_entries(lived.plant.service.spool().path)
    past = await lived.plant.service.past.at(0)
    found = {difference.pointer for difference in replay(first.payload, past, 300)}
    assert {"/site", "/answer/decision", "/answer/reasons/0/code", "/answer/revision"} <= found


async def test_between_two_revisions(lived: Lived) -> None:
    """A microsecond before a revision was recorded, the one before it is answered from."""
    first, *_, last = sorted(lived.recorded)
    async with lived.plant.engine.connect() as connection:
        query = "SELECT revision - 1, at - interval '1 microsecond' FROM revision WHERE revision IN (:first, :last)"
        rows = (await connection.execute(text(query), {"first": first, "last": last})).all()
    for before, at in rows:
        answer = (await lived.plant.ask(**QUESTION, known_at=plain(at))).json()
        assert before == answer["revision"]


async def test_before_everything(lived: Lived) -> None:
    """Before the first revision nobody was known, nor anything."""
    answer = (await lived.plant.ask(**QUESTION, known_at=BEFORE)).json()
    codes = [reason["code"] for reason in answer["reasons"]]
    assert (0, "deny", BEFORE) == (answer["revision"], answer["decision"], answer["at"])
    assert ["person_unknown", "equipment_unknown", "process_unknown"] == codes


async def test_while_it_goes_on(own: Running) -> None:
    """While others write, what is told of the past stays the same, and each answer about now is by all there is."""
    life = Lived(own)
    await own.load(DRIFTING)
    writes = drift(7)

    async def live(turns: int) -> None:
        for lines in islice(writes, turns):
            await turn(own, lines)
            answers = [(await own.ask(**question)).json() for question in QUESTIONS]
            if len({answer["revision"] for answer in answers}) == 1:
                life.answered.setdefault(answers[0]["revision"], answers)

    await live(30)
    life.recorded = await instants(own)
    revisions = sorted(life.answered)
    found, _ = await asyncio.gather(life.differing([*revisions, *reversed(revisions)]), live(60))
    assert [] == found
    life.recorded = await instants(own)
    assert [] == await life.differing(sorted(life.answered))


async def test_at_is_known_at_when_left_out(own: Running) -> None:
    """Without `at` it is about the instant it was known; `until` must be after that one; a body says the same."""
    known_at = format_instant(own.service._clock.wall())
    got = await own.ask(**QUESTION, known_at=known_at)
    posted = await own.post(QUESTION | {"known_at": known_at})
    assert [known_at] * 2 == [each.json()["at"] for each in (got, posted)]
    assert without(got.json()) == without(posted.json())
    refused = await own.ask(**QUESTION, known_at=known_at, until=BEFORE)
    assert (400, ["/until"]) == (refused.status_code, [error["pointer"] for error in refused.json()["errors"]])
    window = (await own.ask(**QUESTION, known_at=known_at, until="2099-01-01T00:00:00Z")).json()
    assert ("deny", "2098-12-30T16:00:00Z") == (window["decision"], window["worst_from"])


async def test_on_record(own: Running) -> None:
    """It is on record like any answer, with what was asked; the site is that of then."""
    recorded = (await instants(own))[own.service.replica.revision]
    await own.load([{"kind": "site", "code": "HAM", "name": "Hamburg", "time_zone": "Europe/Berlin"}])
    await own.load([changed("FORK-07", site="HAM")])
    answer = await own.ask(**QUESTION, known_at=recorded)
    *_, last = read_entries(own.service.spool().path)
    record = json.loads(last.payload)
    assert {"at_given": False, "known_at": recorded, "lang": "en"} == record["question"]
    assert ("NGB", answer.json()) == (record["site"], record["answer"])
    assert f"{last.boot_id}-{last.sequence}" == answer.json()["decision_id"]


async def test_who_may(own: Running) -> None:
    """Like the instant, what was known is chosen by `ask:at` alone; nothing is told of the past to a door."""
    door, planner = await own.key("ask"), await own.key("ask:at")
    for given, pointers in (
        ({"known_at": BEFORE}, ["/known_at"]),
        ({"known_at": BEFORE, "at": BEFORE}, ["/at", "/known_at"]),
    ):
        refused = await own.ask(key=door, **QUESTION, **given)
        assert (403, "scope_missing") == (refused.status_code, refused.json()["code"])
        assert pointers == [error["pointer"] for error in refused.json()["errors"]]
    assert 200 == (await own.ask(key=planner, **QUESTION, known_at=BEFORE)).status_code
    assert 401 == (await own.ask(key="nobody", **QUESTION, known_at=BEFORE)).status_code


async def test_the_future_is_not_known(own: Running) -> None:
    """Nobody knows what will be recorded: 400, however near."""
    soon = format_instant(own.service._clock.wall() + 1_000_000)
    for instant in (soon, "9999-12-31T23:59:59.999999Z"):
        refused = await own.ask(**QUESTION, known_at=instant)
        errors = [(error["pointer"], error["code"]) for error in refused.json()["errors"]]
        assert (400, "malformed", [("/known_at", "in_future")]) == (refused.status_code, refused.json()["code"], errors)
    assert 200 == (await own.ask(**QUESTION, known_at="0001-01-01T00:00:00Z")).status_code


async def test_not_in_a_batch(own: Running) -> None:
    """A batch is of now or of instants, by what is known; each question that has `known_at` is named."""
    questions = [QUESTION, QUESTION | {"known_at": BEFORE}, TRAINEE | {"known_at": None}, TRAINEE | {"known_at": BEFORE}]
    refused = await own.post({"questions": questions}, "/can-operate/batch")
    errors = [(error["pointer"], error["code"]) for error in refused.json()["errors"]]
    assert 400 == refused.status_code
    assert [("/questions/1/known_at", "not_in_batch"), ("/questions/3/known_at", "not_in_batch")] == errors


async def test_a_log_that_lost_its_beginning(own: Running) -> None:
    """What the log no longer has is not made up."""
    recorded = await instants(own)
    await own.load([changed("C1", status="revoked")])
    await own.load([changed("C1", status="valid")])
    async with own.engine.begin() as connection:
        await connection.execute(text("DELETE FROM change WHERE revision <= :last"), {"last": max(recorded) + 1})
    refused = await own.ask(**QUESTION, known_at=recorded[max(recorded)])
    assert (400, "before_log") == (refused.status_code, refused.json()["code"])
    after = await instants(own)
    assert "deny" == (await own.ask(**QUESTION, known_at=after[max(after) - 1])).json()["decision"]


async def test_without_a_database(own: Running) -> None:
    """The past is in the database: without one it is 503, and now is answered all the same."""
    away = make_engine("postgresql://nobody@127.0.0.1:1/nowhere")
    replica = own.service.replica
    own.service.past = Past(away, replica.fresh, replica.reached)
    refused = await own.ask(**QUESTION, known_at=BEFORE)
    assert (503, "database_unavailable") == (refused.status_code, refused.json()["code"])
    assert 200 == (await own.ask(**QUESTION)).status_code


async def test_not_while_the_present_is_unknown(database_url: str, tmp_path: Path) -> None:
    """Who cannot prove to be fresh tells nothing of the past either."""
    clock = HandClock()
    async with running(database_url, tmp_path, clock=clock) as plant:
        known_at = (await instants(plant))[1]
        assert 200 == (await plant.ask(**QUESTION, known_at=known_at)).status_code
        clock.step_wall(60)
        refused = await plant.ask(**QUESTION, known_at=known_at)
        assert (503, "clock_skew") == (refused.status_code, refused.json()["code"])
