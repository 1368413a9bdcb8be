"""Bodies and parameters of requests, read no further than they may be long."""

import re
from collections.abc import AsyncIterator, Collection
from typing import Any
from urllib.parse import parse_qsl, unquote_to_bytes

from starlette.requests import Request

from qualsvc.http.problems import FieldError, Problem
from qualsvc.http.strict_json import loads

RECORD_LIMIT = 1 << 20
_MUCH = 1024
JSON = "application/json"
MERGE_PATCH = "application/merge-patch+json"
NDJSON = "application/x-ndjson"

_PARAMETER = re.compile(r'\s*;\s*([!#$%&\'*+.^_`|~0-9A-Za-z-]+)=("[^"]*"|[^\s;"]+)\s*')


async def read_json(request: Request, accepted: Collection[str] = (JSON,), limit: int = RECORD_LIMIT) -> Any:
    """The JSON of a body of at most `limit` bytes. Raises `Problem` 413 or 415, or `MalformedJson`."""
    return loads(await read_body(request, accepted, limit))


async def read_body(request: Request, accepted: Collection[str], limit: int) -> bytearray:
    """A body of an accepted media type, of at most `limit` bytes. Raises `Problem` 413 or 415."""
    require_media_type(request, accepted)
    body = bytearray()
    async for chunk in limited(request, limit):
        body += chunk
    return body


async def limited(request: Request, limit: int) -> AsyncIterator[bytes]:
    """The body as it comes, until it is longer than it may be."""
    length = 0
    declared = request.headers.get("content-length", "")
    if declared.isascii() and declared.isdigit() and len(declared) < 20 and int(declared) > limit:
        raise too_large(limit)
    async for chunk in request.stream():
        length += len(chunk)
        if length > limit:
            raise too_large(limit)
        yield chunk


async def require_no_body(request: Request, why: str) -> bytes:
    """Refuse a body that says anything; answers what was sent. Raises `Problem` 400 or 413."""
    body = b"".join([chunk async for chunk in limited(request, _MUCH)]).strip()
    if body not in {b"", b"{}"}:
        raise Problem(400, "unexpected_body", f"send no body: {why}")
    return body


def too_large(limit: int) -> Problem:
    """The body exceeds its limit in bytes."""
    return Problem(413, "body_too_large", f"the body is longer than {limit} bytes; send less at a time")


def require_media_type(request: Request, accepted: Collection[str]) -> None:
    """Refuse other media types, other character sets than UTF-8, and compressed bodies."""
    wanted = " or ".join(f"`{media_type}`" for media_type in accepted)
    given = request.headers.getlist("content-type")
    media_type, semicolon, rest = (given[0] if len(given) == 1 else "").partition(";")
    if media_type.strip().lower() not in accepted:
        raise Problem(415, "unsupported_media_type", f"send the body with `Content-Type:` {wanted}")
    for name, value in _PARAMETER.findall(semicolon + rest):
        if name.lower() == "charset" and value.strip('"').lower() not in {"utf-8", "utf8"}:
            raise Problem(415, "unsupported_media_type", "send the body in UTF-8; no other character set is read")
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise Problem(415, "unsupported_media_type", "send the body uncompressed; no `Content-Encoding` is read")


def query_parameters(request: Request, known: Collection[str] = ()) -> dict[str, str]:
    """The query's parameters, each known and given once. Raises `Problem` 400 naming each that is not."""
    query: bytes = request.scope["query_string"]
    try:
        pairs = parse_qsl(query.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=100)
    except ValueError:  # a UnicodeDecodeError too
        raise Problem(400, "malformed_query", "the query is not UTF-8, percent-encoded, of at most 100 parameters") from None
    found: dict[str, str] = {}
    errors = []
    for name, value in pairs:
        if name not in known:
            listed = ", ".join(f"`{each}`" for each in known) or "none"
            errors.append(FieldError(f"?{name[:80]}", "unknown_parameter", f"unknown; known here are {listed}"))
        elif name in found:
            errors.append(FieldError(f"?{name}", "repeated_parameter", "give it once"))
        elif "\0" in value:
            errors.append(FieldError(f"?{name}", "malformed_parameter", "contains a NUL character"))
        found[name] = value
    if errors:
        raise Problem(400, errors[0].code, "the query cannot be answered as it is", errors)
    return found


def require_readable_path(request: Request) -> None:
    """Refuse a path that is not UTF-8 once decoded, which the server would have mended without a word."""
    try:
        unquote_to_bytes(request.scope.get("raw_path") or b"").decode()
    except UnicodeDecodeError:
        raise Problem(400, "malformed_path", "the path is not percent-encoded UTF-8") from None
