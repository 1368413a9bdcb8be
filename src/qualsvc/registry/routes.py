"""Maintaining one record at a time: list, read, replace, merge, delete; the same five routes for every kind."""

import re

from fastapi import APIRouter, Request, Response

from qualsvc.http.bodies import JSON, MERGE_PATCH, query_parameters, read_json, require_readable_path
from qualsvc.http.problems import FieldError, Problem, invalid
from qualsvc.records.documents import Document
from qualsvc.records.faults import Fault, quote
from qualsvc.records.fields import is_code
from qualsvc.records.kinds import Kind
from qualsvc.records.model import read_record
from qualsvc.registry import described
from qualsvc.registry.cursors import code_before, cursor_after
from qualsvc.registry.wiring import Wiring, request_id
from qualsvc.store import reading
from qualsvc.store.changing import to_json
from qualsvc.store.errors import RecordNotFound
from qualsvc.store.operations import Actor, Delete, Operation, Outcome, Patch, Replace, Written
from qualsvc.store.writing import write

MAX_LIMIT = 1000
DEFAULT_LIMIT = 50

_LIMIT = re.compile(r"[0-9]{1,4}")


def record_router(kind: Kind, wiring: Wiring) -> APIRouter:
    """The routes of one kind under `/v1/{path}`."""
    router = APIRouter(prefix=f"/v1/{kind.path}", tags=[kind.name])

    @router.get("", **described.listing(kind))
    async def list_records(request: Request) -> Response:
        wiring.authorise(request, "read")
        limit, after = _page(kind, query_parameters(request, ("limit", "cursor")))
        found = await reading.page(wiring.engine(request), kind, limit + 1, after)
        items = found[:limit]
        more = cursor_after(kind, items[-1]["code"]) if len(found) > limit else None
        return _answer({"items": items, "next_cursor": more})

    @router.get("/{code}", **described.reading(kind))
    async def get_record(request: Request, code: str) -> Response:
        wiring.authorise(request, "read")
        _plain(request)
        return _answer(await reading.get(wiring.engine(request), kind, code))

    @router.put("/{code}", **described.replacing(kind))
    async def put_record(request: Request, code: str) -> Response:
        actor = wiring.authorise(request, "maintain")
        _plain(request)
        document = await read_json(request)
        if isinstance(document, dict):
            if document.get("code") is not None and document["code"] != code:
                fault = Fault("/code", "code_mismatch", f"{quote(document['code'])} is not the code of the path; leave it out")
                raise invalid([fault])
            document = document | {"code": code}
        written = await _write(request, actor, Replace(kind, read_record(kind.model, document)))
        created = written.steps[0].outcome is Outcome.CREATED
        return _answer(written.steps[0].after, 201 if created else 200, written.revision)

    @router.patch("/{code}", **described.merging(kind))
    async def patch_record(request: Request, code: str) -> Response:
        actor = wiring.authorise(request, "maintain")
        _plain(request)
        merge = await read_json(request, (MERGE_PATCH, JSON))
        if not isinstance(merge, dict):
            raise invalid([Fault("", "wrong_type", "a merge patch of a record must be a JSON object")])
        written = await _write(request, actor, Patch(kind, code, merge))
        return _answer(written.steps[0].after, 200, written.revision)

    @router.delete("/{code}", **described.deleting(kind))
    async def delete_record(request: Request, code: str) -> Response:
        actor = wiring.authorise(request, "maintain")
        _plain(request)
        written = await _write(request, actor, Delete(kind, code))
        return Response(status_code=204, headers={"Revision": str(written.revision)})

    async def _write(request: Request, actor: Actor, operation: Operation) -> Written:
        if not is_code(operation.code):
            raise RecordNotFound(kind.name, operation.code)
        written = await write(wiring.writer(request), actor, [operation], request_id=request_id(request))
        await wiring.applied(request, written.revision)
        return written

    return router


def _plain(request: Request) -> None:
    """A request for one record takes no parameters."""
    query_parameters(request)
    require_readable_path(request)


def _page(kind: Kind, parameters: dict[str, str]) -> tuple[int, str | None]:
    limit, cursor = parameters.get("limit", str(DEFAULT_LIMIT)), parameters.get("cursor")
    if not _LIMIT.fullmatch(limit) or not 1 <= int(limit) <= MAX_LIMIT:
        raise _bad("limit", f"{quote(limit)} must be a whole number from 1 to {MAX_LIMIT}")
    try:
        return int(limit), None if cursor is None else code_before(kind, cursor)
    except ValueError:
        raise _bad("cursor", "not a cursor of this list; use `next_cursor` as it was given") from None


def _bad(name: str, message: str) -> Problem:
    error = FieldError(f"?{name}", "malformed_parameter", message)
    return Problem(400, error.code, f"the parameter `{name}` cannot be read", [error])


def _answer(document: Document | None, status: int = 200, revision: int | None = None) -> Response:
    headers = {} if revision is None else {"Revision": str(revision)}
    return Response(to_json(document).encode(), status, headers, JSON)
