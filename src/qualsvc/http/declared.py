"""Words of the OpenAPI document that all routers share: problems, headers, parameters, bodies, the scope of a key."""

from http import HTTPStatus
from typing import Any

from pydantic import BaseModel, ConfigDict

from qualsvc.http.codes import CODES
from qualsvc.http.problems import MEDIA_TYPE
from qualsvc.records.describing import Describing

Described = dict[str, Any]
"""What a route says of itself, as keyword arguments of FastAPI's decorators."""

Responses = dict[int | str, dict[str, Any]]

_MEANING = {
    400: "The request cannot be understood; nothing was done.",
    401: "No valid API key.",
    403: "Not for this caller.",
    404: "No such record.",
    409: "What is there now stands in the way; `errors[]` names it. Nothing was changed.",
    412: "The record is not the one the caller means. Nothing was changed; `ETag` is its version now, if it is there.",
    413: "The body is too long.",
    415: "Not the media type that is read here.",
    422: "It cannot be kept so; `errors[]` names each fault by JSON pointer. Nothing was changed.",
    500: "A defect of ours.",
    503: "Not now; nothing is answered that is not known.",
}
_ALWAYS = ("unauthorized", "scope_missing", "stale", "clock_skew", "internal")
_USUAL: dict[int, tuple[str, ...]] = {
    400: ("malformed_query", "unknown_parameter"),
    401: (),
    403: (),
    404: ("record_not_found",),
    409: ("still_referenced",),
    412: ("precondition_failed",),
    413: ("body_too_large",),
    415: ("unsupported_media_type",),
    503: ("database_unavailable",),
}
PARAMETERS = ("repeated_parameter", "malformed_parameter")
"""What any request that takes parameters may be answered besides."""
WRITING = ("malformed_header", *PARAMETERS, "busy", "outcome_unknown", 503)
"""What any write may be answered besides."""
BODY = ("malformed_json", "incomplete_body", 413, 415)
"""What any request with a JSON body may be answered besides."""


class Told(BaseModel):
    """Base of the answers that are no records; the text below a field describes it."""

    model_config = ConfigDict(use_attribute_docstrings=Describing.wanted)


def problems(*asked: int | str | tuple[str, int]) -> Responses:
    """The problems an operation may answer with, besides those that any one behind a key may.

    A status stands for the codes it usually has, a code for the statuses it has in `CODES`, a pair for one of them.
    """
    codes: dict[int, list[str]] = {}
    for one in (*asked, *_ALWAYS):
        match one:
            case int():
                found = [(name, one) for name in _USUAL[one]]
            case str():
                found = [(one, status) for status in CODES[one].statuses]
            case _:
                found = [one]
        for name, status in found:
            assert status in CODES[name].statuses, f"{name} is no {status}"
            listed = codes.setdefault(status, [])
            if name not in listed:
                listed.append(name)
    return {status: problem(status, *codes[status]) for status in sorted(codes)}


def problem(status: int, *codes: str) -> dict[str, Any]:
    """One problem of an operation, with every code it can have."""
    listed = "\n".join(f"- `{code}`: {CODES[code].meaning}; {CODES[code].remedy}" for code in codes)
    found: dict[str, Any] = {
        "description": f"{_MEANING[status]}\n\n{listed}",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        "x-problem-codes": list(codes),
    }
    if headers := _HEADERS.get(HTTPStatus(status)):
        found["headers"] = {name: header(name) for name in headers}
    return found


_HEADERS: dict[int, tuple[str, ...]] = {401: ("WWW-Authenticate",), 412: ("ETag",), 503: ("Retry-After",)}


def header(name: str) -> dict[str, str]:
    """A header of answers, described among the components."""
    return {"$ref": f"#/components/headers/{name}"}


def parameter(name: str) -> dict[str, str]:
    """A parameter or header of requests, described among the components."""
    return {"$ref": f"#/components/parameters/{name}"}


def schema(name: str) -> dict[str, str]:
    """A schema among the components."""
    return {"$ref": f"#/components/schemas/{name}"}


def component(name: str) -> dict[str, Any]:
    """The same for a field of a `Told`: as its `json_schema_extra`, for pydantic looks up references itself."""
    return {"x-component": name}


def content(media_type: str, schema: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The content of a body or answer."""
    return {"content": {media_type: {"schema": schema, **more}}}


def body(required: bool, **contents: Any) -> Described:
    """The body of a request, by media type."""
    return {"requestBody": {"required": required, "content": contents}}


def needs(scope: str) -> list[dict[str, list[str]]]:
    """The `security` of an operation that needs a key with this scope."""
    return [{"key": [scope]}]


PUBLIC: list[dict[str, list[str]]] = []
"""The `security` of what is asked without a key."""
