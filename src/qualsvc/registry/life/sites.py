"""`GET /v1/sites/{code}/present`: who is on the site."""

from fastapi import APIRouter, Request, Response

from qualsvc.http.bodies import query_parameters, require_readable_path
from qualsvc.http.problems import FieldError
from qualsvc.kernel.instants import InstantError, parse_instant
from qualsvc.records.faults import quote
from qualsvc.records.fields import is_code
from qualsvc.records.kinds import KINDS
from qualsvc.registry.answers import answer
from qualsvc.registry.cursors import unwrap, wrap
from qualsvc.registry.life import described
from qualsvc.registry.life.presence import present
from qualsvc.registry.lists import DEFAULT_LIMIT, MAX_LIMIT, refuse, whole_number
from qualsvc.registry.wiring import wired
from qualsvc.store.errors import RecordNotFound

_SITE = KINDS["site"]


def sites_router() -> APIRouter:
    """The one list."""
    router = APIRouter(prefix=f"/v1/{_SITE.path}", tags=[_SITE.name])

    @router.get("/{code}/present", **described.presence())
    async def list_present(request: Request, code: str) -> Response:
        wiring = wired(request)
        wiring.authorise(request, "read")
        require_readable_path(request)
        at, limit, after = _asked(code, query_parameters(request, ("at", "limit", "cursor")))
        if not is_code(code):
            raise RecordNotFound(_SITE.name, code)
        found = await present(wiring.engine, code, wiring.now() if at is None else at, limit + 1, after)
        items = found[:limit]
        more = wrap(_list(code), f"{items[-1]['person']} {items[-1]['stay']}") if len(found) > limit else None
        return answer({"items": items, "next_cursor": more})

    return router


def _list(site: str) -> str:
    return f"present:{site}"


def _asked(site: str, parameters: dict[str, str]) -> tuple[int | None, int, tuple[str, str] | None]:
    errors: list[FieldError] = []
    at, after = None, None
    limit = whole_number(parameters, "limit", 1, MAX_LIMIT, errors)
    if "at" in parameters:
        try:
            at = parse_instant(parameters["at"])
        except InstantError as error:
            errors.append(FieldError("?at", "malformed_parameter", f"{quote(parameters['at'])}: {error}"))
    if "cursor" in parameters:
        try:
            person, stay = unwrap(_list(site), parameters["cursor"]).split(" ")
            if not (is_code(person) and is_code(stay)):
                raise ValueError("not a cursor of this list")  # noqa: TRY301 -- refused like whatever else is no cursor
            after = person, stay
        except ValueError:
            message = "not a cursor of this list; use `next_cursor` as it was given"
            errors.append(FieldError("?cursor", "malformed_parameter", message))
    refuse(errors)
    return at, limit or DEFAULT_LIMIT, after
