"""Rows of the decision log as COPY gives them out."""

import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from hashlib import sha256

import asyncpg

from qualsvc.store.chain import COLUMNS
from qualsvc.store.engine import close, connect

SELECT = f"SELECT {', '.join(COLUMNS)}, hash FROM decision"  # noqa: S608 -- all words are ours
READ_AS_WRITTEN = "SET datestyle = 'ISO'; SET bytea_output = 'hex'; SET idle_in_transaction_session_timeout = 0"
# Rows of a boot lie beside each other and have an index in their order; sorting them anew would write them all to disk first.
_IN_ORDER = (
    "SET enable_sort = off; SET enable_seqscan = off; SET enable_bitmapscan = off; SET max_parallel_workers_per_gather = 0"
)
_PATIENCE_S = 3600
_SEQUENCE, _KIND, _PAYLOAD = (COLUMNS.index(name) for name in ("sequence", "kind", "payload"))
_HASH = re.compile(rb"\\\\x((?:[0-9a-f]{2})*)")
_ESCAPED = re.compile(rb"\\(.)")
_MEANING = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v"}


@dataclass(frozen=True, slots=True)
class Link:
    """One link of a boot's chain, from `start` to `sequence`: a row, the gap that a row tells of, or a run given up.

    `line` is what is hashed after the hash before; a link without a line follows on exactly one hash, `follows`.
    """

    start: int
    sequence: int
    hash: bytes
    kind: str
    line: bytes | None = None
    follows: bytes = b""

    def fits(self, before: bytes) -> bool:
        """Whether it is what it says, given the hash before it."""
        return self.hash == self.after(before) if self.line is not None else self.follows == before

    def after(self, before: bytes) -> bytes:
        """The hash that it should have."""
        return self.hash if self.line is None else sha256(before + self.line).digest()

    def named(self, sequence: int) -> bytes:
        """Its line as it would be under another sequence."""
        assert self.line is not None
        fields = self.line.split(b"\t")
        fields[_SEQUENCE] = str(sequence).encode()
        return b"\t".join(fields)


def parsed(text: bytes) -> Link:
    """One line of COPY, whatever somebody made of it."""
    line, _, last = text.rpartition(b"\t")
    fields = line.split(b"\t")
    sequence, kind = int(fields[_SEQUENCE]), fields[_KIND].decode()
    found = _HASH.fullmatch(last)
    start = _start(fields[_PAYLOAD], sequence) if kind == "gap" else sequence
    return Link(start, sequence, bytes.fromhex(found[1].decode()) if found else b"", kind, line)


def _start(payload: bytes, sequence: int) -> int:
    try:
        told = json.loads(_ESCAPED.sub(lambda found: _MEANING.get(found[1], found[1]), payload))["gap"]["from"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return sequence
    return told if isinstance(told, int) and 0 <= told <= sequence else sequence


async def reader(url: str, snapshot: str | None = None) -> asyncpg.Connection:
    """A connection that sees one state throughout and changes nothing; `snapshot` is the one of another reader."""
    connection = await connect(url)
    try:
        await connection.execute(f"{READ_AS_WRITTEN}; {_IN_ORDER}")
        await connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        if snapshot is not None:
            await connection.execute(f"SET TRANSACTION SNAPSHOT '{snapshot}'")
        else:
            # Before anything is seen: of a month dropped between the state seen and its rows read, the rows would be missing.
            await connection.execute("LOCK TABLE decision IN ACCESS SHARE MODE")
    except BaseException:
        await close(connection)
        raise
    return connection


async def copied(connection: asyncpg.Connection, query: str, *given: object, to: Callable[[bytes], Awaitable[None]]) -> None:
    """Hand out what the query gives as lines of COPY, block by block, each of whole lines."""
    await connection.copy_from_query(query, *given, output=to, timeout=_PATIENCE_S)
