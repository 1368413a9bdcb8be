"""`POST /v1/decisions/{decision_id}/replay`: whether a decision comes out today as it was answered."""

import asyncio
import logging
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Request, Response
from prometheus_client import CollectorRegistry, Counter
from pydantic import Field

from qualsvc import zones
from qualsvc.http.bodies import query_parameters, require_no_body, require_readable_path
from qualsvc.http.declared import Described, Told, needs, problems
from qualsvc.http.problems import Problem
from qualsvc.registry.answers import answer
from qualsvc.registry.decisions.whole import place_named
from qualsvc.registry.wiring import wired
from qualsvc.replaying.replays import Replayed, Replays
from qualsvc.replica.past import Past
from qualsvc.spool.reading import record_of
from qualsvc.store.errors import RecordNotFound

logger = logging.getLogger("qualsvc.replaying")


class ReplayDifference(Told):
    """A field that is not as it was answered."""

    pointer: Annotated[str, Field(examples=["/answer/decision"])]
    """JSON pointer into the record; `/columns/decision` is the column that lists and filters go by."""
    logged: Annotated[Any, Field(examples=["allow"])] = None
    """As it was answered; absent where it was not there."""
    recomputed: Annotated[Any, Field(examples=["deny"])] = None
    """As it comes out now, of a column as the record says; absent where it is not there."""


class ReplayAnswer(Told):
    """A decision reckoned anew from the facts of its revision."""

    decision_id: Annotated[str, Field(examples=["hsmdgaoslezht4na-1042"])]
    """The decision."""
    revision: Annotated[int, Field(examples=[4211])]
    """The revision it was answered from."""
    agrees: Annotated[bool, Field(examples=[True])]
    """True: it comes out the same in every field. False is an alarm, and is logged as one."""
    impossible: Annotated[str | None, Field(examples=[None])]
    """Why it could not be reckoned; null when it could."""
    differences: Annotated[list[ReplayDifference], Field(examples=[[]])]
    """Every field that differs."""
    tzdata: Annotated[str | None, Field(examples=["2026.3"])]
    """The rules of time zones it was answered by; null when they are not on record."""
    tzdata_now: Annotated[str, Field(examples=["2026.3"])]
    """Those it was reckoned by now; where they differ, so may dates."""


def replay_router(past: Past, registry: CollectorRegistry) -> APIRouter:
    """The one route of replays."""
    alarm = Counter("qualsvc_replay_disagreements", "Decisions that did not come out as they were answered", registry=registry)
    router = APIRouter(prefix="/v1/decisions", tags=["decision"])

    @router.post("/{decision_id}/replay", **_described())
    async def replay_decision(request: Request, decision_id: str) -> Response:
        wiring = wired(request)
        wiring.authorise(request, "read")
        query_parameters(request)
        require_readable_path(request)
        await require_no_body(request, "all a replay needs is on record")
        wiring.held()
        place = place_named(decision_id)
        found = None if place is None else await Replays(wiring.engine, past).of(*place)
        if found is None:
            if place is not None and await asyncio.to_thread(record_of, wiring.spool, *place) is not None:
                raise Problem(404, "record_not_found", f"{decision_id} is not in the database yet; try again in a second")
            raise RecordNotFound("decision", decision_id)
        if found.differences:
            alarm.inc()
            logger.error("replay of decision %s disagrees: %s", found.decision_id, _pointers(found))
        return answer(
            {
                "decision_id": found.decision_id,
                "revision": found.revision,
                "agrees": found.agrees,
                "impossible": found.impossible,
                "differences": msgspec.to_builtins(found.differences),
                "tzdata": found.boot.tzdata,
                "tzdata_now": zones.VERSION,
            }
        )

    return router


def _pointers(found: Replayed) -> str:
    return ", ".join(each.pointer for each in found.differences)


def _described() -> Described:
    return {
        "operation_id": "replay_decision",
        "summary": "Reckon a decision anew, and compare it in every field",
        "description": "From the facts of its revision, by this version's kernel. A decision is there about a second after it "
        "was answered; before that it is 404. No body is sent.",
        "responses": {200: {"description": "How it comes out.", "model": ReplayAnswer}}
        | problems(400, "malformed_path", "unexpected_body", "incomplete_body", 404, "busy", 503),
        "openapi_extra": {"security": needs("read")},
    }
