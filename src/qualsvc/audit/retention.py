"""Giving up the oldest months: a signed tombstone says which rows went, so that the chain can still be followed over them."""

import re
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import asyncpg

from qualsvc.audit.claims import contradicted, of_checkpoints
from qualsvc.audit.faults import Faults
from qualsvc.audit.lines import READ_AS_WRITTEN, Link, copied, parsed
from qualsvc.audit.signing import SigningKey
from qualsvc.audit.standing import given_up
from qualsvc.audit.statements import every, last, lock, state
from qualsvc.audit.tombstones import Runs
from qualsvc.store.chain import COLUMNS, genesis

# As the catalogue says it of a session in UTC. By its bounds, not its name: whoever owns the table gives it any name.
_BOUNDS = re.compile(
    r"FOR VALUES FROM \('(\d{4})-(\d{2})-01 00:00:00\+00'\) TO \('(\d{4})-(\d{2})-01 00:00:00\+00'\)", re.ASCII
)
_PARTITIONS = """
SELECT inhrelid::regclass::text, pg_get_expr(relpartbound, pg_class.oid)
FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid WHERE inhparent = 'decision'::regclass
"""
_LOGGED_AT = COLUMNS.index("logged_at")
_LOCK = 0x71726574
_WAIT = "SET LOCAL lock_timeout = '3s'"
"""For the table: while we wait for those who read it, everybody who writes waits for us."""


class NotSound(Exception):  # noqa: N818 -- an outcome to expect, not a mishap
    """A month whose rows do not follow on one another is kept: with it the evidence of what was done to it would go."""


@dataclass(frozen=True, slots=True)
class GivenUp:
    """A month that was dropped, or would be."""

    month: str
    rows: int
    boots: int


@dataclass(slots=True)
class _Run:
    """Rows of one boot that follow on one another, all of them in one month."""

    boot_id: str
    opening: Link
    sequence: int
    hash: bytes


