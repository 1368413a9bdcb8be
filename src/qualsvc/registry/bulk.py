"""`POST /v1/bulk`: many records in one transaction and one revision, all or nothing."""

import asyncio
from collections import Counter
from time import perf_counter

from fastapi import APIRouter, Request, Response

from qualsvc.http.bodies import JSON, NDJSON, limited, query_parameters, require_media_type
from qualsvc.registry import described
from qualsvc.registry.lines import Reader, numbered_lines
from qualsvc.registry.wiring import Wiring, request_id
from qualsvc.store.changing import to_json
from qualsvc.store.operations import Outcome
from qualsvc.store.pacing import SLICE_S, paced
from qualsvc.store.writing import write

BULK_LIMIT = 128 << 20


def bulk_router(wiring: Wiring) -> APIRouter:
    """The one route of bulk requests."""
    router = APIRouter(prefix="/v1/bulk", tags=["bulk"])

    @router.post("", **described.bulk())
    async def bulk(request: Request) -> Response:
        actor = wiring.authorise(request, "maintain")
        query_parameters(request)
        require_media_type(request, (NDJSON,))
        reader = Reader()
        deadline = perf_counter() + SLICE_S
        async for number, line in numbered_lines(limited(request, BULK_LIMIT)):
            reader.read(number, line)
            if perf_counter() > deadline:  # asks go on meanwhile
                await asyncio.sleep(0)
                deadline = perf_counter() + SLICE_S
        operations = reader.close()
        written = await write(wiring.writer(request), actor, operations, request_id=request_id(request))
        await wiring.applied(request, written.revision)
        done: Counter[Outcome] = Counter()
        # Given back one by one: a hundred thousand records freed at once hold up the event loop for half a second.
        async for _ in paced(range(len(operations))):
            done[written.steps.pop().outcome] += 1
            operations.pop()
        answer = {"revision": written.revision} | {outcome.value: done[outcome] for outcome in Outcome}
        return Response(to_json(answer).encode(), 200, {"Revision": str(written.revision)}, JSON)

    return router
