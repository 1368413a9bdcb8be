"""Incidents: what was answered on a machine around an instant is frozen, with what was known of everybody then."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from qualsvc.kernel.instants import format_instant, parse_instant
from qualsvc.registry.incidents import freezing, shipped
from qualsvc.spool.reading import ON_FILE_WITHIN_S
from qualsvc.spool.spool import Spool
from qualsvc.store import feed
from qualsvc.store.engine import connect
from tests.registry.callers import problem
from tests.registry.logged import ship
from tests.serving import QUESTION, TRAINEE, HandClock, Running, changed, running

pytestmark = pytest.mark.anyio

PROCESSES = [
    {"kind": "process", "code": "HOIST", "name": "-", "parent": "LOADING"},
    {"kind": "process", "code": "TILT", "name": "-", "parent": "HOIST"},
    {"kind": "process", "code": "WASH", "name": "-"},
]
LATE = ON_FILE_WITHIN_S * 1_000_000
BAN = {"person": "E1", "valid_from": "2026-01-01T00:00:00Z", "reason": "found careless"}


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def plant(database_url: str, tmp_path: Path, clock: HandClock) -> AsyncIterator[Running]:
    async with running(database_url, tmp_path, clock=clock) as plant:
        yield plant


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shipped, "PATIENCE_S", 0.0)


async def answered(plant: Running, **question: Any) -> dict[str, Any]:
    told: dict[str, Any] = (await plant.ask(**question)).json()
    return told


async def post(plant: Running, body: Any, path: str = "", **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await plant.client.post(f"/v1/incidents{path}", json=body, headers=named)


async def report(plant: Running, occurred_at: str, **more: Any) -> dict[str, Any]:
    """The incident, read with its evidence."""
    answer = await post(plant, {"equipment": "FORK-07", "occurred_at": occurred_at} | more)
    assert 201 == answer.status_code, answer.text
    told = await plant.client.get(f"/v1/incidents/{answer.json()['code']}")
    body: dict[str, Any] = told.json()
    assert answer.headers["ETag"] == told.headers["ETag"]
    assert answer.json() == {name: body[name] for name in body if name not in ("decisions", "states")}
    return body


async def decisions(plant: Running, incident: str = "I1") -> list[str]:
    told = (await plant.client.get(f"/v1/incidents/{incident}")).json()
    return [each["decision_id"] for each in told["decisions"]]


async def status(plant: Running, code: str) -> str:
    return str((await plant.client.get(f"/v1/certificates/{code}")).json()["status"])


async def head(plant: Running) -> int:
    async with plant.engine.connect() as connection:
        return int((await connection.execute(text("SELECT revision FROM head"))).scalar_one())


async def test_what_was_answered_is_frozen_to_the_byte(plant: Running, clock: HandClock) -> None:
    """Each answer as it is on file, with its hash in the chain; of other machines none."""
    told = [await answered(plant, **QUESTION, purpose="unlock"), await answered(plant, **TRAINEE, supervisor="E1")]
    await answered(plant, **QUESTION | {"equipment": "NONE"})
    await ship(plant)
    clock.step_wall(7200)
    body = await report(plant, told[1]["asked_at"], code="I1", description="swung")
    assert told == [each["answer"] for each in body["decisions"]]
    export = (await plant.client.get("/v1/decisions/export", params={"equipment": "FORK-07"})).text
    assert f'"decisions":[{",".join(export.splitlines())}]' in (await plant.client.get("/v1/incidents/I1")).text
    assert (2, ["E1", "E2"], True, "swung", 60) == tuple(
        body[name] for name in ("answers", "persons", "complete", "description", "window")
    )
    assert body["complete_until"] == format_instant(parse_instant(told[1]["asked_at"]) + 3_600_000_000)


async def test_what_was_asked_about_another_time_is_frozen_too(plant: Running) -> None:
    """Nothing is left out of evidence; a question about another time says in its record that it was one."""
    occurred = (await answered(plant, **QUESTION))["asked_at"]
    await answered(plant, **QUESTION, at="2027-01-04T00:00:00Z")
    await answered(plant, **QUESTION, known_at=occurred)
    await ship(plant)
    asked = [each["question"] for each in (await report(plant, occurred))["decisions"]]
    assert [(False, None), (True, None), (False, occurred)] == [(each["at_given"], each.get("known_at")) for each in asked]


async def test_what_was_known_then_is_frozen(plant: Running) -> None:
    """What is revoked, moved or back-dated afterwards is in the evidence as it was known when it happened."""
    occurred = (await answered(plant, **QUESTION))["asked_at"]
    await answered(plant, **TRAINEE)
    await answered(plant, **QUESTION | {"person": "NOBODY"})
    await ship(plant)
    before = (await plant.client.get("/v1/persons/E1/state", params={"known_at": occurred})).json()
    revision = plant.service.replica.revision
    await plant.load([changed("C1", status="revoked", valid_until="2021-01-01"), changed("A1", basis="trial")])
    await plant.load([BAN | {"kind": "restriction", "code": "X1", "valid_from": "2020-01-01T00:00:00Z"}])
    body = await report(plant, occurred)
    assert (revision, ["E1", "E2", "NOBODY"]) == (body["revision"], body["persons"])
    assert ["E1", "E2"] == [state["person"]["code"] for state in body["states"]]
    assert before == body["states"][0]
    assert ("valid", "valid") == tuple(before["certificates"][0][name] for name in ("status", "condition"))
    assert [] == before["restrictions"]
    assert body == (await plant.client.get(f"/v1/incidents/{body['code']}")).json()


async def test_a_process_and_all_that_were_below_it(plant: Running) -> None:
    """The tree of processes is the one of then, whatever is moved since."""
    await plant.load(PROCESSES)
    asked = [await answered(plant, **QUESTION | {"process": code}) for code in ("LOADING", "HOIST", "TILT", "WASH")]
    await ship(plant)
    await plant.load([PROCESSES[1] | {"parent": "WASH"}])
    for code, expected in (("LOADING", [0, 1, 2]), ("TILT", [2]), ("WASH", [3]), (None, [0, 1, 2, 3])):
        body = await report(plant, asked[3]["asked_at"], process=code)
        assert [asked[i]["decision_id"] for i in expected] == [each["decision_id"] for each in body["decisions"]]


async def test_the_window_is_half_open(plant: Running, tmp_path: Path) -> None:
    """From so many minutes before it on, and until so many after it, to the microsecond; by when it was answered."""
    occurred = datetime(2026, 11, 20, 3, 30, tzinfo=UTC)
    edges = [timedelta(minutes=-10, microseconds=-1), timedelta(minutes=-10), timedelta(minutes=10, microseconds=-1)]
    edges.append(timedelta(minutes=10))
    spool = Spool(tmp_path / "other", b'{"open":{"started_at":"2026-11-20T03:00:00Z","host":"h"}}')
    spool.append([on_file((occurred + edge).isoformat().replace("+00:00", "Z")) for edge in edges])
    spool.close()
    await ship(plant.database_url, tmp_path / "other")
    await ship(plant)
    body = await report(plant, "2026-11-20T11:30:00+08:00", window=10)
    assert [f"{spool.boot_id}-2", f"{spool.boot_id}-3"] == [each["decision_id"] for each in body["decisions"]]
    assert (["E1"], [], 0, True) == tuple(body[name] for name in ("persons", "states", "revision", "complete"))
    assert "FORK-07-20261120T033000Z" == body["code"]


def on_file(instant: str) -> bytes:
    """What is put on file for an answer of this instant about another one."""
    told: dict[str, Any] = {
        "decision": "allow",
        "at": "2020-01-01T00:00:00Z",
        "asked_at": instant,
        "reasons": [],
        "revision": 1,
    }
    told |= QUESTION
    return json.dumps({"key": "k", "site": None, "question": {}, "answer": told}).encode()


async def test_what_is_still_on_its_way_is_told(plant: Running, clock: HandClock) -> None:
    """Evidence says up to when it has all answers of this host: none is missing unnoticed."""
    first = await answered(plant, **QUESTION)
    body = await report(plant, first["asked_at"])
    assert (False, None, 0) == tuple(body[name] for name in ("complete", "complete_until", "answers"))
    await ship(plant)
    await answered(plant, **QUESTION)
    clock.step_wall(7200)
    body = await report(plant, first["asked_at"])
    until = format_instant(parse_instant(first["asked_at"]) - LATE)
    assert (False, until, 1) == tuple(body[name] for name in ("complete", "complete_until", "answers"))
    await ship(plant)
    body = await report(plant, first["asked_at"])
    assert (True, 2) == tuple(body[name] for name in ("complete", "answers"))


async def test_what_is_on_its_way_is_waited_for(plant: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer given just before is frozen; a window that is not over is not complete."""
    monkeypatch.setattr(shipped, "PATIENCE_S", 60.0)
    told = await answered(plant, **QUESTION)
    reported, _ = await asyncio.gather(report(plant, told["asked_at"], window=1), ship(plant))
    assert [told["decision_id"]] == [each["decision_id"] for each in reported["decisions"]]
    until = format_instant(parse_instant(reported["frozen_at"]) - LATE)
    assert (False, until) == (reported["complete"], reported["complete_until"])


