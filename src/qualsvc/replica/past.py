"""The facts as they were at an earlier revision, made from those held now and the change log; never on the hot path.

Key: the revision, its ledger and when it was recorded. Bound: `SNAPSHOTS`, least recently asked out first; facts and
most parts of their tables are shared between them, so one is 1 MB of a plant of 10,000 persons. Never stale: the past does
not change.
"""

import asyncio
import contextlib
import json
import weakref
from collections.abc import Awaitable, Callable, Iterator

from cachetools import LRUCache
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from qualsvc.kernel.facts import FACTS
from qualsvc.kernel.snapshot import Snapshot
from qualsvc.replica.held import Held
from qualsvc.replica.lease import NotFreshError
from qualsvc.store.errors import DatabaseAway, said
from qualsvc.store.known import Recorded, recorded_as, recorded_by, turning
from qualsvc.store.pacing import paced

SNAPSHOTS = 8
CATCH_UP_S = 0.2
"""How long to wait until a revision that the database has is here too."""


class Past:
    """Snapshots of earlier revisions. Whoever gets one only reads it."""

    def __init__(
        self,
        engine: AsyncEngine,
        fresh: Callable[[], Held],
        reached: Callable[[int, float], Awaitable[bool]],
    ) -> None:
        """`fresh` gives what may be answered from now, raising NotFreshError; `reached` waits for a revision."""
        self._engine = engine
        self._fresh = fresh
        self._reached = reached
        self._snapshots: LRUCache[Recorded, Snapshot] = LRUCache(SNAPSHOTS)
        self._made_of: Callable[[], Held | None] = lambda: None
        self._turn = asyncio.Lock()  # one at a time is made, or several would add up their slices and copies

    async def known_at(self, instant: int) -> Snapshot:
        """The facts recorded by the instant (microseconds). Raises NotFreshError, LogTooShort, DatabaseAway."""
        with _lost_as_away():
            async with self._engine.connect() as connection:
                recorded = await recorded_by(connection, instant)
            return await self._of(recorded)

    async def at(self, revision: int) -> Snapshot:
        """The facts of a revision. Raises NotFreshError, LogTooShort, DatabaseAway, LookupError where there is no such one."""
        with _lost_as_away():
            async with self._engine.connect() as connection:
                recorded = await recorded_as(connection, revision)
            if recorded.revision != revision:
                raise LookupError(f"there is no revision {revision}; the last one is {recorded.revision}")
            return await self._of(recorded)

    async def _of(self, recorded: Recorded) -> Snapshot:
        if not await self._reached(recorded.revision, CATCH_UP_S):
            raise NotFreshError("stale", f"revision {recorded.revision} is not here yet; try again")
        known = self._snapshots.get(recorded)
        if known is not None:
            self._fresh()  # the past does not change, but who cannot tell the present does not answer at all
            return known
        async with self._turn:
            known = self._snapshots.get(recorded)
            if known is None:
                known = self._snapshots[recorded] = await self._made(recorded)
            return known

    async def _made(self, recorded: Recorded) -> Snapshot:
        twin, copied = await self._copied(recorded)
        async with self._engine.connect() as connection:
            async for part in turning(connection, copied, recorded.revision, FACTS):
                async for kind, code, document in paced(part):
                    twin.apply(kind, code, None if document is None else json.loads(document))
        twin.revision = recorded.revision
        return twin

    async def _copied(self, wanted: Recorded) -> tuple[Snapshot, int]:
        """A copy of the nearest facts there are, and the last revision anything in it may be of.

        What is held moves on while it is copied, and each sort of fact is of the revision of its own step. That does no harm:
        whatever changed after the wanted revision is put to what it was then, whichever of its later states was copied.
        """
        while True:
            held = self._fresh()
            if held.ledger_id != wanted.ledger_id or held.snapshot.revision < wanted.revision:
                raise NotFreshError("stale", "the database is not the one that is followed here; try again")
            if self._made_of() is not held:
                # What is held was loaded anew: perhaps from a database that has fallen back, and counts on differently.
                self._snapshots.clear()
                self._made_of = weakref.ref(held)
            nearest = min([held.snapshot, *self._snapshots.values()], key=lambda made: abs(made.revision - wanted.revision))
            steps = [twin async for twin in paced(nearest.copying())]
            if self._fresh() is held:  # else what was copied may have been applied by half
                return steps[-1], nearest.revision


@contextlib.contextmanager
def _lost_as_away() -> Iterator[None]:
    """A connection that was lost, as the store says it."""
    try:
        yield
    except OSError as error:
        raise DatabaseAway(f"the database stopped answering: {said(error)}") from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise DatabaseAway("the connection to the database was lost") from error
        raise
