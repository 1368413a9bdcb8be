"""Looking at what anybody may have planted: whatever befalls us at one thing is a fault of it, and the rest is told too."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from qualsvc.audit.faults import Fault, Faults

_OF_CONTENT = (asyncpg.DataError, asyncpg.ProgramLimitExceededError)
"""What the database says of values; all else it says is of itself, and leaves the log unverified."""


@asynccontextmanager
async def looking_at(
    connection: asyncpg.Connection, what: str, faults: Faults, boot_id: str | None = None, row: int | None = None
) -> AsyncIterator[None]:
    """A look at one boot or statement, within the transaction of a reader."""
    await connection.execute("SAVEPOINT looking")
    try:
        yield
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        if not isinstance(error, _OF_CONTENT):
            raise
        await connection.execute("ROLLBACK TO SAVEPOINT looking")
        faults.add(_unreadable(what, error, boot_id, row))
    except Exception as error:  # noqa: BLE001 -- nobody foresaw it, least of all who planted it
        await connection.execute("ROLLBACK TO SAVEPOINT looking")
        faults.add(_unreadable(what, error, boot_id, row))
    else:
        await connection.execute("RELEASE SAVEPOINT looking")


def _unreadable(what: str, error: Exception, boot_id: str | None, row: int | None) -> Fault:
    return Fault("unreadable", f"{what} cannot be read: {type(error).__name__}: {error}", boot_id, row, row)
