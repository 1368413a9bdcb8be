"""Whether a server's past is the one we followed: a database may be restored, or fall back on a standby that had less.

Revision numbers alone do not tell: what was lost is soon numbered anew.
"""

from dataclasses import dataclass
from datetime import datetime

import asyncpg

_NOT_SAID = (asyncpg.UndefinedFunctionError, asyncpg.FeatureNotSupportedError, asyncpg.InsufficientPrivilegeError)
"""Where something else than PostgreSQL speaks its protocol."""


@dataclass(frozen=True, slots=True)
class Past:
    """When a revision was made there, to the microsecond, null where it never was; on which timeline the server writes."""

    made_at: datetime | None
    timeline: str | None


async def is_standby(connection: asyncpg.Connection) -> bool:
    """Whether the server only follows another one: what it shows as the head may be of any age."""
    return bool(await connection.fetchval("SELECT pg_is_in_recovery()"))


async def past(connection: asyncpg.Connection, revision: int) -> Past:
    """What the server, which is no standby, says of the revision and of itself."""
    made_at = await connection.fetchval("SELECT at FROM revision WHERE revision = $1", revision)
    try:
        # Not pg_control_checkpoint(): after a failover that says the old one until the first checkpoint is done.
        timeline = await connection.fetchval("SELECT left(pg_walfile_name(pg_current_wal_insert_lsn()), 8)")
    except _NOT_SAID:
        timeline = None
    return Past(made_at, timeline)
