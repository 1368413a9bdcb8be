"""What a replica follows, over a plain asyncpg connection of its own: head, everything at once, changes since.

Nothing here carries personal fields. Of kinds that are not replicated, changes come without documents, for their revision only.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from qualsvc.records.documents import Document
from qualsvc.records.kinds import KINDS
from qualsvc.store.rows import row_reader, select_sql

CHANNEL = "qualsvc_revision"
"""NOTIFY here carries the new revision as text, once per committed write."""

_BATCH = 2000
_KINDS = tuple(name for name, kind in KINDS.items() if kind.replicated)


@dataclass(frozen=True, slots=True)
class Head:
    """The last revision; `ledger_id` tells one database from another; `at` is the database's clock now."""

    revision: int
    ledger_id: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class Loaded:
    """Every replicated record at one revision: (kind, code, document without personal fields)."""

    revision: int
    ledger_id: UUID
    records: list[tuple[str, str, Document]]


@dataclass(frozen=True, slots=True)
class Change:
    """One record changed by a revision; `after` is null when it was deleted, `before` when it was created."""

    revision: int
    kind: str
    code: str
    before: Document | None
    after: Document | None
    personal: Sequence[str]


async def head(connection: asyncpg.Connection) -> Head:
    """The last committed revision."""
    row = await connection.fetchrow("SELECT revision, ledger_id, clock_timestamp() FROM head")
    return Head(*row)


async def load(connection: asyncpg.Connection) -> Loaded:
    """Everything at one revision, in one read-only snapshot of the database; yields to the event loop between batches."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        revision, ledger_id = await connection.fetchrow("SELECT revision, ledger_id FROM head")
        records: list[tuple[str, str, Document]] = []
        for kind in _KINDS:
            read = row_reader(kind, personal=False)
            cursor = await connection.cursor(select_sql(kind))
            while rows := await cursor.fetch(_BATCH):
                for row in rows:
                    document = read(row)
                    records.append((kind, document["code"], document))
    return Loaded(revision, ledger_id, records)


async def change_rows(connection: asyncpg.Connection, revision: int, *, limit: int = 50_000) -> list[asyncpg.Record]:
    """The changes of the revisions after `revision`, in order, whole revisions only, not read yet.

    At most about `limit` rows: at least one revision whole, so that asking again from the last one seen always gets on.
    """
    rows: list[asyncpg.Record] = await connection.fetch(
        "SELECT revision, kind, code, CASE WHEN kind = ANY($3) THEN before::text END,"
        " CASE WHEN kind = ANY($3) THEN after::text END, personal FROM change WHERE revision > $1 AND revision <= ("
        " SELECT coalesce(max(revision), $1 + 1) FROM ("
        "  SELECT revision FROM change WHERE revision > $1 ORDER BY revision, ordinal LIMIT $2) AS first"
        ") ORDER BY revision, ordinal",
        revision,
        limit,
        _KINDS,
    )
    return rows


def read_changes(rows: Iterable[asyncpg.Record]) -> Iterator[Change]:
    """Read rows one by one: many of them are work for a thread."""
    for number, kind, code, before, after, personal in rows:
        yield Change(number, kind, code, _document(before), _document(after), personal)


def _document(text: str | None) -> Document | None:
    return None if text is None else json.loads(text)
