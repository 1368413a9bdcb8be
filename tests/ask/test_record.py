"""Every answer is on record before it leaves, and answering needs no database."""

import asyncio
import json
from typing import Any

import asyncpg
import pytest

from qualsvc.spool.format import Entry, read_entries
from qualsvc.store.engine import connect
from tests.serving import QUESTION, TRAINEE, Running, running

pytestmark = pytest.mark.anyio

AT = "2026-11-21T03:30:00Z"


def on_record(plant: Running) -> list[Entry]:
    return list(read_entries(plant.service.spool().path))


async def test_boot_record(own: Running) -> None:
    """A spool begins with what a replay must know of this life of the process."""
    (boot,) = on_record(own)
    told = json.loads(boot.payload)["open"]
    assert (own.service.spool().boot_id, 0) == (boot.boot_id, boot.sequence)
    assert {"version", "tzdata", "python", "host", "started_at", "max_answer_age_s", "max_staleness_s"} == set(told)
    assert (300, 10) == (told["max_answer_age_s"], told["max_staleness_s"])


async def test_each_answer_to_the_byte(own: Running) -> None:
    """The log holds each answer byte for byte as it was given, with the question and the key's public id."""
    token = await own.key("ask:at")
    question = {"badge": "B-1", "equipment": "FORK-07", "process": "LOADING", "at": AT, "until": "2026-11-21T12:30:00+00:00"}
    given = [
        await own.ask(**QUESTION),
        await own.post(TRAINEE | {"supervisor": "E1", "confirmed_by": "E3", "purpose": "解锁", "lang": "zh"}),
        await own.ask(key=token, **question),
        await own.ask(**QUESTION | {"person": "nobody"}),
    ]
    entries = on_record(own)[1:]
    kept = [json.loads(entry.payload) for entry in entries]
    for response, entry, record in zip(given, entries, kept, strict=True):
        assert response.content in entry.payload
        assert response.json() == record["answer"]
        assert f"{entry.boot_id}-{entry.sequence}" == response.json()["decision_id"]
        assert ["key", "site", "question", "answer"] == list(record)
    assert ["bootstrap", "bootstrap", token.split("_")[1], "bootstrap"] == [record["key"] for record in kept]
    assert [
        {"at_given": False, "lang": "en"},
        {"at_given": False, "supervisor": "E1", "confirmed_by": "E3", "purpose": "解锁", "lang": "zh-CN"},
        {"badge": "B-1", "at_given": True, "until": "2026-11-21T12:30:00Z", "lang": "en"},
        {"at_given": False, "lang": "en"},
    ] == [record["question"] for record in kept]


async def test_a_batch_to_the_byte(own: Running) -> None:
    """The answers of a batch are on record one by one, as they were given."""
    response = await own.post({"questions": [QUESTION, TRAINEE] * 20}, "/can-operate/batch")
    entries = on_record(own)[1:]
    answers = [entry.payload.partition(b'"answer":')[2][:-1] for entry in entries]
    whole = b'{"revision":%d,"decisions":[%s]}' % (own.service.replica.revision, b",".join(answers))
    assert whole == response.content


async def test_refusals_are_no_decisions(own: Running) -> None:
    """What was not answered leaves no record and no gap."""
    for refused in ({"person": "E1"}, QUESTION | {"at": "noon"}, QUESTION | {"min_revision": 10**9}):
        assert 200 != (await own.ask(**refused)).status_code
    assert 401 == (await own.ask(key="wrong", **QUESTION)).status_code
    assert 200 == (await own.ask(**QUESTION)).status_code
    assert [0, 1] == [entry.sequence for entry in on_record(own)]


async def test_no_names_on_record(own: Running) -> None:
    """The log says codes; names stay out of it."""
    await own.ask(**QUESTION)
    await own.ask(**TRAINEE, supervisor="E1")
    kept = b"".join(entry.payload for entry in on_record(own))
    assert [] == [name for name in (b"Wang", b"Zhao", b'"Li"') if name in kept]


async def test_fsync(database_url: str, tmp_path: Any) -> None:
    """With `fsync` the answers are the same, and on record."""
    async with running(database_url, tmp_path, decision_log_sync="fsync") as plant:
        answers = await asyncio.gather(*(plant.ask(**QUESTION) for _ in range(20)))
        assert {200} == {answer.status_code for answer in answers}
        assert 21 == len(on_record(plant))


async def test_no_database_on_the_ask_path(own: Running, server_url: str) -> None:
    """With not one connection to the database left, questions are answered as long as the lease holds."""
    name = own.database_url.partition("?")[0].rpartition("/")[2]
    watcher = await connect(server_url)
    try:
        await watcher.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        await watcher.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name)
        await _nobody(watcher, name)
        assert 200 == (await own.ask(**QUESTION)).status_code
        assert 200 == (await own.post(TRAINEE)).status_code
        assert 200 == (await own.post({"questions": [QUESTION] * 10}, "/can-operate/batch")).status_code
        assert 400 == (await own.ask(person="E1")).status_code
        assert 401 == (await own.ask(key="wrong", **QUESTION)).status_code
        assert 0 == await _connections(watcher, name)
    finally:
        await watcher.close()


async def _nobody(watcher: asyncpg.Connection, name: str) -> None:
    async with asyncio.timeout(30):
        while await _connections(watcher, name):  # noqa: ASYNC110 -- nothing announces the end of a connection
            await asyncio.sleep(0.01)


async def _connections(watcher: asyncpg.Connection, name: str) -> int:
    number: int = await watcher.fetchval("SELECT count(*) FROM pg_stat_activity WHERE datname = $1", name)
    return number
