"""The one table from what our parts refuse with to problems on the wire, and the handlers that use it."""

import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from uuid import uuid4

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Match

from qualsvc.http.problems import FieldError, Problem, internal, invalid, malformed_json, rendered
from qualsvc.http.strict_json import MalformedJson
from qualsvc.records.faults import InvalidRecord, escape
from qualsvc.store import errors as store

logger = logging.getLogger("qualsvc.http")

_RETRY = {"Retry-After": "1"}


def _refused(status: int) -> Callable[[Any], Problem]:
    return lambda error: invalid(error.faults, error.total, status, "write_refused")


def _precondition_failed(error: store.PreconditionFailed) -> Problem:
    headers = {} if error.tag is None else {"ETag": error.tag}
    where = FieldError(error.header, "precondition_failed", str(error))
    return Problem(412, "precondition_failed", f"{error}; nothing was changed", [where], headers=headers)


# Domain error → problem; the first class that fits counts.
_DOMAIN: tuple[tuple[type[Exception], Callable[[Any], Problem]], ...] = (
    (InvalidRecord, lambda error: invalid(error.faults)),
    (store.StillReferenced, _refused(409)),
    (store.Conflict, _refused(409)),
    (store.Forbidden, _refused(403)),
    (store.PreconditionFailed, _precondition_failed),
    (
        store.KeyReused,
        lambda error: Problem(
            422,
            "idempotency_key_reused",
            str(error),
            [FieldError("Idempotency-Key", "idempotency_key_reused", "use a new key for each request")],
        ),
    ),
    (store.AdminRequired, _refused(403)),
    (store.WriteRefused, _refused(422)),
    (store.RecordNotFound, lambda error: Problem(404, "record_not_found", str(error))),
    (store.LogTooShort, lambda error: Problem(400, "before_log", str(error))),
    (store.Busy, lambda error: Problem(503, "busy", f"{error}; try again", headers=_RETRY)),
    (
        PoolExhausted,
        lambda _: Problem(503, "busy", "all connections to the database are in use; try again", headers=_RETRY),
    ),
    (store.DatabaseAway, lambda error: Problem(503, "database_unavailable", f"{error}; try again", headers=_RETRY)),
    (
        store.OutcomeUnknown,
        lambda error: Problem(503, "outcome_unknown", f"{error}: all was written or nothing; read the record back"),
    ),
    (MalformedJson, malformed_json),
    (ClientDisconnect, lambda _: Problem(400, "incomplete_body", "the connection ended before the body did")),
)


def problem_of(error: Exception) -> Problem:
    """What an error means on the wire; raises it again when it is none that is expected."""
    if isinstance(error, Problem):
        return error
    for domain, to_problem in _DOMAIN:
        if isinstance(error, domain):
            return to_problem(error)
    raise error


def install_problem_handlers(app: FastAPI) -> None:
    """Make every error of the app a problem, unexpected ones included."""

    async def expected(_: Request, error: Exception) -> Response:
        return await rendered(problem_of(error))

    app.add_exception_handler(Problem, expected)
    for domain, _ in _DOMAIN:
        app.add_exception_handler(domain, expected)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(DBAPIError, _database)
    app.add_exception_handler(Exception, _internal)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    headers = {"Allow": _allowed(request)} if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED else error.headers
    known = {
        404: ("not_found", "there is nothing at this path; see /docs for what there is"),
        405: ("method_not_allowed", "this path does not take this method; see the `Allow` header"),
    }
    code, detail = known.get(error.status_code, (HTTPStatus(error.status_code).name.lower(), str(error.detail)))
    return Problem(error.status_code, code, detail, headers=headers).response()


def _allowed(request: Request) -> str:
    """Every method of the path; the framework would name those of the first route that fits."""

    def taken(method: str) -> bool:
        scope = dict(request.scope) | {"method": method}
        return any(route.matches(scope)[0] is Match.FULL for route in request.app.router.routes)

    return ", ".join(method for method in ("DELETE", "GET", "PATCH", "POST", "PUT") if taken(method))


async def _validation(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    found = [
        FieldError("".join(f"/{escape(str(part))}" for part in each["loc"][1:]), each["type"], each["msg"].lower())
        for each in error.errors()
    ]
    return Problem(400, "invalid_request", "the request is not as the documentation says", found).response()


async def _database(request: Request, error: Exception) -> Response:
    assert isinstance(error, DBAPIError)
    if error.connection_invalidated:
        return problem_of(store.DatabaseAway("the connection to the database was lost")).response()
    return await _internal(request, error)


async def _internal(request: Request, error: Exception) -> Response:
    request_id = request.headers.get("x-request-id") or uuid4().hex
    logger.error("request %s failed: %s %s", request_id, request.method, request.url.path, exc_info=error)
    return internal(request_id).response()
