"""What is frozen for incidents: what it is taken from, and reading it again."""

import json
from collections.abc import AsyncIterator, Collection, Mapping
from datetime import timedelta
from typing import Literal

from sqlalchemy import func, literal, literal_column, select, true
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from qualsvc.kernel.instants import FIRST
from qualsvc.records.moments import instant_of, moment_of
from qualsvc.store.decision_tables import LOST, decision, decision_boot, decision_link, tombstone
from qualsvc.store.ledger_tables import change, revision
from qualsvc.store.tables import any_of, incident_evidence

Sort = Literal["decisions", "states"]


async def shipped(connection: AsyncConnection, boots: Collection[str]) -> Mapping[str, tuple[int, int]]:
    """Of those boots that are in the table at all: the last row, and the instant of it (microseconds)."""
    of = decision_boot.c
    rows = await connection.execute(select(of.boot_id, of.sequence, of.logged_at).where(of.boot_id == any_of(boots)))
    return {boot_id: (sequence, instant_of(at)) for boot_id, sequence, at in rows}


async def recorded_from(connection: AsyncConnection) -> int | None:
    """When the first revision there is was recorded (microseconds)."""
    first = (await connection.execute(select(func.min(revision.c.at)))).scalar_one()
    return None if first is None else instant_of(first)


async def ever_was(connection: AsyncConnection, kind: str, code: str) -> bool:
    """Whether there is such a record, or was one before."""
    known = change.c.kind == kind, change.c.code == code
    return (await connection.execute(select(literal(1)).where(*known).limit(1))).first() is not None


async def given_up(connection: AsyncConnection, since: int, before: int) -> bool:
    """Whether retention has given up answers of a month that `[since, before)` (microseconds) touches."""
    first, last = (f"{moment_of(instant):%Y-%m}" for instant in (since, before - 1))
    bodies = await connection.execute(select(tombstone.c.body))
    return any(first <= _month(body) <= last for (body,) in bodies)


def _month(body: str) -> str:
    """The month that a tombstone tells of; empty of what somebody put there that is none."""
    try:
        return str(json.loads(body)["month"])
    except (ValueError, TypeError, KeyError, RecursionError):
        return ""


async def lost_from(connection: AsyncConnection, since: int, before: int, late: int) -> int | None:
    """From when on answers of `[since, before)` may be lost (microseconds): records that were damaged, or are gone.

    They were put on file between the records that stand before and after them, or before their boot was closed; and each answer
    bears an instant that is at most `late` earlier. None where none can be of that time.
    """
    lost, other = decision.alias("lost"), decision.alias("other")
    within = timedelta(microseconds=late)
    start = moment_of(max(since, FIRST + late))
    # A query of its own for each, of one row: joined, all answers there are would be read.
    after = select(other.c.logged_at).where(
        other.c.boot_id == lost.c.boot_id, other.c.sequence > lost.c.sequence, other.c.kind == "answer"
    )
    next_at = after.order_by(other.c.sequence).limit(1).scalar_subquery()
    closed = select(literal(1)).where(
        decision_link.c.boot_id == lost.c.boot_id, decision_link.c.event == "close", decision_link.c.at < start - within
    )
    query = select(func.min(lost.c.logged_at)).where(
        literal_column(f"({LOST})"),
        lost.c.logged_at < moment_of(before) + within,
        func.coalesce(next_at >= start - within, true()),
        ~closed.exists(),
    )
    last_before = (await connection.execute(query)).scalar_one()
    return None if last_before is None else instant_of(last_before - within)


async def processes_below(connection: AsyncConnection, process: str, revision: int) -> list[str]:
    """The process and all that were below it as of the revision, whatever has been moved since."""
    last = (
        select(change.c.code, change.c.after)
        .ext(distinct_on(change.c.code))
        .where(change.c.kind == "process", change.c.revision <= revision)
        .order_by(change.c.code, change.c.revision.desc())
    )
    below: dict[str, list[str]] = {}
    for code, document in await connection.execute(last):
        if document is not None and document["parent"] is not None:
            below.setdefault(document["parent"], []).append(code)
    found = [process]
    for code in found:  # a tree: nothing is met twice
        found += below.get(code, [])
    return found


async def lines_of(engine: AsyncEngine, incident: str, sort: Sort) -> AsyncIterator[str]:
    """What was frozen, in parts of some lines each; between two of them nothing is held of the database."""
    of, part = incident_evidence.c, 0
    while True:
        query = select(of.lines).where(of.incident == incident, of.sort == sort, of.part == part)
        async with engine.connect() as connection:
            lines = (await connection.execute(query)).scalar_one_or_none()
        if lines is None:
            return
        yield lines
        part += 1
