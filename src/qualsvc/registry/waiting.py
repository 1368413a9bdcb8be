"""`?wait=replicas`: a write that is answered when nobody answers from before it any more."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from time import monotonic
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.requests import Request

from qualsvc.http.bodies import query_parameters
from qualsvc.http.problems import FieldError, Problem
from qualsvc.records.faults import quote
from qualsvc.replica.silence import MARGIN
from qualsvc.store.errors import OutcomeUnknown
from qualsvc.store.replicas import Least, held_by_all

logger = structlog.get_logger("qualsvc.replica")

WAIT = "wait"
_REPLICAS = "replicas"
_PATIENCE_S = 1.0
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.005, 0.05


def write_parameters(request: Request, known: Sequence[str] = ()) -> dict[str, str]:
    """The parameters of a write: those known, and `wait`. Raises Problem 400 as `query_parameters` does."""
    parameters = query_parameters(request, (*known, WAIT))
    wanted = parameters.pop(WAIT, _REPLICAS)
    if wanted != _REPLICAS:
        error = FieldError(f"?{WAIT}", "malformed_parameter", f"{quote(wanted)} must be `{_REPLICAS}`, or left out")
        raise Problem(400, error.code, "the query cannot be answered as it is", [error])
    return parameters


class Everywhere:
    """Waits until nobody answers from before a revision; one query for all who wait.

    INVARIANT: that is so at the latest when the longest lease there is has passed since the commit, whatever becomes of the
    database meanwhile: a lease that runs then was renewed after it.
    """

    def __init__(self, engine: AsyncEngine, lease_s: float, known: Callable[[], bool], ending: Callable[[], bool]) -> None:
        """`known` tells whether the database knows of everybody, `ending` whether nobody may wait here for long any more."""
        self._engine = engine
        self._lease_s = lease_s
        self._known = known
        self._ending = ending
        self._waiting: dict[asyncio.Future[None], tuple[int, float]] = {}
        self._is_new = False
        self._looking: asyncio.Task[None] | None = None

    async def applied(self, revision: int) -> None:
        """Once the revision is committed: wait until every process has reported it, or cannot answer without having seen it.

        Raises OutcomeUnknown where this process is to end before that.
        """
        waited: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[waited], self._is_new = (revision, monotonic()), True
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        try:
            await waited
        finally:
            self._waiting.pop(waited, None)

    async def _look(self) -> None:
        longest, pause, asked = self._lease_s, _FIRST_PAUSE_S, _Asked()
        while self._waiting:
            if asked.answered():
                is_new, self._is_new = self._is_new, False
                asked = _Asked(held_by_all(self._engine, ask=is_new))
            least = await asked.least()
            if least is None:  # then the leases have to run out
                self._is_new = True
            else:
                longest = max(longest, least.lease_s or 0)
            for waited, (revision, since) in self._waiting.items():
                # Who began to wait while we looked may have written after what we saw.
                seen = least is not None and since < asked.at and self._known()
                everywhere = seen and least is not None and (least.revision is None or least.revision >= revision)
                if (everywhere or monotonic() - since > longest * MARGIN) and not waited.done():
                    waited.set_result(None)
                elif self._ending() and not waited.done():
                    why = f"revision {revision} has it; this process ends before everybody is known to"
                    waited.set_exception(OutcomeUnknown(why))
            pause = _FIRST_PAUSE_S if self._is_new and least is not None else min(pause * 1.5, _LONGEST_PAUSE_S)
            await asyncio.sleep(pause)


class _Asked:
    """A look at the database that may never end: it is not waited for longer than is patient, and not cancelled either.

    For a connection that is silent is not given back by who has lost patience until its own time-out is over.
    """

    def __init__(self, looking: Coroutine[Any, Any, Least] | None = None) -> None:
        self.at = monotonic()
        self._task = None if looking is None else asyncio.create_task(looking)

    def answered(self) -> bool:
        return self._task is None or self._task.done()

    async def least(self) -> Least | None:
        """What it found; None where it failed, or has not ended yet."""
        assert self._task is not None
        await asyncio.wait({self._task}, timeout=_PATIENCE_S)
        if not self._task.done():
            return None
        error = self._task.exception()
        if error is not None:
            logger.warning("not_seen_everywhere_yet", error=type(error).__name__)
            return None
        return self._task.result()
