"""What the OpenAPI document says of the registry's routes."""

from typing import Any, get_args

from pydantic import BaseModel

from qualsvc.http.bodies import JSON, MERGE_PATCH, NDJSON
from qualsvc.records.kinds import KINDS, Kind
from qualsvc.registry.lists import DEFAULT_LIMIT, MAX_DAYS, MAX_LIMIT, enumerations, filters
from qualsvc.store.conditions import Condition

Described = dict[str, Any]


class BulkAnswer(BaseModel):
    """What a bulk request did: the revision it made, or the current one when it changed nothing."""

    revision: int
    created: int
    changed: int
    unchanged: int
    deleted: int


class Changed(BaseModel):
    """One change of a record: who made it by which key, when, from what to what; personal fields are named, not told."""

    revision: int
    at: str
    key: str
    key_name: str | None
    request_id: str | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    personal: list[str]


class HistoryPage(BaseModel):
    """Some changes of a record, oldest first."""

    items: list[Changed]
    next_cursor: str | None


_REVISION = {"Revision": {"description": "the revision after the write", "schema": {"type": "integer"}}}
_TAG = {"ETag": {"description": "the version of the record, to be sent back in `If-Match`", "schema": {"type": "string"}}}
_MEANING = {
    400: "malformed: JSON, query or path",
    401: "no valid API key",
    403: "the key's scopes do not reach so far",
    404: "no such record",
    409: "what is there now stands in the way; `errors[]` names it",
    412: "the record is not the one that `If-Match` or `If-None-Match` means",
    413: "the body is too long",
    415: "not the media type this takes",
    422: "the record cannot be kept; each fault is named",
    503: "the database or the ledger cannot take it now",
}


def _problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    # declared beside the ask path, whose document is part of the same
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        status: {"description": _MEANING[status], "content": {"application/problem+json": {"schema": schema}}}
        for status in (*statuses, 503)
    }


def _record(kind: Kind, description: str, *, headers: bool = True) -> dict[str, Any]:
    found: dict[str, Any] = {"description": description, "model": kind.model}
    return found | {"headers": _TAG | (_REVISION if headers else {})}


def _schema_of(kind: Kind) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{kind.model.__name__}"}


def _body(*contents: tuple[str, Any]) -> Described:
    return {"requestBody": {"required": True, "content": {media: {"schema": schema} for media, schema in contents}}}


def listing(kind: Kind) -> Described:
    """Of `GET /v1/{path}`."""
    schema = {
        "type": "object",
        "required": ["items", "next_cursor"],
        "properties": {
            "items": {"type": "array", "items": _schema_of(kind)},
            "next_cursor": {"type": ["string", "null"], "description": "ask on with it; null on the last page"},
        },
    }
    return {
        "operation_id": f"list_{kind.name}",
        "summary": f"List {kind.path.replace('-', ' ')} by code",
        "responses": {200: {"description": "one page", "content": {JSON: {"schema": schema}}}} | _problems(400, 401, 403),
        "openapi_extra": {"parameters": [*_PAGE, *(_filter(kind, name) for name in filters(kind))]},
    }


_PAGE = (
    {
        "name": "limit",
        "in": "query",
        "schema": {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
    },
    {"name": "cursor", "in": "query", "schema": {"type": "string"}, "description": "`next_cursor` of the page before"},
)


def _filter(kind: Kind, name: str) -> dict[str, Any]:
    values = enumerations(kind) | {"condition": get_args(Condition)}
    schema: dict[str, Any] = {"type": "string"}
    if name in values:
        schema["enum"] = list(values[name])
    elif name == "expiring_within_days":
        schema = {"type": "integer", "minimum": 0, "maximum": MAX_DAYS}
    return {"name": name, "in": "query", "schema": schema, "description": f"only records with this `{name}`"}


def history(kind: Kind) -> Described:
    """Of `GET /v1/{path}/{code}/history`."""
    return {
        "operation_id": f"history_of_{kind.name}",
        "summary": f"Who changed one {_spoken(kind)}, when, from what to what",
        "responses": {200: {"description": "one page, oldest first", "model": HistoryPage}} | _problems(400, 401, 403, 404),
        "openapi_extra": {"parameters": list(_PAGE)},
    }


def verdict(name: str) -> Described:
    """Of `POST /v1/waivers/{code}/approve|reject|revoke`."""
    kind = KINDS["waiver"]
    return {
        "operation_id": f"{name}_waiver",
        "summary": f"{name.capitalize()} a waiver, as another one than who asked and whom it is for",
        "responses": {200: _record(kind, "the waiver")} | _problems(400, 401, 403, 404, 409, 412, 413, 422),
    }


def reading(kind: Kind) -> Described:
    """Of `GET /v1/{path}/{code}`."""
    return {
        "operation_id": f"get_{kind.name}",
        "summary": f"Read one {_spoken(kind)}",
        "responses": {200: _record(kind, "the record", headers=False)} | _problems(400, 401, 403, 404),
    }


def replacing(kind: Kind) -> Described:
    """Of `PUT /v1/{path}/{code}`."""
    # Here the code is that of the path, so the body need not repeat it.
    schema = kind.model.model_json_schema()
    schema["required"] = [name for name in schema.get("required", ()) if name != "code"]
    answers = {200: _record(kind, "replaced, or unchanged"), 201: _record(kind, "created")}
    return {
        "operation_id": f"put_{kind.name}",
        "summary": f"Create or replace one {_spoken(kind)}",
        "responses": answers | _problems(400, 401, 403, 412, 413, 415, 422),
        "openapi_extra": _body((JSON, schema)),
    }


def merging(kind: Kind) -> Described:
    """Of `PATCH /v1/{path}/{code}`."""
    schema = {"type": "object", "description": f"RFC 7396 merge patch of a {_spoken(kind)}"}
    return {
        "operation_id": f"patch_{kind.name}",
        "summary": f"Change some fields of one {_spoken(kind)}",
        "responses": {200: _record(kind, "changed, or unchanged")} | _problems(400, 401, 403, 404, 412, 413, 415, 422),
        "openapi_extra": _body((MERGE_PATCH, schema), (JSON, schema)),
    }


def deleting(kind: Kind) -> Described:
    """Of `DELETE /v1/{path}/{code}`."""
    return {
        "operation_id": f"delete_{kind.name}",
        "summary": f"Delete one {_spoken(kind)} that nothing refers to",
        "status_code": 204,
        "responses": {204: {"description": "deleted", "headers": _REVISION}} | _problems(400, 401, 403, 404, 409, 412),
    }


def bulk() -> Described:
    """Of `POST /v1/bulk`."""
    schema = {"type": "string", "description": "one JSON object a line: a record with its `kind`, or `op: delete`"}
    return {
        "operation_id": "bulk",
        "summary": "Write and delete many records at once, all or nothing",
        "responses": {200: {"description": "all done", "headers": _REVISION, "model": BulkAnswer}}
        | _problems(400, 401, 403, 409, 413, 415, 422),
        "openapi_extra": _body((NDJSON, schema)),
    }


def _spoken(kind: Kind) -> str:
    return kind.name.replace("_", " ")
