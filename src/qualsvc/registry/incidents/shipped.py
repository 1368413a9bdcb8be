"""How far the answers of this host are in the database, so that none is missing from evidence unnoticed."""

import asyncio
from pathlib import Path
from time import monotonic

from sqlalchemy.ext.asyncio import AsyncEngine

from qualsvc.spool.reading import last_records
from qualsvc.store.incidents import shipped

PATIENCE_S = 2.0
"""How long the shipper is waited for; it comes by five times a second."""
_PAUSE_S = 0.05


async def shipped_until(engine: AsyncEngine, spool: Path, instant: int) -> int | None:
    """Up to this instant (microseconds), `instant` at most, all that this host has answered by now is in the table.

    None: of some process that answered here nothing is there yet. What is on its way is waited for, for a little while.
    """
    waiting = {boot_id: entry.sequence for boot_id, entry in (await asyncio.to_thread(last_records, spool)).items()}
    deadline = monotonic() + PATIENCE_S
    while True:
        async with engine.connect() as connection:
            there = await shipped(connection, waiting)
        behind = [there.get(boot_id) for boot_id, last in waiting.items() if there.get(boot_id, (-1, 0))[0] < last]
        instants = [row[1] for row in behind if row is not None]
        until = min([instant, *instants]) if len(instants) == len(behind) else None
        if until == instant or monotonic() >= deadline:
            return until
        await asyncio.sleep(_PAUSE_S)
