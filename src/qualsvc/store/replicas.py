"""The processes that answer, as others see them: who there is, how fresh each is, and whether all have a revision."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from qualsvc.store.feed import CHANNEL
from qualsvc.store.reporting import REPORT

_LEAST = text("SELECT min(revision), max(lease_s) FROM replica WHERE NOT lapsed")
_REPORTS = text("""
SELECT head.revision AS head, clock_timestamp() AS now, replica.*, made.checksum AS expected
  FROM head
  LEFT JOIN replica ON true
  LEFT JOIN revision AS made ON made.revision = replica.revision
 ORDER BY replica.host, replica.started_at, replica.replica
""")


@dataclass(frozen=True, slots=True)
class Least:
    """The revision that all who answer are known to hold, and the longest of their leases; null where nobody answers."""

    revision: int | None
    lease_s: float | None


@dataclass(frozen=True, slots=True)
class Report:
    """A process as it was seen last, `age_s` seconds ago; `agrees` is null where there is nothing to compare with."""

    replica: str
    host: str
    pid: int
    version: str
    started_at: datetime
    lease_s: float
    revision: int
    checksum: str | None
    agrees: bool | None
    age_s: float
    fresh: bool


async def held_by_all(engine: AsyncEngine, *, ask: bool) -> Least:
    """What everybody has reported; with `ask`, all are asked to report what they hold."""
    async with engine.begin() as connection:
        found = Least(*(await connection.execute(_LEAST)).one())
        if ask:
            await connection.execute(text("SELECT pg_notify(:channel, :word)"), {"channel": CHANNEL, "word": REPORT})
    return found


async def reports(engine: AsyncEngine) -> tuple[int, list[Report]]:
    """The last revision, and everybody on record by host; those that fell silent are shown for an hour."""
    async with engine.connect() as connection:
        rows = (await connection.execute(_REPORTS)).all()
    found = []
    for row in rows:
        if row.replica is not None:
            age = max((row.now - row.seen_at).total_seconds(), 0.0)
            agrees = None if row.checksum is None or row.expected is None else row.checksum == row.expected
            of = (row.replica, row.host, row.pid, row.version, row.started_at, row.lease_s, row.revision)
            fresh = not row.lapsed and row.revision >= 0 and age <= row.lease_s
            found.append(Report(*of, row.checksum, agrees, age, fresh))
    return rows[0].head, found
