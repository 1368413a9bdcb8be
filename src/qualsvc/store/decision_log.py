"""Writing the decision log: boots, batches of rows with the cursor in one transaction, links between boots, partitions."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from io import BytesIO
from typing import NamedTuple, Protocol

import asyncpg

from qualsvc.store.chain import AS_TEXT
from qualsvc.store.engine import STATEMENT_TIMEOUT_S

_LINK_LOCK = 0x716C696E
_PARTITION_LOCK = 0x71706172
Counted = Mapping[tuple[date, str, str, str, str], int]
"""How many answers: by day at the site, site, purpose, decision, reason."""


class OutOfStep(Exception):  # noqa: N818 -- the name says what it is
    """The boot is not where it was put, though nobody else ships it: the message says where it is. Look anew."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a boot is shipped, and the hash of the last row."""

    sequence: int
    hash: bytes
    latest: datetime | None = None
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of one boot that follow on its cursor, each with its hash, as lines of COPY, and what they count for."""

    boot_id: str
    lines: Sequence[bytes]
    columns: Sequence[str]
    sequence: int
    hash: bytes
    latest: datetime
    counted: Counted
    ends: bool


class Event(NamedTuple):
    """That a boot was opened, or closed at a row with a hash; of an opening the SHA-256 of what it says."""

    what: str
    boot_id: str
    sequence: int
    head: bytes
    opened: bytes | None = None


class Signer(Protocol):
    """The key of this host."""

    @property
    def public(self) -> str:
        """In hexadecimal."""

    def sign(self, body: str) -> str:
        """The signature of a text, in hexadecimal."""


async def cursor_of(connection: asyncpg.Connection, boot_id: str) -> Cursor | None:
    """How far the boot is shipped; None when nothing of it is known."""
    row = await connection.fetchrow("SELECT sequence, hash, logged_at, closed FROM decision_boot WHERE boot_id = $1", boot_id)
    return None if row is None else Cursor(*row)


async def open_boot(
    connection: asyncpg.Connection, signer: Signer, boot_id: str, opened: str | None, at: datetime, genesis: bytes
) -> None:
    """Begin the chain of a boot, tied to all before it; `opened` is its first record, None when that was lost."""
    async with connection.transaction():
        made = await connection.execute(
            "INSERT INTO decision_boot (boot_id, opened, sequence, hash, logged_at) VALUES ($1, $2, -1, $3, $4)"
            " ON CONFLICT DO NOTHING",
            boot_id,
            opened,
            genesis,
            at,
        )
        if made.endswith(" 1"):
            digest = None if opened is None else sha256(opened.encode()).digest()
            await _tie(connection, signer, Event("open", boot_id, -1, genesis, digest))


async def ship(connection: asyncpg.Connection, signer: Signer, before: Cursor, batch: Batch) -> None:
    """Put the rows into the table and move the cursor, both or neither. Raises OutOfStep."""
    async with connection.transaction():
        moved = await connection.execute(
            "UPDATE decision_boot SET sequence = $2, hash = $3, logged_at = $4, closed = $5"
            " WHERE boot_id = $1 AND sequence = $6 AND hash = $7 AND NOT closed",
            batch.boot_id,
            batch.sequence,
            batch.hash,
            batch.latest,
            batch.ends,
            before.sequence,
            before.hash,
        )
        if not moved.endswith(" 1"):
            raise OutOfStep(_altered(batch.boot_id, before, await cursor_of(connection, batch.boot_id)))
        async with while_connected(connection):
            await connection.copy_to_table(
                "decision", source=BytesIO(b"".join(batch.lines)), columns=[*batch.columns, "hash"], format="text"
            )
        if batch.counted:
            await _count(connection, batch.counted)
        if batch.ends:
            await _tie(connection, signer, Event("close", batch.boot_id, batch.sequence, batch.hash))


def _altered(boot_id: str, put: Cursor, found: Cursor | None) -> str:
    there = "nowhere"
    if found is not None:
        there = (
            f"at row {found.sequence}" if found.sequence != put.sequence else "closed" if found.closed else "of another hash"
        )
    return f"boot {boot_id} was shipped up to row {put.sequence}, and is {there}: the database was altered, or restored"


@asynccontextmanager
async def while_connected(connection: asyncpg.Connection) -> AsyncIterator[None]:
    """The driver may wait for ever for a database that went away, as in the midst of a COPY. Raises TimeoutError instead."""
    async with asyncio.timeout(STATEMENT_TIMEOUT_S) as limit:

        def lost(_: asyncpg.Connection) -> None:
            limit.reschedule(0)

        connection.add_termination_listener(lost)
        try:
            yield
        finally:
            connection.remove_termination_listener(lost)


async def make_partitions(connection: asyncpg.Connection, months: Sequence[date]) -> None:
    """See that there is a partition for each month, given by its first day.

    Each is made apart and attached: so neither those who read the log at length wait, nor do we wait for them.
    """
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock($1)", _PARTITION_LOCK)
        for first in months:
            name = partition(first)
            if await connection.fetchval("SELECT to_regclass($1)", name) is not None:
                continue
            after = date(first.year + first.month // 12, first.month % 12 + 1, 1)
            await connection.execute(f"CREATE TABLE {name} (LIKE decision INCLUDING DEFAULTS INCLUDING CONSTRAINTS)")
            await connection.execute(
                f"ALTER TABLE decision ATTACH PARTITION {name} FOR VALUES FROM ('{first}T00:00:00Z') TO ('{after}T00:00:00Z')"
            )


def partition(first: date) -> str:
    """The name of the table of a month."""
    return f"decision_{first:%Y_%m}"


def link_of(before: bytes, n: int, at: str, event: Event) -> bytes:
    """The hash that ties an opening or closing of a boot to all before it. `at` as `AS_TEXT` reads it."""
    what, boot_id, sequence, head, opened = event
    digest = "-" if opened is None else opened.hex()
    return sha256(before + f"{n} {at} {what} {boot_id} {sequence} {digest} ".encode() + head).digest()


def signed_text(link: bytes) -> str:
    """What is signed of a link."""
    return f"qualsvc decision log link {link.hex()}"


FIRST_LINK = sha256(b"qualsvc decision log links").digest()
"""What the first link follows on."""


async def _tie(connection: asyncpg.Connection, signer: Signer, event: Event) -> None:
    await connection.execute("SELECT pg_advisory_xact_lock($1)", _LINK_LOCK)
    at = await connection.fetchval(f"SELECT {AS_TEXT.format('clock_timestamp()')}")
    row = await connection.fetchrow("SELECT n, link FROM decision_link ORDER BY n DESC LIMIT 1")
    n, before = (0, FIRST_LINK) if row is None else row
    link = link_of(before, n + 1, at, event)
    await connection.execute(
        "INSERT INTO decision_link (n, at, event, boot_id, sequence, hash, opened, link, key, signature)"
        " VALUES ($1, $2::text::timestamptz, $3, $4, $5, $6, $7, $8, $9, $10)",
        *(n + 1, at, *event, link, signer.public, signer.sign(signed_text(link))),
    )


async def _count(connection: asyncpg.Connection, counted: Counted) -> None:
    keys = sorted(counted)  # one order for all, so that two shippers never wait for each other in a circle
    columns = [list(column) for column in zip(*keys, strict=True)]
    await connection.execute(
        "INSERT INTO decision_count (day, site, purpose, decision, reason, number)"
        " SELECT * FROM unnest($1::date[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[])"
        " ON CONFLICT (day, site, purpose, decision, reason) DO UPDATE SET number = decision_count.number + excluded.number",
        *columns,
        [counted[key] for key in keys],
    )