async def test_a_batch_under_way_is_not_missed(plant: Running, clock: HandClock) -> None:
    """Its answers bear the instant it began and come on file later: a window is complete only some time after it was over."""
    occurred = format_instant(clock.wall() - 60_000_000)
    await ship(plant)
    body = await report(plant, occurred, window=1)
    assert (False, format_instant(parse_instant(body["frozen_at"]) - LATE)) == (body["complete"], body["complete_until"])
    clock.step_wall(ON_FILE_WITHIN_S)
    body = await report(plant, occurred, window=1)
    assert (True, format_instant(parse_instant(occurred) + 60_000_000)) == (body["complete"], body["complete_until"])


LOST = [
    # Lost between 03:20 and 03:30; an answer on file by then may bear an instant that is a minute earlier.
    ("2026-11-20T03:25:00Z", False, "2026-11-20T03:19:00Z"),
    ("2026-11-20T03:17:59Z", True, "2026-11-20T03:18:59Z"),
    ("2026-11-20T03:18:01Z", False, "2026-11-20T03:19:00Z"),
    ("2026-11-20T03:19:30Z", False, "2026-11-20T03:19:00Z"),
    ("2026-11-20T03:20:30Z", False, None),
    ("2026-11-20T03:31:30Z", False, None),
    ("2026-11-20T03:32:01Z", True, "2026-11-20T03:33:01Z"),
]


