"""How the processes that answer report: what each holds, and that it has just seen the head.

INVARIANT: a process renews its lease by nothing but a sighting that is on record here, made by the very statement that saw the
head, and one that was found silent for longer than its lease must register anew before its sightings count. So whoever finds
everybody here at a revision, or silent for so long, knows that nobody answers from before it any more (see `store.replicas`).
One that cannot write holds a lock instead, from before it renews by what it only sees; nobody finds it silent while it does.
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
_HOLDS_OUT = 0x71756172
"""Sort of the lock that a process holds while it is connected and nothing can be written."""
_HELD = """EXISTS (
    SELECT FROM pg_locks
     WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
       AND classid = {}::integer::oid AND objid = (hashtext(replica)::bigint & 4294967295)::oid AND objsubid = 2
)"""
_SIGNS = f"SELECT replica, sightings, lease_s, {_HELD.format('$1')} FROM replica WHERE NOT lapsed"  # noqa: S608 -- all ours
_LAPSE = f"UPDATE replica SET lapsed = true WHERE replica = $1 AND sightings = $2 AND NOT {_HELD.format('$3')}"  # noqa: S608 -- so it is
_LOOK = f"SELECT head.*, EXISTS (SELECT FROM replica WHERE replica = $1 AND NOT lapsed) AS known FROM ({HEAD}) AS head"  # noqa: S608 -- so it is
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
    """How often a process was seen when it was looked for, how many seconds it may stay silent, and whether it holds out."""

    replica: str
    sightings: int
    lease_s: float
    holds_out: bool = False


async def begin(connection: asyncpg.Connection) -> None:
    """What is reported over this connection waits for no standby: while there is none, answers go on."""
    await connection.execute("SET synchronous_commit = local")


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


async def hold_out(connection: asyncpg.Connection, replica: str) -> None:
    """Where nothing can be written: show by a lock that this process is connected, and sees the head all the same."""
    await connection.execute("SELECT pg_advisory_lock_shared($1, hashtext($2))", _HOLDS_OUT, replica)


async def reports_again(connection: asyncpg.Connection, replica: str) -> None:
    """It is on record again."""
    await connection.execute("SELECT pg_advisory_unlock_shared($1, hashtext($2))", _HOLDS_OUT, replica)


async def look(connection: asyncpg.Connection, replica: str) -> tuple[Head, bool]:
    """See the head without being seen; whether others know of us, and have not given us up."""
    row = await connection.fetchrow(_LOOK, replica)
    return read_head(row), row["known"]


async def leave(connection: asyncpg.Connection, replica: str) -> None:
    """It answers no more."""
    await connection.execute("DELETE FROM replica WHERE replica = $1", replica)


async def signs(connection: asyncpg.Connection) -> list[Sign]:
    """Everybody whose lease may still run."""
    return [Sign(*row) for row in await connection.fetch(_SIGNS, _HOLDS_OUT)]


async def lapse(connection: asyncpg.Connection, silent: Sequence[Sign]) -> None:
    """These were not seen again for longer than their leases. Whoever is seen at this very moment is not touched."""
    await connection.executemany(_LAPSE, [(sign.replica, sign.sightings, _HOLDS_OUT) for sign in silent])
    await connection.execute(_FORGET)
