"""Signed statements about the log, kept beside it: checkpoints of where the chains stand, tombstones of rows given up.

Each names the one of its kind before it, so that none can be taken out of the middle.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

import asyncpg

from qualsvc.audit.signing import SigningKey, canonical, digest
from qualsvc.kernel.instants import format_instant, parse_instant
from qualsvc.store.chain import AS_TEXT

Kind = Literal["checkpoint", "tombstone"]
KINDS: tuple[Kind, ...] = get_args(Kind)
_LOCK = 0x71737461


@dataclass(frozen=True, slots=True)
class Statement:
    """A body, who signed it and how. `at` is as the body says it: when, by the clock of the database, in UTC."""

    kind: str
    n: int
    at: str
    body: str
    key: str
    signature: str


async def lock(connection: asyncpg.Connection) -> None:
    """For the rest of the transaction nobody else states anything."""
    await connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)


async def last(connection: asyncpg.Connection, kind: Kind) -> Statement | None:
    """The latest of a kind."""
    return _only(await those(connection, kind, "ORDER BY n DESC LIMIT 1"))


async def last_by(connection: asyncpg.Connection, key: str) -> Statement | None:
    """The latest checkpoint by a key."""
    return _only(await those(connection, "checkpoint", "WHERE key = $1 ORDER BY n DESC LIMIT 1", key))


async def every(connection: asyncpg.Connection, kind: Kind) -> list[Statement]:
    """All of a kind, in order."""
    return await those(connection, kind, "ORDER BY n")


async def after(connection: asyncpg.Connection, kind: Kind, n: int | None, most: int) -> list[Statement]:
    """Those of a kind after this number, in order; the first ones where it is None."""
    return await those(connection, kind, "WHERE $1::bigint IS NULL OR n > $1 ORDER BY n LIMIT $2", n, most)


async def numbered(connection: asyncpg.Connection, kind: Kind, n: int) -> Statement | None:
    """The one under this number."""
    return _only(await those(connection, kind, "WHERE n = $1", n))


async def those(connection: asyncpg.Connection, kind: Kind, which: str, *given: Any) -> list[Statement]:
    """Those of a kind that the rest of a query names."""
    query = f"SELECT n, {_AT}, body, key, signature FROM {kind} {which}"  # noqa: S608 -- all words are ours
    return [Statement(kind, *row) for row in await connection.fetch(query, *given)]


def _only(found: list[Statement]) -> Statement | None:
    return found[0] if found else None


async def state(
    connection: asyncpg.Connection, kind: Kind, before: Statement | None, said: Mapping[str, Any], key: SigningKey
) -> Statement:
    """Sign and keep what is said, after `before`, which is the latest of its kind. Under the lock, in its transaction."""
    at = format_instant(parse_instant(await connection.fetchval(f"SELECT {AS_TEXT.format('clock_timestamp()')}")))
    n = 1 if before is None else before.n + 1
    previous = None if before is None else digest(before.body)
    body = canonical({"kind": kind, "n": n, "at": at, "previous": previous, **said})
    made = Statement(kind, n, at, body, key.public, key.sign(body))
    await connection.execute(
        f"INSERT INTO {kind} (n, at, body, key, signature) VALUES ($1, $2::text::timestamptz, $3, $4, $5)",  # noqa: S608 -- all words are ours
        *(n, at, body, made.key, made.signature),
    )
    return made


_AT = f"coalesce(nullif(replace({AS_TEXT.format('at')}, '.000000', ''), ''), at::text)"
"""As the body says it; of `infinity`, as the database does."""
