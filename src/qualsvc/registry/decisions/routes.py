"""`GET /v1/decisions` and `GET /v1/decisions/{decision_id}`: what was answered to whom, newest first, and one in full."""

from fastapi import APIRouter, Request, Response

from qualsvc.http.bodies import JSON, query_parameters, require_readable_path
from qualsvc.http.problems import FieldError
from qualsvc.registry.answers import answer
from qualsvc.registry.decisions import described
from qualsvc.registry.decisions.asked import FILTERS, cursor_at, place_of, sought
from qualsvc.registry.decisions.whole import found
from qualsvc.registry.lists import DEFAULT_LIMIT, MAX_LIMIT, refuse, whole_number
from qualsvc.registry.wiring import wired
from qualsvc.store.decisions import page


def decisions_router() -> APIRouter:
    """The list, and one decision."""
    router = APIRouter(prefix="/v1/decisions", tags=["decision"])

    @router.get("", **described.listing())
    async def list_decisions(request: Request) -> Response:
        wiring = wired(request)
        wiring.authorise(request, "read")
        parameters = query_parameters(request, ("limit", "cursor", *FILTERS))
        errors: list[FieldError] = []
        limit = whole_number(parameters, "limit", 1, MAX_LIMIT, errors) or DEFAULT_LIMIT
        after = place_of(parameters, errors)
        which = sought(parameters, errors)
        refuse(errors)
        async with wiring.engine.connect() as connection:
            answers = await page(connection, which, limit + 1, after)
        more = cursor_at(answers[limit - 1].place) if len(answers) > limit else None
        return answer({"items": [each.summary for each in answers[:limit]], "next_cursor": more})

    @router.get("/{decision_id}", **described.reading())
    async def get_decision(request: Request, decision_id: str) -> Response:
        wiring = wired(request)
        wiring.authorise(request, "read")
        query_parameters(request)
        require_readable_path(request)
        told = await found(wiring.engine, wiring.spool, decision_id)
        return Response(told.encode(), media_type=JSON)

    return router
