"""Whether a server's past is the one we followed: a database may be restored, or fall back on a standby that had less.

Revision numbers alone do not tell: what was lost is soon numbered anew.
"""

from datetime import datetime

import asyncpg


async def is_standby(connection: asyncpg.Connection) -> bool:
    """Whether the server only follows another one: what it shows as the head may be of any age."""
    return bool(await connection.fetchval("SELECT pg_is_in_recovery()"))


async def written_at(connection: asyncpg.Connection, revision: int) -> datetime | None:
    """When the revision was made, to the microsecond; None when there is no such revision."""
    at: datetime | None = await connection.fetchval("SELECT at FROM revision WHERE revision = $1", revision)
    return at
