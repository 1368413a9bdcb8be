"""The past is told from a copy of what is held, which moves on while it is copied."""

from collections.abc import AsyncIterator, Mapping
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualsvc import zones
from qualsvc.kernel.snapshot import ByPerson, Snapshot
from qualsvc.records.documents import to_document, without_personal
from qualsvc.records.kinds import KINDS
from qualsvc.records.model import read_record
from qualsvc.replica.past import SNAPSHOTS
from tests.drifting import DRIFTING, drift
from tests.serving import QUESTION, Running, changed, running

Key = tuple[str, str]
Facts = Mapping[Key, Mapping[str, Any]]


def document(line: Mapping[str, Any]) -> dict[str, Any]:
    """A bulk line as the log has it."""
    kind = KINDS[line["kind"]]
    fields = {name: value for name, value in line.items() if name != "kind"}
    return without_personal(kind, to_document(read_record(kind.model, fields)))


def histories(seed: int, turns: int) -> list[Facts]:
    """All documents after each of so many writes, by the revision."""
    facts: dict[Key, Mapping[str, Any]] = {}
    found: list[Facts] = [{}]
    for lines in (DRIFTING, *islice(drift(seed), turns)):
        for line in lines:
            key = (line["kind"], line["code"])
            if line.get("op") == "delete":
                facts.pop(key, None)
            else:
                facts[key] = document(line)
        found.append(dict(facts))
    return found


def between(one: Facts, other: Facts) -> list[tuple[Key, Mapping[str, Any] | None]]:
    """What to put over the first to have the second."""
    return [(key, other.get(key)) for key in sorted(one.keys() | other.keys()) if one.get(key) != other.get(key)]


def told(snapshot: Snapshot) -> dict[str, Any]:
    """Every table of a snapshot, in no order."""
    return {
        name: {fact.code: fact for fact in table} if isinstance(table, ByPerson) else dict(table)
        for name, table in vars(snapshot).items()
        if isinstance(table, dict | ByPerson) and not name.startswith("_")
    }


@settings(max_examples=60)
@given(st.integers(0, 10_000), st.integers(0, 20), st.integers(0, 20), st.randoms(use_true_random=False))
def test_copied_while_it_moves_on(seed: int, wanted: int, later: int, chance: Random) -> None:
    """Whatever is written between the steps of a copy, put back it has the facts of the revision, each and no others."""
    facts = histories(seed, 41)
    live = Snapshot(zones.load)
    revision = min(wanted + later, 41)
    for key, each in facts[revision].items():
        live.apply(*key, each)
    for step in live.copying():
        twin = step
        if chance.random() < 0.5 and revision < 42:
            for key, after in between(facts[revision], facts[revision + 1]):
                live.apply(*key, after)
            revision += 1
    changed_since = {key for at in range(wanted, revision) for key, _ in between(facts[at], facts[at + 1])}
    for key in sorted(changed_since, key=lambda _: chance.random()):
        twin.apply(*key, facts[wanted].get(key))
    expected = Snapshot(zones.load)
    for key, each in facts[wanted].items():
        expected.apply(*key, each)
    assert told(expected) == told(twin)


@pytest.fixture
async def plant(database_url: str, tmp_path: Path) -> AsyncIterator[Running]:
    async with running(database_url, tmp_path) as plant:
        yield plant


@pytest.mark.anyio
async def test_only_so_many_are_kept(plant: Running) -> None:
    """The bound on snapshots holds, and one that was let go is made again, the same."""
    for turn in range(SNAPSHOTS + 4):
        await plant.load([changed("C1", status="revoked" if turn % 2 else "suspended")])
    past, last = plant.service.past, plant.service.replica.revision
    first = await past.at(1)
    facts = told(first)
    assert first is await past.at(1)
    for revision in range(2, last + 1):
        assert revision == (await past.at(revision)).revision
    assert SNAPSHOTS == len(past._snapshots)
    again = await past.at(1)
    assert (True, facts) == (first is not again, told(again))


@pytest.mark.anyio
async def test_the_present_is_left_alone(plant: Running) -> None:
    """What is held goes on as it was, and what was made does not follow it."""
    before = told(plant.service.replica.fresh().snapshot)
    revision = plant.service.replica.revision
    past = await plant.service.past.at(revision)
    await plant.service.past.at(0)
    assert before == told(plant.service.replica.fresh().snapshot)
    await plant.load([changed("C1", status="revoked")])
    assert (before, "deny") == (told(past), (await plant.ask(**QUESTION)).json()["decision"])


@pytest.mark.anyio
@pytest.mark.parametrize("revision", [10**6, 10**12])
async def test_no_such_revision(plant: Running, revision: int) -> None:
    """A revision that never was is not made up."""
    with pytest.raises(LookupError, match=f"there is no revision {revision}"):
        await plant.service.past.at(revision)