async def test_what_is_lost_is_told(plant: Running, tmp_path: Path) -> None:
    """Where a record is damaged or gone, evidence of the time it may have been of is not complete; of other times it is."""
    await lose(plant, tmp_path, "2026-11-20T03:20:00Z", "2026-11-20T03:25:00Z", "2026-11-20T03:30:00Z")
    for occurred, complete, until in LOST:
        window = 7 if occurred == LOST[0][0] else 1
        body = await report(plant, occurred, window=window)
        assert (complete, until) == (body["complete"], body["complete_until"]), occurred


async def test_what_is_lost_at_the_end_is_told(plant: Running, tmp_path: Path) -> None:
    """Nothing stands after it: it may be of any time until its process was known to have ended."""
    await lose(plant, tmp_path, "2026-11-20T03:20:00Z", "2026-11-20T03:25:00Z", "end")
    ended = "UPDATE decision_link SET at = '2026-11-20T04:00:00Z' WHERE event = 'close'"
    for occurred, before, after in (("2026-11-20T03:10:00Z", True, True), ("2026-11-20T05:00:00Z", False, True)):
        async with plant.engine.begin() as connection:
            await connection.execute(text("UPDATE decision_link SET at = clock_timestamp()"))
        assert before is (await report(plant, occurred, window=1))["complete"], occurred
        async with plant.engine.begin() as connection:
            await connection.execute(text(ended))
        assert after is (await report(plant, occurred, window=1))["complete"], occurred
    assert not (await report(plant, "2026-11-20T03:59:30Z", window=1))["complete"]


async def lose(plant: Running, tmp_path: Path, *instants: str) -> None:
    """Ship the answers of another process, of which the second is damaged, and close its log."""
    spool = Spool(tmp_path / "other", b'{"open":{"started_at":"2026-11-20T03:00:00Z","host":"h"}}')
    closing = json.dumps({"close": {"at": "2026-11-20T03:20:00Z"}}).encode()
    spool.append([closing if instant == "end" else on_file(instant) for instant in instants])
    spool.close()
    whole = spool.path.read_bytes()
    spool.path.write_bytes(whole.replace(instants[1].encode(), b"9" * len(instants[1])))
    await ship(plant.database_url, tmp_path / "other")
    await ship(plant)


