"""Replaying one logged decision, or all of a time: each must come out as it was answered, in every field."""

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

from cachetools import LRUCache
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from qualsvc.ask.recorded import UnreadableRecordError, read_record
from qualsvc.ask.replaying import Difference, replay
from qualsvc.kernel.snapshot import Snapshot
from qualsvc.records.documents import Document
from qualsvc.replica.past import SNAPSHOTS, Past
from qualsvc.shipping.rows import storable
from qualsvc.store.decision_tables import decision_boot
from qualsvc.store.decisions import Answer, Sought, every, one


@dataclass(frozen=True, slots=True)
class Boot:
    """What the boot record says that a replay must know; None what it does not say, or when it is gone."""

    max_answer_age_s: float | None
    version: str | None
    tzdata: str | None


@dataclass(frozen=True, slots=True)
class Replayed:
    """One decision and where it came out otherwise; `impossible` says why it could not be reckoned."""

    decision_id: str
    revision: int
    boot: Boot
    differences: list[Difference]
    impossible: str | None = None

    @property
    def agrees(self) -> bool:
        """Whether it came out as it was answered."""
        return not self.differences and self.impossible is None


class Replays:
    """Replays decisions; boots and the facts of some revisions are remembered, for one request or one run."""

    def __init__(self, engine: AsyncEngine, past: Past) -> None:
        self._engine = engine
        self._past = past
        self._boots: dict[str, Boot] = {}
        self._snapshots: LRUCache[int, Snapshot] = LRUCache(SNAPSHOTS)

    async def of(self, boot_id: str, sequence: int) -> Replayed | None:
        """One decision; None where the table has none of this name. Raises what `Past.at` raises, but for LookupError."""
        async with self._engine.connect() as connection:
            found = await one(connection, boot_id, sequence)
        return None if found is None else await self._replayed(found)

    async def between(self, since: int | None, before: int | None) -> AsyncIterator[Replayed]:
        """All that were answered in `[since, before)` (microseconds), oldest first."""
        async for part in every(self._engine, Sought(since=since, before=before)):
            for found in part:
                yield await self._replayed(found)

    async def _replayed(self, found: Answer) -> Replayed:
        boot = await self._boot(found.place[1])
        revision = found.summary["revision"]

        def impossible(why: str) -> Replayed:
            return Replayed(found.decision_id, revision, boot, [], why)

        if boot.max_answer_age_s is None:
            return impossible("the boot record of the process that answered is not in the table")
        try:
            recorded = read_record(found.payload.encode())
            if recorded.revision not in self._snapshots:
                self._snapshots[recorded.revision] = await self._past.at(recorded.revision)
            differences = replay(recorded, self._snapshots[recorded.revision], boot.max_answer_age_s)
            differences += _in_columns(found.summary, recorded.document)
        except (UnreadableRecordError, LookupError) as error:
            return impossible(str(error))
        return Replayed(found.decision_id, revision, boot, differences)

    async def _boot(self, boot_id: str) -> Boot:
        if boot_id not in self._boots:
            query = select(decision_boot.c.opened).where(decision_boot.c.boot_id == boot_id)
            async with self._engine.connect() as connection:
                opened = (await connection.execute(query)).scalar()
            told: dict[str, Any] = {} if opened is None else json.loads(opened)["open"]
            self._boots[boot_id] = Boot(told.get("max_answer_age_s"), told.get("version"), told.get("tzdata"))
        return self._boots[boot_id]


def _in_columns(row: Document, record: Document) -> Iterator[Difference]:
    """The columns by which lists and filters go, where they are not as the record is; here `recomputed` is what it says."""
    answer, purpose = record["answer"], record["question"].get("purpose")
    told = {name: answer[name] for name in ("person", "equipment", "process", "decision", "at", "revision")} | {
        "asked_at": answer["asked_at"],
        "site": record.get("site"),
        "key": record["key"],
        "purpose": None if purpose is None else storable(purpose),
        "reasons": list(dict.fromkeys(reason["code"] for reason in answer["reasons"])),
    }
    for name, value in told.items():
        if row[name] != value:
            yield Difference(f"/columns/{name}", row[name], value)
