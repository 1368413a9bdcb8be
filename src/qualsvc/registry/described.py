"""What the OpenAPI document says of the registry's routes."""

from typing import Any

from pydantic import BaseModel

from qualsvc.http.bodies import JSON, MERGE_PATCH, NDJSON
from qualsvc.records.kinds import Kind

Described = dict[str, Any]


class BulkAnswer(BaseModel):
    """What a bulk request did: the revision it made, or the current one when it changed nothing."""

    revision: int
    created: int
    changed: int
    unchanged: int
    deleted: int


_REVISION = {"Revision": {"description": "the revision after the write", "schema": {"type": "integer"}}}
_MEANING = {
    400: "malformed: JSON, query or path",
    401: "no valid API key",
    403: "the key's scopes do not reach so far",
    404: "no such record",
    409: "still referenced",
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
    return found | ({"headers": _REVISION} if headers else {})


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
    limit = {"type": "integer", "minimum": 1, "maximum": 1000, "default": 50}
    return {
        "operation_id": f"list_{kind.name}",
        "summary": f"List {kind.path.replace('-', ' ')} by code",
        "responses": {200: {"description": "one page", "content": {JSON: {"schema": schema}}}} | _problems(400, 401, 403),
        "openapi_extra": {
            "parameters": [
                {"name": "limit", "in": "query", "schema": limit},
                {"name": "cursor", "in": "query", "schema": {"type": "string"}},
            ]
        },
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
        "responses": answers | _problems(400, 401, 403, 413, 415, 422),
        "openapi_extra": _body((JSON, schema)),
    }


def merging(kind: Kind) -> Described:
    """Of `PATCH /v1/{path}/{code}`."""
    schema = {"type": "object", "description": f"RFC 7396 merge patch of a {_spoken(kind)}"}
    return {
        "operation_id": f"patch_{kind.name}",
        "summary": f"Change some fields of one {_spoken(kind)}",
        "responses": {200: _record(kind, "changed, or unchanged")} | _problems(400, 401, 403, 404, 413, 415, 422),
        "openapi_extra": _body((MERGE_PATCH, schema), (JSON, schema)),
    }


def deleting(kind: Kind) -> Described:
    """Of `DELETE /v1/{path}/{code}`."""
    return {
        "operation_id": f"delete_{kind.name}",
        "summary": f"Delete one {_spoken(kind)} that nothing refers to",
        "status_code": 204,
        "responses": {204: {"description": "deleted", "headers": _REVISION}} | _problems(400, 401, 403, 404, 409),
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
