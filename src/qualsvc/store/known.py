"""What was known when: the last revision recorded by an instant, and what turns the facts of one revision into another's.

An instant is held against when each revision was recorded, by the database's clock: when all was written and checked, and
only the commit itself was left. So a revision committing at that very instant may count as known some milliseconds before
anybody could read it, and be found only if asked again; an answer says which revision it belongs to. Each revision is recorded
after the one before: where the clock was set back, a microsecond after, until the clock has caught up.
"""

from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Text, cast, func, literal, select, true
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncConnection

from qualsvc.records.moments import moment_of
from qualsvc.store.errors import LogTooShort
from qualsvc.store.ledger_tables import change, head, revision
from qualsvc.store.tables import Timestamp

_PART = 250
"""So many rows are read in one step: the driver makes them in about a millisecond."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A revision of one ledger, and when it was recorded; None for the empty ledger before the first.

    The instant tells it from another one that had its number before the database fell back on an older state.
    """

    ledger_id: UUID
    revision: int
    at: datetime | None


async def recorded_by(connection: AsyncConnection, instant: int) -> Recorded:
    """The last revision recorded by the instant (microseconds), found from the newest backwards."""
    return await _recorded(connection, revision.c.at <= literal(moment_of(instant), Timestamp))


async def recorded_last(connection: AsyncConnection) -> Recorded:
    """The last revision there is."""
    return await _recorded(connection, true())


async def recorded_as(connection: AsyncConnection, number: int) -> Recorded:
    """The revision of this number; where the ledger does not have it, the last one before."""
    return await _recorded(connection, revision.c.revision <= number)


async def _recorded(connection: AsyncConnection, within: ColumnElement[bool]) -> Recorded:
    last = select(revision.c.revision, revision.c.at).where(within).order_by(revision.c.revision.desc()).limit(1)
    found = last.lateral("found")
    query = select(head.c.ledger_id, func.coalesce(found.c.revision, 0), found.c.at).select_from(head.outerjoin(found, true()))
    return Recorded(*(await connection.execute(query)).one())


async def turning(
    connection: AsyncConnection, held: int, wanted: int, kinds: Collection[str]
) -> AsyncIterator[list[tuple[str, str, str | None]]]:
    """What to put over the facts of revision `held` to have those of `wanted`, earlier or later: (kind, code, document).

    Documents are JSON as text. Each record of these kinds that changed between the two comes once, with None where it was not
    there. The work grows with what changed in between, not with what there is. Raises LogTooShort.
    """
    low, high = sorted((held, wanted))
    if low == high:
        return
    await require_log(connection, low)
    # Back: what stood before the first change. Forth: what stood after the last.
    back = wanted < held
    document, turn = (change.c.before, change.c.revision) if back else (change.c.after, change.c.revision.desc())
    query = (
        select(change.c.kind, change.c.code, cast(document, Text))
        .ext(distinct_on(change.c.kind, change.c.code))
        .where(change.c.revision > low, change.c.revision <= high, change.c.kind.in_(kinds))
        .order_by(change.c.kind, change.c.code, turn)
        .execution_options(yield_per=_PART)
    )
    result = await connection.stream(query)
    async for part in result.partitions():
        yield [(row[0], row[1], row[2]) for row in part]


async def require_log(connection: AsyncConnection, low: int) -> None:
    """See that the log has what came after revision `low`, if anything did. Raises LogTooShort.

    Each revision changed something, and a log only ever loses its beginning: so the first change there is tells.
    """
    query = select(change.c.revision).where(change.c.revision > low).order_by(change.c.revision).limit(1)
    if (await connection.execute(query)).scalar_one_or_none() not in (low + 1, None):
        raise LogTooShort(low)
