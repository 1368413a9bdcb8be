"""What the routers of the registry need from the app, and the one way they write."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.requests import Request

from qualsvc.registry.waiting import WAIT, applied_everywhere
from qualsvc.replica.held import Held
from qualsvc.store.operations import Actor, Decide, Once, Operation, Written
from qualsvc.store.waivers import Terms
from qualsvc.store.writing import write

Scope = Literal["read", "maintain", "approve", "admin"]


@dataclass(frozen=True, slots=True)
class Wiring:
    """The seams of the registry. One app has one, in its `state`; the routes are the same for all apps, and find it there.

    `writer` has connections of its own: writers wait for one another, and reads must not wait with them.
    `authorise` returns who calls or raises a `Problem` 401 or 403; `applied` is awaited after a commit and before the
    answer, so that who reads its own write here finds it. `held` are the facts in memory, for what is told besides, or a
    `Problem` 503; `now` is this instant in microseconds. `spool` is this host's folder of answers not in the database yet,
    `lease_s` how long processes answer without word from the database.
    """

    engine: AsyncEngine
    writer: AsyncEngine
    authorise: Callable[[Request, Scope], Actor]
    applied: Callable[[int], Awaitable[None]]
    held: Callable[[], Held]
    now: Callable[[], int]
    terms: Terms
    spool: Path
    lease_s: float

    async def write(
        self, request: Request, actor: Actor, operations: Sequence[Operation] | Decide, once: Once | None = None
    ) -> Written:
        """Write, and wait until it is applied here; and everywhere, where that is asked for."""
        written = await write(self.writer, actor, operations, request_id=request_id(request), once=once, terms=self.terms)
        await self.applied(written.revision)
        if WAIT in request.query_params:
            await applied_everywhere(self.writer, written.revision, self.lease_s)
        return written


def wired(request: Request) -> Wiring:
    """What the app that was asked is wired to."""
    wiring: Wiring = request.app.state.wiring
    return wiring


def request_id(request: Request) -> str | None:
    """The caller's own id of the request, for the ledger; cut short, and without what cannot be stored."""
    given = request.headers.get("x-request-id")
    return given[:128] if given and given.isprintable() else None
