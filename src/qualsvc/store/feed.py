"""What a replica follows, over a plain asyncpg connection of its own: head, everything at once, changes since.

Nothing here carries personal fields. Of kinds that are not replicated, changes come without documents, for their revision only.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from qualsvc.records.checksum import read
from qualsvc.records.documents import Document
from qualsvc.records.kinds import KINDS
from qualsvc.store.pacing import batches
from qualsvc.store.rows import read_json, row_reader, select_sql

CHANNEL = "qualsvc_revision"
"""NOTIFY here carries the new revision as text, once per committed write."""

MAX_REVISION = 2**63 - 1

Slice = tuple[str, list[Document]]
"""Some records of one kind, without personal fields."""
InTime = Callable[[], AbstractAsyncContextManager[object]]
"""What each round trip is awaited in: it may lose patience."""

_BATCH = 2000
_SLICE = 50
"""Records between two steps of the event loop: what is made of them takes less than half a millisecond."""
PAGE = 1000
"""Changes read at once."""
_LAST_ORDINAL = 2**31 - 1
_KINDS = tuple(name for name, kind in KINDS.items() if kind.replicated)


@dataclass(frozen=True, slots=True)
class Head:
    """The last revision; `ledger_id` tells one database from another; `now` is the database's clock.

    `made_at` is when that revision was recorded, which tells it from another one of the same number; `checksum` is that of
    all that replicas hold at it. Both are None where the database does not say.
    """

    revision: int
    ledger_id: UUID
    now: datetime
    made_at: datetime | None
    checksum: int | None


@dataclass(frozen=True, slots=True)
class Loaded:
    """Every replicated record at one revision: (kind, code, document without personal fields), with their checksum."""

    revision: int
    ledger_id: UUID
    records: list[tuple[str, str, Document]]
    checksum: int | None


@dataclass(frozen=True, slots=True)
class Change:
    """One record changed by a revision; `after` is null when it was deleted, `before` when it was created."""

    revision: int
    kind: str
    code: str
    before: Document | None
    after: Document | None
    personal: Sequence[str]


HEAD = """
SELECT head.revision, head.ledger_id, clock_timestamp() AS now, made.at AS made_at, made.checksum
  FROM head LEFT JOIN revision AS made ON made.revision = head.revision
"""
"""The columns of a `Head`."""


def read_head(row: asyncpg.Record) -> Head:
    """A row that begins with the columns of `HEAD`."""
    revision, ledger_id, now, made_at, checksum = tuple(row)[:5]
    return Head(revision, ledger_id, now, made_at, read(revision, checksum))


async def head(connection: asyncpg.Connection) -> Head:
    """The last committed revision."""
    return read_head(await connection.fetchrow(HEAD))


_CHANGES = """
SELECT revision, ordinal, kind, code, CASE WHEN kind = ANY($5) THEN before::text END,
       CASE WHEN kind = ANY($5) THEN after::text END, personal
  FROM change WHERE (revision, ordinal) > ($1, $2) AND revision <= $3 ORDER BY revision, ordinal LIMIT $4
"""


@contextlib.asynccontextmanager
async def loading(connection: asyncpg.Connection) -> AsyncIterator[tuple[Head, AsyncIterator[Slice]]]:
    """The head and every replicated record at it, in slices, from one read-only snapshot of the database."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        at = await head(connection)
        async with contextlib.aclosing(slices(connection)) as each:
            yield at, each


async def load(connection: asyncpg.Connection) -> Loaded:
    """All of it at once: for who wants a list, and does not serve meanwhile."""
    async with loading(connection) as (at, each):
        records = [(kind, document["code"], document) async for kind, listed in each for document in listed]
    return Loaded(at.revision, at.ledger_id, records, at.checksum)


async def slices(connection: asyncpg.Connection) -> AsyncGenerator[Slice]:
    """Every replicated record, some of one kind at a time; inside a transaction that sees no others' writes.

    The database makes the next ones while these are read.
    """
    for kind in _KINDS:
        to_document = row_reader(kind, personal=False)
        cursor = await connection.cursor(select_sql(kind))
        fetching = asyncio.ensure_future(cursor.fetch(_BATCH))
        try:
            while rows := await fetching:
                fetching = asyncio.ensure_future(cursor.fetch(_BATCH))
                for listed in batches(rows, _SLICE):
                    yield kind, list(map(to_document, listed))
                    await asyncio.sleep(0)
        finally:
            fetching.cancel()  # where nobody goes on: a connection does one thing at a time
            await asyncio.wait({fetching})


async def change_pages(
    connection: asyncpg.Connection,
    revision: int,
    *,
    upto: int = MAX_REVISION,
    in_time: InTime = contextlib.nullcontext,
) -> AsyncGenerator[list[asyncpg.Record]]:
    """The changes of the revisions after `revision` and up to `upto`, in order, not read yet; `PAGE` of them at a time.

    Up to a revision that was committed it is all there ever is, however the pages part it. Each page is awaited `in_time`,
    and the next one is under way while one is read.
    """

    async def fetched(after: tuple[int, int]) -> list[asyncpg.Record]:
        async with in_time():
            rows: list[asyncpg.Record] = await connection.fetch(_CHANGES, *after, upto, PAGE, _KINDS)
            return rows

    rows = await fetched((revision, _LAST_ORDINAL))
    while len(rows) == PAGE:
        fetching = asyncio.create_task(fetched((rows[-1][0], rows[-1][1])))
        try:
            yield rows
        except BaseException:
            fetching.cancel()
            await asyncio.wait({fetching})
            raise
        rows = await fetching
    yield rows


def read_changes(rows: Iterable[asyncpg.Record]) -> Iterator[Change]:
    """Read rows one by one: many of them are work for a thread."""
    for number, _, kind, code, before, after, personal in rows:
        yield Change(number, kind, code, _document(before), _document(after), personal)


def _document(text: str | None) -> Document | None:
    return None if text is None else read_json(text)
