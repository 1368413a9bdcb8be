"""Maintaining one record at a time: list, read, replace, merge, delete; the same five routes for every kind."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import APIRouter, Request, Response

from qualsvc.http.bodies import JSON, MERGE_PATCH, query_parameters, read_json, require_readable_path
from qualsvc.http.problems import invalid
from qualsvc.records.documents import Document
from qualsvc.records.faults import Fault, quote
from qualsvc.records.fields import is_code
from qualsvc.records.kinds import Kind
from qualsvc.records.model import read_record
from qualsvc.registry import described
from qualsvc.registry.answers import answer
from qualsvc.registry.cursors import cursor_after
from qualsvc.registry.lists import page_of
from qualsvc.registry.preconditions import condition_of
from qualsvc.registry.waiting import write_parameters
from qualsvc.registry.wiring import told_besides, wired
from qualsvc.store import reading
from qualsvc.store.errors import RecordNotFound
from qualsvc.store.operations import Actor, Delete, Operation, Outcome, Patch, Replace, Written
from qualsvc.store.reading import Narrowing
from qualsvc.store.versions import entity_tag

Besides = Callable[[Request, Document], Coroutine[Any, Any, dict[str, Any]]]
"""What an answer to a write tells besides the record: the condition of a certificate, the warnings about a rule."""


def record_router(kind: Kind, besides: Besides | None = None) -> APIRouter:
    """The routes of one kind under `/v1/{path}`."""
    router = APIRouter(prefix=f"/v1/{kind.path}", tags=[kind.name])

    add_list(router, kind)

    @router.get("/{code}", **described.reading(kind))
    async def get_record(request: Request, code: str) -> Response:
        wiring = wired(request)
        wiring.authorise(request, "read")
        query_parameters(request)
        require_readable_path(request)
        if not is_code(code):
            raise RecordNotFound(kind.name, code)
        found = await reading.page(wiring.engine, kind, 1, None, Narrowing({"code": code}), at=wiring.now())
        if not found:
            raise RecordNotFound(kind.name, code)
        return answer(found[0], tag=entity_tag(_stored(found[0])))

    @router.put("/{code}", **described.replacing(kind))
    async def put_record(request: Request, code: str) -> Response:
        actor = _maintainer(request)
        condition = condition_of(request, creating=True)
        document = await read_json(request)
        if isinstance(document, dict):
            if document.get("code") is not None and document["code"] != code:
                fault = Fault("/code", "code_mismatch", f"{quote(document['code'])} is not the code of the path; leave it out")
                raise invalid([fault])
            document = document | {"code": code}
        record = read_record(kind.model, document)
        written = await _write(request, actor, Replace(kind, record, condition=condition))
        return await _written(request, written)

    @router.patch("/{code}", **described.merging(kind))
    async def patch_record(request: Request, code: str) -> Response:
        actor = _maintainer(request)
        condition = condition_of(request)
        merge = await read_json(request, (MERGE_PATCH, JSON))
        if not isinstance(merge, dict):
            raise invalid([Fault("", "wrong_type", "a merge patch of a record must be a JSON object")])
        written = await _write(request, actor, Patch(kind, code, merge, condition=condition))
        return await _written(request, written)

    @router.delete("/{code}", **described.deleting(kind))
    async def delete_record(request: Request, code: str) -> Response:
        actor = _maintainer(request)
        written = await _write(request, actor, Delete(kind, code, condition=condition_of(request)))
        return Response(status_code=204, headers={"Revision": str(written.revision)})

    async def _write(request: Request, actor: Actor, operation: Operation) -> Written:
        wiring = wired(request)
        if not is_code(operation.code):
            raise RecordNotFound(kind.name, operation.code)
        return await wiring.write(request, actor, [operation])

    async def _written(request: Request, written: Written) -> Response:
        step = written.steps[0]
        document = step.after or {}
        told = await told_besides(written.revision, besides(request, document)) if besides is not None else {}
        status = 201 if step.outcome is Outcome.CREATED else 200
        return answer(document | told, status, written.revision, entity_tag(document))

    def _stored(document: Document) -> Document:
        return {name: value for name, value in document.items() if name not in kind.derived}

    return router


def add_list(router: APIRouter, kind: Kind) -> None:
    """The list of a kind, under the path of the router."""

    @router.get("", **described.listing(kind))
    async def list_records(request: Request) -> Response:
        wiring = wired(request)
        wiring.authorise(request, "read")
        page = page_of(kind, request)
        found = await reading.page(wiring.engine, kind, page.limit + 1, page.after, page.narrowing, at=wiring.now())
        items = found[: page.limit]
        more = cursor_after(kind, items[-1]["code"]) if len(found) > page.limit else None
        return answer({"items": items, "next_cursor": more})


def _maintainer(request: Request) -> Actor:
    """Who writes one record; nothing but `wait` is asked besides it."""
    actor = wired(request).authorise(request, "maintain")
    write_parameters(request)
    require_readable_path(request)
    return actor
