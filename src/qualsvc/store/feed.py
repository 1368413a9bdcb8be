"""What a replica follows, over a plain asyncpg connection of its own: head, everything at once, changes since.

Nothing here carries personal fields. Of kinds that are not replicated, changes come without documents, for their revision only.
"""

import json
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
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

_BATCH = 2000
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
SELECT head.revision, head.ledger_id, clock_timestamp() AS now, made.at AS made_at,
       CASE WHEN head.revision = 0 THEN repeat('0', 32) ELSE made.checksum END AS checksum
  FROM head LEFT JOIN revision AS made ON made.revision = head.revision
"""
"""The columns of a `Head`."""


def read_head(row: asyncpg.Record) -> Head:
    """A row that begins with the columns of `HEAD`."""
    revision, ledger_id, now, made_at, checksum = tuple(row)[:5]
    return Head(revision, ledger_id, now, made_at, read(checksum))


async def head(connection: asyncpg.Connection) -> Head:
    """The last committed revision."""
    return read_head(await connection.fetchrow(HEAD))


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
    connection: asyncpg.Connection, revision: int, *, upto: int = MAX_REVISION, limit: int = 50_000
) -> list[asyncpg.Record]:
    """The changes of the revisions after `revision` and up to `upto`, in order, whole revisions only, not read yet.

    At most about `limit` rows: at least one revision whole, so that asking again from the last one seen always gets on.
    """
    rows: list[asyncpg.Record] = await connection.fetch(
        "SELECT revision, kind, code, CASE WHEN kind = ANY($3) THEN before::text END,"
        " CASE WHEN kind = ANY($3) THEN after::text END, personal FROM change WHERE revision > $1 AND revision <= least($4, ("
        " SELECT coalesce(max(revision), $1 + 1) FROM ("
        "  SELECT revision FROM change WHERE revision > $1 ORDER BY revision, ordinal LIMIT $2) AS first"
        ")) ORDER BY revision, ordinal",
        revision,
        limit,
        _KINDS,
        upto,
    )
    return rows


def read_changes(rows: Iterable[asyncpg.Record]) -> Iterator[Change]:
    """Read rows one by one: many of them are work for a thread."""
    for number, kind, code, before, after, personal in rows:
        yield Change(number, kind, code, _document(before), _document(after), personal)


def _document(text: str | None) -> Document | None:
    return None if text is None else json.loads(text)