async def test_evidence_outlives_the_decisions(plant: Running, clock: HandClock) -> None:
    """A month given up takes nothing from it; of one given up before, it says that it is not complete."""
    told = await answered(plant, **QUESTION)
    await ship(plant)
    clock.step_wall(7200)
    body = await report(plant, told["asked_at"], code="I1")
    async with plant.engine.begin() as connection:
        await connection.execute(text(f"DROP TABLE decision_{told['asked_at'][:7].replace('-', '_')}"))
        said = json.dumps({"month": told["asked_at"][:7], "rows": 1, "runs": []})
        await connection.execute(
            text("INSERT INTO tombstone (n, body, key, signature) VALUES (1, :body, '', '')"), {"body": said}
        )
    assert [] == (await plant.client.get("/v1/decisions")).json()["items"]
    assert body == (await plant.client.get("/v1/incidents/I1")).json()
    later = await report(plant, told["asked_at"])
    assert (0, False, None) == tuple(later[name] for name in ("answers", "complete", "complete_until"))


async def test_much_evidence(plant: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is kept in parts, in order; more than there may be is refused, never cut."""
    monkeypatch.setattr(freezing, "_PART", 2000)
    batch = {"questions": [QUESTION, TRAINEE] * 60}
    told = (await plant.post(batch, "/can-operate/batch")).json()["decisions"]
    await ship(plant)
    body = await report(plant, told[0]["asked_at"])
    assert told == [each["answer"] for each in body["decisions"]]
    assert ["E1", "E2"] == [state["person"]["code"] for state in body["states"]]
    for name, most in (("MAX_ANSWERS", 119), ("MAX_PERSONS", 1)):
        with monkeypatch.context() as patched:
            patched.setattr(freezing, name, most)
            refused = await post(plant, {"equipment": "FORK-07", "occurred_at": told[0]["asked_at"]})
        assert (422, "too_much_evidence", ["/window"]) == problem(refused)


async def test_replicas_are_told_of_no_evidence(plant: Running) -> None:
    """They follow the revision and read none of the documents; a new one loads none."""
    told = await answered(plant, **QUESTION)
    await ship(plant)
    before = plant.service.replica.revision
    await report(plant, told["asked_at"])
    connection = await connect(plant.database_url)
    try:
        changes = [change async for rows in feed.change_pages(connection, before) for change in feed.read_changes(rows)]
        loaded = await feed.load(connection)
    finally:
        await connection.close()
    assert {"incident", "incident_evidence"} == {change.kind for change in changes}
    assert {(before + 1, None, None)} == {(change.revision, change.before, change.after) for change in changes}
    assert not {"incident", "incident_evidence"} & {kind for kind, _, _ in loaded.records}


async def test_a_conclusion_counts_at_once(plant: Running) -> None:
    """The finding, a ban and a suspension in one revision; whoever asks next is answered by them."""
    body = await report(plant, (await answered(plant, **QUESTION))["asked_at"], code="I1")
    before = await head(plant)
    bans = [BAN | {"equipment": "FORK-07"}, BAN | {"code": "X9", "person": "E2"}]
    answer = await post(plant, {"conclusion": "careless", "restrictions": bans, "suspend": ["C2"]}, "/I1/conclude")
    told = answer.json()
    assert (200, str(before + 1), before + 1) == (answer.status_code, answer.headers["Revision"], await head(plant))
    assert ("careless", ["I1-E1", "X9"], ["C2"]) == tuple(told[name] for name in ("conclusion", "restrictions", "suspended"))
    assert told["concluded_at"] is not None
    assert "suspended" == await status(plant, "C2")
    assert ["restricted"] == [each["code"] for each in (await answered(plant, **QUESTION))["reasons"]]
    assert {"restricted", "certificate_suspended"} <= {each["code"] for each in (await answered(plant, **TRAINEE))["reasons"]}
    read = (await plant.client.get("/v1/incidents/I1")).json()
    assert (body["decisions"], body["states"]) == (read["decisions"], read["states"])
    history = (await plant.client.get("/v1/incidents/I1/history")).json()["items"]
    assert [(None, None), (None, "careless")] == [
        (each["before"] and each["before"]["conclusion"], each["after"]["conclusion"]) for each in history
    ]
    assert [told] == (await plant.client.get("/v1/incidents", params={"equipment": "FORK-07"})).json()["items"]


WRONG = [
    ({}, (422, "missing", ["/conclusion"])),
    ({"conclusion": " "}, (422, "invalid_text", ["/conclusion"])),
    ({"conclusion": "-", "measures": []}, (422, "unknown_field", ["/measures"])),
    ({"conclusion": "-", "suspend": ["C1", "C1"]}, (422, "duplicate_code", ["/suspend/1"])),
    ({"conclusion": "-", "suspend": ["C2", "C9"]}, (422, "unknown_reference", ["/suspend/1"])),
    ({"conclusion": "-", "suspend": ["C2", "C3"]}, (409, "certificate_revoked", ["/suspend/1"])),
    ({"conclusion": "-", "suspend": ["C2"], "restrictions": [{"person": "E1"}]}, (422, "missing", ["", ""])),
    (
        {"conclusion": "-", "restrictions": [BAN, BAN | {"person": "E9"}]},
        (422, "unknown_reference", ["/restrictions/1/person"]),
    ),
    ({"conclusion": "-", "restrictions": [BAN, BAN | {"code": "X0"}]}, (409, "code_taken", ["/restrictions/1/code"])),
    (
        {"conclusion": "-", "restrictions": [BAN | {"code": "X1"}, BAN | {"code": "X1"}]},
        (422, "duplicate_code", ["/restrictions/1/code"]),
    ),
    ({"conclusion": "-", "restrictions": [BAN] * 101}, (422, "too_many_items", ["/restrictions"])),
]


async def test_of_a_bad_conclusion_nothing_is_written(plant: Running) -> None:
    """One wrong measure, and none is taken; each fault is named where it stands in the body."""
    await plant.load(
        [changed("C1", status="revoked") | {"code": "C3"}, BAN | {"kind": "restriction", "code": "X0", "person": "E3"}]
    )
    await report(plant, (await answered(plant, **QUESTION))["asked_at"], code="I1")
    before = await head(plant)
    for body, (number, code, pointers) in WRONG:
        if pointers == ["", ""]:
            pointers = ["/restrictions/0/valid_from", "/restrictions/0/reason"]  # noqa: PLW2901
        assert (number, code, pointers) == problem(await post(plant, body, "/I1/conclude")), body
    assert (before, "valid") == (await head(plant), await status(plant, "C2"))


async def test_of_two_conclusions_one_is_written(plant: Running) -> None:
    """Whoever comes second is told; the same request again is answered as the first time."""
    await report(plant, (await answered(plant, **QUESTION))["asked_at"], code="I1")
    stale = await post(plant, {"conclusion": "-"}, "/I1/conclude", If_Match='"abc"')
    assert (412, "precondition_failed") == problem(stale)[:2]
    bodies = [{"conclusion": f"by {i}", "restrictions": [BAN]} for i in range(2)]
    answers = await asyncio.gather(
        *(post(plant, body, "/I1/conclude", Idempotency_Key=str(i)) for i, body in enumerate(bodies))
    )
    assert [200, 409] == sorted(answer.status_code for answer in answers)
    (lost,) = [answer for answer in answers if answer.status_code == 409]
    assert "incident_concluded" == problem(lost)[1]
    won = [answer.status_code for answer in answers].index(200)
    again = await post(plant, bodies[won], "/I1/conclude", Idempotency_Key=str(won))
    assert (200, answers[won].json()) == (again.status_code, again.json())
    assert 1 == len((await plant.client.get("/v1/restrictions")).json()["items"])


async def test_a_report_sent_again_makes_no_second_incident(plant: Running) -> None:
    """With its key it is answered as the first time, whatever has been shipped since."""
    body = {"equipment": "FORK-07", "occurred_at": (await answered(plant, **QUESTION))["asked_at"]}
    await ship(plant)
    first = await post(plant, body, Idempotency_Key="k")
    await answered(plant, **QUESTION)
    again = await post(plant, body, Idempotency_Key="k")
    assert (201, first.json(), first.headers["Revision"]) == (again.status_code, again.json(), again.headers["Revision"])
    other = await post(plant, body)
    assert [first.json()["code"], f"{first.json()['code']}-2"] == [
        each["code"] for each in (await plant.client.get("/v1/incidents")).json()["items"]
    ]
    assert other.json()["code"].endswith("-2")


NOW = "2026-01-01T00:00:00Z"
REFUSED = [
    ({"occurred_at": NOW}, (422, "missing", ["/equipment"])),
    ({"equipment": "FORK-07", "occurred_at": "soon"}, (422, "invalid_instant", ["/occurred_at"])),
    ({"equipment": "FORK-07", "occurred_at": "2199-01-01T00:00:00Z"}, (422, "implausible_instant", ["/occurred_at"])),
    ({"equipment": "FORK-07", "occurred_at": NOW, "window": 0}, (422, "invalid_number", ["/window"])),
    ({"equipment": "FORK-07", "occurred_at": NOW, "window": 1441}, (422, "invalid_number", ["/window"])),
    ({"equipment": "FORK-07", "occurred_at": NOW, "window": "PT1H"}, (422, "wrong_type", ["/window"])),
    ({"equipment": "FORK-07", "occurred_at": NOW, "conclusion": "-"}, (422, "unknown_field", ["/conclusion"])),
    ({"equipment": "NONE", "occurred_at": NOW}, (422, "unknown_reference", ["/equipment"])),
    ({"equipment": "FORK-07", "process": "NONE", "occurred_at": NOW}, (422, "unknown_reference", ["/process"])),
    ({"equipment": "FORK-07", "occurred_at": "0001-01-01T00:00:00Z"}, (422, "implausible_instant", ["/occurred_at"])),
    ({"equipment": "FORK-07", "occurred_at": "2016-11-21T03:30:00Z"}, (422, "implausible_instant", ["/occurred_at"])),
    ({"equipment": "FORK-07", "occurred_at": NOW, "code": "I1"}, (409, "code_taken", ["/code"])),
]


async def test_what_cannot_be_reported_is_refused(plant: Running) -> None:
    """Each fault is named by its field, and nothing is written."""
    await report(plant, NOW, code="I1")
    before = await head(plant)
    for body, expected in REFUSED:
        assert expected == problem(await post(plant, body)), body
    assert before == await head(plant)
    assert (404, "record_not_found") == problem(await post(plant, {"conclusion": "-"}, "/I2/conclude"))[:2]
    assert (404, "record_not_found") == problem(await plant.client.get("/v1/incidents/I2"))[:2]


async def test_a_machine_that_is_gone(plant: Running) -> None:
    """Nobody keeps evidence from being frozen by deleting the machine, nor an incident a machine from being deleted."""
    told = await answered(plant, **QUESTION)
    await ship(plant)
    await report(plant, told["asked_at"], code="I1", process="LOADING")
    for path in ("equipment/FORK-07", "processes/LOADING"):
        assert 204 == (await plant.client.delete(f"/v1/{path}")).status_code
    body = await report(plant, told["asked_at"], code="I2", process="LOADING")
    assert [told["decision_id"]] == [each["decision_id"] for each in body["decisions"]]


async def test_an_incident_stays(plant: Running) -> None:
    """It cannot be replaced or deleted."""
    await report(plant, NOW, code="I1")
    for method in ("PUT", "PATCH", "DELETE"):
        assert 405 == (await plant.client.request(method, "/v1/incidents/I1", json={})).status_code


async def test_scopes(plant: Running) -> None:
    """Reporting and concluding are maintenance, for bans and certificates are; reading is reading."""
    await report(plant, NOW, code="I1")
    reader, writer = [{"Authorization": f"Bearer {await plant.key(scope)}"} for scope in ("read", "maintain")]
    body = {"equipment": "FORK-07", "occurred_at": NOW}
    assert [403, 201] == [
        (await plant.client.post("/v1/incidents", json=body, headers=headers)).status_code for headers in (reader, writer)
    ]
    assert [200, 403] == [
        (await plant.client.get("/v1/incidents/I1", headers=headers)).status_code for headers in (reader, writer)
    ]
    conclude = {"conclusion": "-"}
    assert [403, 200] == [
        (await plant.client.post("/v1/incidents/I1/conclude", json=conclude, headers=headers)).status_code
        for headers in (reader, writer)
    ]