def before(today: date, months: int) -> date:
    """The first day that is kept: of the month so many months before this one."""
    month = today.year * 12 + today.month - 1 - months
    return date(month // 12, month % 12 + 1, 1)


async def months_older(connection: asyncpg.Connection, first_kept: date) -> list[tuple[str, str]]:
    """Months there are partitions of that end before this day, as (`2025-10`, name of the table), oldest first.

    Raises NotSound where a partition is not of one whole month.
    """
    await connection.execute(READ_AS_WRITTEN)
    found = []
    for table, bounds in await connection.fetch(_PARTITIONS):
        month = _month(bounds)
        if month is None:
            raise NotSound(f"table {table} is not of one whole month ({bounds}); no month is given up")
        if month < f"{first_kept:%Y-%m}":
            found.append((month, table))
    return sorted(found)


def _month(bounds: str | None) -> str | None:
    """The month that these bounds are, as `2025-10`."""
    found = _BOUNDS.fullmatch(bounds or "")
    if found is None:
        return None
    year, month, to_year, to_month = map(int, found.groups())
    follows = (to_year * 12 + to_month) - (year * 12 + month) == 1
    return f"{found[1]}-{found[2]}" if follows else None


async def retain(
    connection: asyncpg.Connection, key: SigningKey, months: int, *, dry_run: bool = False
) -> AsyncIterator[GivenUp]:
    """Drop the months that ended more than so many months ago, each with its tombstone in one transaction, and tell each.

    Raises NotSound at the first month that does not verify, and LockNotAvailableError while somebody reads the log at length or
    gives months up; what was dropped before stays dropped.
    """
    if not await connection.fetchval("SELECT pg_try_advisory_lock($1)", _LOCK):
        raise asyncpg.LockNotAvailableError("months are being given up by another process")
    try:
        # By the clock that is behind, should the two differ: a clock that went ahead must not cost a month.
        today = min(datetime.now(UTC), await connection.fetchval("SELECT clock_timestamp()")).date()
        for month, table in await months_older(connection, before(today, months)):
            yield await _give_up(connection, key, month, table, dry_run=dry_run)
    finally:
        await connection.execute("SELECT pg_advisory_unlock($1)", _LOCK)


async def _give_up(connection: asyncpg.Connection, key: SigningKey, month: str, table: str, *, dry_run: bool) -> GivenUp:
    async with connection.transaction():
        await connection.execute(f"{_WAIT}; {READ_AS_WRITTEN}")
        await connection.execute(f"LOCK TABLE {table} IN SHARE MODE")  # nothing comes into it from here on
        walk = _Runs(month)
        query = f"SELECT {', '.join(COLUMNS)}, hash FROM {table} ORDER BY boot_id, sequence, logged_at"  # noqa: S608 -- quoted by the catalogue
        await copied(connection, query, to=walk.pass_over)
        if walk.unsound is not None:
            raise walk.unsound
        gone = await given_up(connection, None)  # a key that was lost gave months up, too
        runs = [await _proved(connection, month, run, gone) for run in walk.runs]
        await _require_as_seen(connection, month, walk.runs)
        if not dry_run:
            await lock(connection)
            if runs:
                said = {"month": month, "rows": walk.rows, "runs": runs}
                await state(connection, "tombstone", await last(connection, "tombstone"), said, key)
            await connection.execute(f"DROP TABLE {table}")
    return GivenUp(month, walk.rows, len({run.boot_id for run in walk.runs}))


class _Runs:
    """Along all rows of a month, boot by boot."""

    def __init__(self, month: str) -> None:
        self.rows = 0
        self.runs: list[_Run] = []
        self.unsound: NotSound | None = None
        self._month = month
        self._within = f"{month}-".encode()

    async def pass_over(self, block: bytes) -> None:
        for text in block.split(b"\n")[:-1]:
            link = parsed(text)
            fields = text.split(b"\t")
            boot_id = fields[0].decode()
            if not fields[_LOGGED_AT].startswith(self._within):
                self.unsound = self.unsound or NotSound(
                    f"row {link.sequence} of boot {boot_id} was not logged in {self._month}; the month is kept"
                )
            run = self.runs[-1] if self.runs else None
            if run is None or run.boot_id != boot_id or link.start != run.sequence + 1:
                self.runs.append(_Run(boot_id, link, link.sequence, link.hash))
            elif link.fits(run.hash):
                run.sequence, run.hash = link.sequence, link.hash
            else:
                # Not raised here: COPY must be read to its end.
                self.unsound = self.unsound or _unsound(self._month, boot_id, link.sequence)
                run.sequence, run.hash = link.sequence, link.hash
            self.rows += 1


async def _proved(connection: asyncpg.Connection, month: str, run: _Run, gone: Runs) -> list[Any]:
    """The run as a tombstone tells it, once its first row follows on the row before it, wherever that is."""
    digest = await _hash_of(connection, run.boot_id, run.opening.start - 1, gone)
    if digest is None or not run.opening.fits(digest):
        raise _unsound(month, run.boot_id, run.opening.sequence)
    return [run.boot_id, run.opening.start, run.sequence, digest.hex(), run.hash.hex()]


async def _require_as_seen(connection: asyncpg.Connection, month: str, runs: Sequence[_Run]) -> None:
    """Nothing that a checkpoint saw of these rows may be otherwise now: once they are gone nobody could tell."""
    by_boot: dict[str, list[_Run]] = defaultdict(list)
    for run in runs:
        by_boot[run.boot_id].append(run)
    seen = [
        claim
        for claim in of_checkpoints(await every(connection, "checkpoint"), Faults())
        if any(run.opening.start <= claim.sequence <= run.sequence for run in by_boot[claim.boot_id])
    ]
    for claim in await contradicted(connection, seen):
        raise NotSound(f"row {claim.sequence} of boot {claim.boot_id} is not as {claim.by} saw it; {month} is kept")


async def _hash_of(connection: asyncpg.Connection, boot_id: str, sequence: int, gone: Runs) -> bytes | None:
    if sequence < 0:
        return genesis(boot_id)
    select = "SELECT hash FROM decision WHERE boot_id = $1 AND sequence = $2"
    found: bytes | None = await connection.fetchval(select, boot_id, sequence)
    if found is None:
        found = next((run.hash for run in gone.get(boot_id, {}).values() if run.sequence == sequence), None)
    return found


def _unsound(month: str, boot_id: str, sequence: int) -> NotSound:
    return NotSound(f"row {sequence} of boot {boot_id} does not follow on the row before it; {month} is kept")
