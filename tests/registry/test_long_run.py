"""Many writers over all kinds at once: nothing acknowledged is lost, nothing is there twice, and all copies agree."""

import asyncio
import json
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from qualsvc import zones
from qualsvc.records.documents import without_personal
from qualsvc.records.kinds import KINDS, RECORD_KINDS, Kind
from qualsvc.replica.held import Held
from qualsvc.store import feed
from qualsvc.store.engine import connect
from tests.kernel.drawn import internals
from tests.registry.callers import WORLD, Caller
from tests.registry.test_lists import listed
from tests.registry.writers import Writer
from tests.serving import ADMIN_KEY, PATIENCE_S, Running, running

pytestmark = pytest.mark.anyio

WRITERS = 64
REFUSALS = {(409, "still_referenced"), (412, "precondition_failed"), (422, "unknown_reference"), (422, "write_refused")}
"""What these writers meet: they delete what they lean on themselves, and all of them change the same few records."""

Revision = tuple[int, str | None]
Row = tuple[int, str, str, Any, Any]


@pytest.fixture
async def plant(database_url: str, tmp_path: Path) -> AsyncIterator[Running]:
    async with running(database_url, tmp_path, plant=WORLD) as plant:
        yield plant


async def write_for(plant: Running, seconds: float) -> list[Writer]:
    """All writers write until the time is over."""
    writers = [Writer(Caller(plant.client, "bootstrap", ADMIN_KEY), number) for number in range(WRITERS)]
    end = monotonic() + seconds

    async def go_on(writer: Writer) -> None:
        while monotonic() < end:
            await writer.write_once()

    await asyncio.gather(*(go_on(writer) for writer in writers))
    return writers


async def read_ledger(plant: Running) -> tuple[list[Revision], list[Row]]:
    """Every revision with the request it was made for, and every change: revision, kind, code, before, after."""
    connection = await connect(plant.database_url)
    try:
        revisions = await connection.fetch("SELECT revision, request_id FROM revision ORDER BY revision")
        changes = await connection.fetch("SELECT revision, kind, code, before, after FROM change ORDER BY revision, ordinal")
    finally:
        await connection.close()
    rows = [(row[0], row[1], row[2], *(text and json.loads(text) for text in row[3:])) for row in changes]
    return [(row[0], row[1]) for row in revisions], rows


def require_every_acknowledged_write_once(writers: list[Writer], revisions: list[Revision], rows: list[Row]) -> None:
    """Each is one revision, the one it was told, holding just what it was told; what was refused is not there."""
    assert [number for number, _ in revisions] == list(range(1, len(revisions) + 1))
    made = Counter(request_id for _, request_id in revisions if request_id)
    acknowledged = {each.request_id: each for writer in writers for each in writer.acknowledged}
    assert made == Counter(acknowledged.keys())
    assert {each.request_id: each.revision for each in acknowledged.values()} == {
        request_id: number for number, request_id in revisions if request_id
    }
    changed: dict[int, dict[tuple[str, str], Any]] = defaultdict(dict)
    for revision, kind, code, _, after in rows:
        assert (kind, code) not in changed[revision]
        changed[revision][kind, code] = after
    for each in acknowledged.values():
        told = {key: document and _as_logged(KINDS[key[0]], document) for key, document in each.after.items()}
        assert told == changed[each.revision]


def _as_logged(kind: Kind, document: dict[str, Any]) -> dict[str, Any]:
    stored = {name: value for name, value in document.items() if name not in kind.derived}
    return dict(without_personal(kind, stored))


def require_unbroken(rows: list[Row]) -> dict[tuple[str, str], Any]:
    """Each change begins where the one before it ended; what all of them lead to."""
    state: dict[tuple[str, str], Any] = {}
    for revision, kind, code, before, after in rows:
        assert (revision, state.get((kind, code))) == (revision, before)
        state[kind, code] = after
    return {key: document for key, document in state.items() if document is not None}


async def require_the_replica_agrees(plant: Running) -> None:
    """What this process answers from is what a new one would load."""
    connection = await connect(plant.database_url)
    try:
        loaded = await feed.load(connection)
    finally:
        await connection.close()
    replica = plant.service.replica
    assert await replica.reached(loaded.revision, PATIENCE_S)
    fresh = Held.build(zones.load, loaded.ledger_id, loaded.revision, loaded.records)
    assert replica.held is not None
    assert (fresh.snapshot.revision, internals(fresh.snapshot)) == (replica.revision, internals(replica.held.snapshot))


async def require_lists_are_whole(plant: Running, state: dict[tuple[str, str], Any]) -> None:
    """What is listed is what the log leads to, each record once."""
    for kind in RECORD_KINDS:
        records = await listed(plant.client, kind, 17)
        derived = {*kind.personal, *kind.derived}
        found = {each["code"]: {name: value for name, value in each.items() if name not in derived} for each in records}
        assert len(found) == len(records)
        assert found == {code: document for (name, code), document in state.items() if name == kind.name}


async def require_histories_are_told(plant: Running, rows: list[Row]) -> None:
    """The histories of the records that all have written, and of some others, are told whole."""
    by_record: dict[tuple[str, str], list[tuple[int, Any, Any]]] = defaultdict(list)
    for revision, kind, code, before, after in rows:
        by_record[kind, code].append((revision, before, after))
    for (name, code), expected in list(by_record.items())[::7]:
        if name in {kind.name for kind in RECORD_KINDS}:
            told: list[Any] = []
            parameters: dict[str, Any] = {"limit": 100}
            while parameters.get("cursor", "") is not None:
                page = (await plant.client.get(f"/v1/{KINDS[name].path}/{code}/history", params=parameters)).json()
                told += [(each["revision"], each["before"], each["after"]) for each in page["items"]]
                parameters["cursor"] = page["next_cursor"]
            assert (name, code, expected) == (name, code, told)


async def write_and_compare(plant: Running, seconds: float) -> list[Writer]:
    writers = await write_for(plant, seconds)
    revisions, rows = await read_ledger(plant)
    require_every_acknowledged_write_once(writers, revisions, rows)
    state = require_unbroken(rows)
    await require_the_replica_agrees(plant)
    await require_lists_are_whole(plant, state)
    await require_histories_are_told(plant, rows)
    return writers


def refusals(writers: list[Writer]) -> set[tuple[int, str]]:
    return {(status, code) for writer in writers for _, status, code in writer.refused}


async def test_many_writers_for_a_moment(plant: Running) -> None:
    """64 writers for a few seconds: every acknowledged write is in the log once, and everybody tells the same of it."""
    writers = await write_and_compare(plant, 2.5)
    assert refusals(writers) <= REFUSALS
    assert sum(len(writer.acknowledged) for writer in writers) > WRITERS
    kinds = {name for writer in writers for each in writer.acknowledged for name, _ in each.after}
    assert {kind.name for kind in RECORD_KINDS} == kinds


@pytest.mark.faults
async def test_many_writers_for_a_minute(plant: Running) -> None:
    """The same for a minute, long enough that every sort of refusal is met as well, and nobody is starved."""
    writers = await write_and_compare(plant, 60)
    assert {(409, "still_referenced"), (412, "precondition_failed")} <= refusals(writers) <= REFUSALS
    assert min(len(writer.acknowledged) for writer in writers) > 10
