"""`GET /v1/{path}/{code}/history`: who changed what, when, from what to what."""

from fastapi import APIRouter, Request, Response

from qualsvc.http.bodies import query_parameters, require_readable_path
from qualsvc.http.problems import FieldError
from qualsvc.records.kinds import Kind
from qualsvc.registry import described
from qualsvc.registry.answers import answer
from qualsvc.registry.cursors import unwrap, wrap
from qualsvc.registry.lists import DEFAULT_LIMIT, MAX_LIMIT, refuse, whole_number
from qualsvc.registry.wiring import wired
from qualsvc.store.history import history

_DIGITS = 18


def history_router(kind: Kind, below: str | None = None, beside: Kind | None = None) -> APIRouter:
    """The one route of the history of a kind's records; `below` is the path of one kept `beside` a record of another kind."""
    router = APIRouter(tags=[(beside or kind).name])

    @router.get(f"{below or f'/v1/{kind.path}/{{code}}'}/history", **described.history(kind))
    async def record_history(request: Request, code: str) -> Response:
        wiring = wired(request)
        wiring.authorise(request, "read")
        require_readable_path(request)
        limit, after = _page(kind, code, query_parameters(request, ("limit", "cursor")))
        found = await history(wiring.engine, kind, code, limit + 1, after, beside=beside)
        items = found[:limit]
        more = wrap(f"{kind.name}:{code}", str(items[-1]["revision"])) if len(found) > limit else None
        return answer({"items": items, "next_cursor": more})

    return router


def _page(kind: Kind, code: str, parameters: dict[str, str]) -> tuple[int, int]:
    errors: list[FieldError] = []
    limit = whole_number(parameters, "limit", 1, MAX_LIMIT, errors)
    after = 0
    if "cursor" in parameters:
        try:
            after = int(unwrap(f"{kind.name}:{code}", parameters["cursor"])[:_DIGITS])
        except ValueError:
            message = "not a cursor of this history; use `next_cursor` as it was given"
            errors.append(FieldError("?cursor", "malformed_parameter", message))
    refuse(errors)
    return limit or DEFAULT_LIMIT, after
