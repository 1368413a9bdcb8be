"""Every row of the log, read out and hashed anew, by several processes that all see the same state of it."""

import asyncio
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

import asyncpg

from qualsvc.audit.lines import SELECT, Link, copied, reader
from qualsvc.audit.tombstones import GREATEST
from qualsvc.audit.walk import Walk, Walked
from qualsvc.store.chain import genesis

SPAN = 100_000
"""Rows that are read by one statement."""
_ALONE = 50_000
"""So many rows one process reads sooner than others are started."""
PROCESSES = min(4, os.cpu_count() or 1)

_ROWS = f"{SELECT} WHERE boot_id = $1 AND sequence BETWEEN $2 AND $3 ORDER BY sequence, logged_at"
NEXT = "SELECT min(sequence) FROM decision WHERE boot_id = $1 AND sequence >= $2"
_BEFORE = (
    "SELECT sequence, hash FROM decision WHERE boot_id = $1 AND sequence >= 0 AND sequence < $2"
    " ORDER BY sequence DESC, logged_at DESC LIMIT 1"
)


@dataclass(frozen=True, slots=True)
class Span:
    """Rows of one boot that are walked in one go; `given_up` are the runs of its tombstones."""

    boot_id: str
    first: int
    last: int
    given_up: dict[int, Link]


async def spans(connection: asyncpg.Connection, boot_id: str, last: int, given_up: dict[int, Link]) -> list[Span]:
    """The rows of a boot in pieces, the last of them `last`; where there are none for long there is no piece."""
    found: list[Span] = []
    begin: int | None = 0
    while begin is not None and begin <= last:
        found.append(Span(boot_id, begin, min(last, begin + SPAN - 1), given_up))
        begin = await connection.fetchval(NEXT, boot_id, begin + SPAN) if begin + SPAN <= GREATEST else None
    return found


Seen = Callable[[str, Walked], None]


async def scan(url: str, snapshot: str, wanted: Iterable[Span], processes: int, seen: Seen) -> None:
    """Walk all spans, and tell of each what was seen, in no order."""
    tasks = list(_bundled(wanted))
    if processes == 1 or sum(span.last - span.first for task in tasks for span in task) <= _ALONE:
        for task in tasks:
            for boot_id, walked in await _walk(url, snapshot, task):
                seen(boot_id, walked)
        return
    # Not forked: this process has a connection and an event loop.
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        loop = asyncio.get_running_loop()
        under_way = [loop.run_in_executor(pool, _walked, url, snapshot, task) for task in tasks]
        try:
            for done in asyncio.as_completed(under_way):
                for boot_id, walked in await done:
                    seen(boot_id, walked)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _bundled(wanted: Iterable[Span]) -> Iterator[list[Span]]:
    """Small boots go together: a connection for each would take longer than its rows."""
    task: list[Span] = []
    rows = 0
    for span in wanted:
        task.append(span)
        rows += span.last - span.first + 1
        if rows >= SPAN:
            yield task
            task, rows = [], 0
    if task:
        yield task


def _walked(url: str, snapshot: str, task: Sequence[Span]) -> list[tuple[str, Walked]]:
    return asyncio.run(_walk(url, snapshot, task))


async def _walk(url: str, snapshot: str, task: Sequence[Span]) -> list[tuple[str, Walked]]:
    connection = await reader(url, snapshot)
    try:
        return [(span.boot_id, await _walk_span(connection, span)) for span in task]
    finally:
        await connection.close()


async def _walk_span(connection: asyncpg.Connection, span: Span) -> Walked:
    before = await connection.fetchrow(_BEFORE, span.boot_id, span.first)
    sequence, digest = (-1, genesis(span.boot_id)) if before is None else before
    walk = Walk(span.boot_id, sequence, digest, span.given_up)
    await copied(connection, _ROWS, span.boot_id, span.first, span.last, to=walk.pass_over)
    return walk.walked
