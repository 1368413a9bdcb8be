"""How the processes that answer report: what each holds, and that it has just seen the head.

INVARIANT: a process renews its lease by nothing but a sighting that is on record here, made by the very statement that saw the
head, and one that was found silent for longer than its lease must register anew before its sightings count. So whoever finds
everybody here at a revision, or silent for so long, knows that nobody answers from before it any more (see `store.replicas`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg

from qualsvc.store.feed import HEAD, Head, read_head

REPORT = "report"
"""Sent on the feed's channel instead of a revision: whoever listens is to report what it holds."""
_SIGHT = f"""
WITH seen AS (
    UPDATE replica
       SET revision = $2, checksum = $3, seen_at = clock_timestamp(), sightings = sightings + 1
     WHERE replica = $1 AND NOT lapsed
    RETURNING replica
)
SELECT head.*, EXISTS (SELECT FROM seen) AS reported FROM ({HEAD}) AS head
"""  # noqa: S608 -- made of nothing but our own text
_FORGET = "DELETE FROM replica WHERE lapsed AND seen_at < clock_timestamp() - interval '1 hour'"
"""Until then it is shown that it fell silent."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A process that answers: the boot id of its decision log, where it runs, and how long its lease is."""

    replica: str
    host: str
    pid: int
    version: str
    lease_s: float


@dataclass(frozen=True, slots=True)
class Sign:
    """How often a process was seen when it was looked for, and how many seconds it may stay silent."""

    replica: str
    sightings: int
    lease_s: float


async def register(connection: asyncpg.Connection, who: Identity) -> None:
    """Before the first sighting, and again where one did not count; what was held until then proves nothing."""
    await connection.execute(
        "INSERT INTO replica (replica, host, pid, version, lease_s, revision) VALUES ($1, $2, $3, $4, $5, -1)"
        " ON CONFLICT (replica) DO UPDATE SET revision = -1, checksum = NULL, seen_at = clock_timestamp(),"
        " sightings = replica.sightings + 1, lapsed = false",
        *(who.replica, who.host, who.pid, who.version, who.lease_s),
    )


async def sight(connection: asyncpg.Connection, replica: str, revision: int, checksum: str | None) -> tuple[Head, bool]:
    """See the head, and be seen holding a revision; whether that is on record, which only who is registered gets."""
    row = await connection.fetchrow(_SIGHT, replica, revision, checksum)
    return read_head(row), row["reported"]


async def leave(connection: asyncpg.Connection, replica: str) -> None:
    """It answers no more."""
    await connection.execute("DELETE FROM replica WHERE replica = $1", replica)


async def signs(connection: asyncpg.Connection) -> list[Sign]:
    """Everybody whose lease may still run."""
    rows = await connection.fetch("SELECT replica, sightings, lease_s FROM replica WHERE NOT lapsed")
    return [Sign(*row) for row in rows]


async def lapse(connection: asyncpg.Connection, silent: Sequence[Sign]) -> None:
    """These were not seen again for longer than their leases. Whoever is seen at this very moment is not touched."""
    await connection.executemany(
        "UPDATE replica SET lapsed = true WHERE replica = $1 AND sightings = $2",
        [(sign.replica, sign.sightings) for sign in silent],
    )
    await connection.execute(_FORGET)
