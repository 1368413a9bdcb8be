"""What the routers of the registry need from the app, and the one way they write."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.requests import Request

from qualsvc.http.lanes import LEAVE
from qualsvc.http.problems import Problem
from qualsvc.registry.waiting import WAIT
from qualsvc.replica.held import Held
from qualsvc.store.errors import DatabaseAway, OutcomeUnknown, StoreError, said
from qualsvc.store.operations import Actor, Decide, Once, Operation, Written
from qualsvc.store.waivers import Terms
from qualsvc.store.writing import write

T = TypeVar("T")
Scope = Literal["read", "maintain", "approve", "admin"]


@dataclass(frozen=True, slots=True)
class Wiring:
    """The seams of the registry. One app has one, in its `state`; the routes are the same for all apps, and find it there.

    `writer` has connections of its own: writers wait for one another, and reads must not wait with them.
    `authorise` returns who calls or raises a `Problem` 401 or 403; `applied` is awaited after a commit and before the
    answer, so that who reads its own write here finds it. `held` are the facts in memory, for what is told besides, or a
    `Problem` 503; `now` is this instant in microseconds, `right_now` the same for what is written, or a `Problem` 503 where
    this host's clock cannot be believed. `spool` is this host's folder of answers not in the database yet; `everywhere` is
    awaited, where that is asked for, until no process answers from before a revision.
    """

    engine: AsyncEngine
    writer: AsyncEngine
    authorise: Callable[[Request, Scope], Actor]
    applied: Callable[[int], Awaitable[None]]
    held: Callable[[], Held]
    now: Callable[[], int]
    right_now: Callable[[], int]
    terms: Terms
    spool: Path
    everywhere: Callable[[int], Awaitable[None]]

    async def write(
        self, request: Request, actor: Actor, operations: Sequence[Operation] | Decide, once: Once | None = None
    ) -> Written:
        """Write, and wait until it is applied here; and everywhere, where that is asked for."""
        written = await write(self.writer, actor, operations, request_id=request_id(request), once=once, terms=self.terms)
        await self.applied(written.revision)
        if WAIT in request.query_params:
            request.scope.get(LEAVE, _stay)()  # it may take as long as a lease, and others have to write meanwhile
            await self.everywhere(written.revision)
        return written


def _stay() -> None:
    """Where there are no lanes."""


def wired(request: Request) -> Wiring:
    """What the app that was asked is wired to."""
    wiring: Wiring = request.app.state.wiring
    return wiring


def request_id(request: Request) -> str | None:
    """The caller's own id of the request, for the ledger; cut short, and without what cannot be stored."""
    given = request.headers.get("x-request-id")
    return given[:128] if given and given.isprintable() else None


async def told_besides(revision: int, telling: Coroutine[Any, Any, T], patience_s: float = 10) -> T:
    """What is only told besides a write: where that cannot be read, or not in time, the write is done all the same.

    So nobody may be told that nothing is: raises OutcomeUnknown in place of what would say so.
    """
    task = asyncio.create_task(telling)
    # Not cancelled: a connection that is silent is given back by nobody before its own time-out is over.
    await asyncio.wait({task}, timeout=patience_s)
    try:
        if not task.done():
            raise DatabaseAway("the database does not answer in time")
        return task.result()
    except (StoreError, Problem, OSError, SQLAlchemyError) as error:
        why = f"revision {revision} has it, and what is told besides cannot be read now ({said(error)})"
        raise OutcomeUnknown(why) from error
