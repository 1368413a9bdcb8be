"""`?wait=replicas`: a write that is answered when nobody answers from before it any more."""

import asyncio
from collections.abc import Sequence
from time import monotonic

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.requests import Request

from qualsvc.http.bodies import query_parameters
from qualsvc.http.problems import FieldError, Problem
from qualsvc.records.faults import quote
from qualsvc.replica.silence import MARGIN
from qualsvc.store.replicas import behind

logger = structlog.get_logger("qualsvc.replica")

WAIT = "wait"
_REPLICAS = "replicas"
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.005, 0.1


def write_parameters(request: Request, known: Sequence[str] = ()) -> dict[str, str]:
    """The parameters of a write: those known, and `wait`. Raises Problem 400 as `query_parameters` does."""
    parameters = query_parameters(request, (*known, WAIT))
    wanted = parameters.pop(WAIT, _REPLICAS)
    if wanted != _REPLICAS:
        error = FieldError(f"?{WAIT}", "malformed_parameter", f"{quote(wanted)} must be `{_REPLICAS}`, or left out")
        raise Problem(400, error.code, "the query cannot be answered as it is", [error])
    return parameters


async def applied_everywhere(engine: AsyncEngine, revision: int, lease_s: float) -> None:
    """Wait until every process has reported the revision, or cannot answer without having seen it.

    INVARIANT: that is so at the latest when the longest lease there is has passed since the commit, whatever becomes of the
    database meanwhile: a lease that runs then was renewed after it.
    """
    began, longest, pause = monotonic(), lease_s, _FIRST_PAUSE_S
    ask = True
    while monotonic() - began <= longest * MARGIN:
        try:
            found = await behind(engine, revision, ask=ask)
        except (OSError, DBAPIError, PoolExhausted) as error:
            logger.warning("not_seen_everywhere_yet", revision=revision, error=type(error).__name__)
            ask = True
        else:
            if not found.number:
                return
            longest, ask = max(longest, found.lease_s or 0), False
        await asyncio.sleep(pause)
        pause = min(pause * 1.5, _LONGEST_PAUSE_S)
