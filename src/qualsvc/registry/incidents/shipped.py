"""How far the answers of this host are in the database, so that none is missing from evidence unnoticed."""

import asyncio
from pathlib import Path
from time import monotonic

from sqlalchemy.ext.asyncio import AsyncEngine

from qualsvc.kernel.instants import MICROSECONDS
from qualsvc.spool.reading import ON_FILE_WITHIN_S, last_records
from qualsvc.store.incidents import given_up, lost_from, shipped

PATIENCE_S = 2.0
"""How long the shipper is waited for; it comes by five times a second."""
_PAUSE_S = 0.05
_LATE = ON_FILE_WITHIN_S * MICROSECONDS
"""An answer may be put on file so much later than the instant it bears: a batch bears that at which it began."""


async def shipped_until(engine: AsyncEngine, spool: Path, before: int, now: int) -> int | None:
    """Up to this instant (microseconds), `before` at most, all that this host has answered is in the table.

    None: of some process that answered here nothing is there yet. What is on its way is waited for, for a little while. What
    was answered just before `now` may not be on file yet.
    """
    waiting = {boot_id: entry.sequence for boot_id, entry in (await asyncio.to_thread(last_records, spool)).items()}
    deadline = monotonic() + PATIENCE_S
    instant = min(before, now)
    while True:
        async with engine.connect() as connection:
            there = await shipped(connection, waiting)
        behind = [there.get(boot_id) for boot_id, last in waiting.items() if there.get(boot_id, (-1, 0))[0] < last]
        # Of a boot instants do not rise with the records: one on its way may bear an earlier one than the last that is there.
        instants = [row[1] - _LATE for row in behind if row is not None]
        until = min([instant, *instants]) if len(instants) == len(behind) else None
        if until == instant or monotonic() >= deadline:
            return None if until is None else min(until, now - _LATE)
        await asyncio.sleep(_PAUSE_S)


async def whole_until(engine: AsyncEngine, since: int, before: int, until: int | None) -> int | None:
    """The same, once what is there was read. None: answers of `[since, before)` were given up, or lost from its start on."""
    async with engine.connect() as connection:
        if until is None or await given_up(connection, since, before):
            return None
        lost = await lost_from(connection, since, before, _LATE)
    if lost is None:
        return until
    return min(until, lost) if lost > since else None
