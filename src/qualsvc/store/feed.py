"""What a replica follows, over a plain asyncpg connection of its own: head, everything at once, changes since.

Nothing here carries personal fields. Of kinds that are not replicated, changes come without documents, for their revision only.
"""

import contextlib
import json
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from qualsvc.records.checksum import read
from qualsvc.records.documents import Document
from qualsvc.records.kinds import KINDS
from qualsvc.store.rows import row_reader, select_sql

CHANNEL = "qualsvc_revision"
"""NOTIFY here carries the new revision as text, once per committed write."""

MAX_REVISION = 2**63 - 1

InTime = Callable[[], AbstractAsyncContextManager[object]]
"""What each round trip is awaited in: it may lose patience."""

_BATCH = 2000
_PAGE = 1000
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


async def load(connection: asyncpg.Connection) -> Loaded:
    """Everything at one revision, in one read-only snapshot of the database; yields to the event loop between batches."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        at = await head(connection)
        return Loaded(at.revision, at.ledger_id, [record async for record in records(connection)], at.checksum)


async def records(connection: asyncpg.Connection) -> AsyncIterator[tuple[str, str, Document]]:
    """Every replicated record, as `Loaded` has them; inside a transaction that sees no others' writes."""
    for kind in _KINDS:
        to_document = row_reader(kind, personal=False)
        cursor = await connection.cursor(select_sql(kind))
        while rows := await cursor.fetch(_BATCH):
            for row in rows:
                document = to_document(row)
                yield kind, document["code"], document


async def change_rows(
    connection: asyncpg.Connection,
    revision: int,
    *,
    upto: int = MAX_REVISION,
    limit: int = 50_000,
    in_time: InTime = contextlib.nullcontext,
) -> list[asyncpg.Record]:
    """The changes of the revisions after `revision` and up to `upto`, in order, whole revisions only, not read yet.

    At most about `limit` rows: at least one revision whole, so that asking again from the last one seen always gets on.
    They come in pages, each of which is awaited `in_time`: what was committed once stays as it is.
    """
    rows: list[asyncpg.Record] = []
    after, page = (revision, _LAST_ORDINAL), min(limit, _PAGE)
    while True:
        async with in_time():
            more = await connection.fetch(_CHANGES, *after, upto, page, _KINDS)
        rows += more
        if len(more) < page:
            return rows
        after = rows[-1][0], rows[-1][1]
        if len(rows) >= limit and rows[0][0] != after[0]:
            return [row for row in rows if row[0] != after[0]]


def read_changes(rows: Iterable[asyncpg.Record]) -> Iterator[Change]:
    """Read rows one by one: many of them are work for a thread."""
    for number, _, kind, code, before, after, personal in rows:
        yield Change(number, kind, code, _document(before), _document(after), personal)


def _document(text: str | None) -> Document | None:
    return None if text is None else json.loads(text)
