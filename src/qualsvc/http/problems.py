"""Errors on the wire: RFC 9457 `application/problem+json`."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Any

from starlette.responses import Response

from qualsvc.http.strict_json import MalformedJson
from qualsvc.records.faults import Fault

MEDIA_TYPE = "application/problem+json"
MANY_ERRORS = 100
"""More errors than this are not named or rendered in one breath."""


_TITLES = {413: "Content Too Large", 422: "Unprocessable Content"}
"""The words of RFC 9110, which Python has had since 3.13 only."""


@dataclass(frozen=True, slots=True)
class FieldError:
    """One fault: JSON pointer (or parameter name), stable code, what to do, and the line of a bulk request."""

    pointer: str
    code: str
    message: str
    line: int | None = None


class Problem(Exception):  # noqa: N818 -- RFC 9457 calls it so
    """An answer that is not the one asked for. `code` is stable; `detail` is for a person."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        errors: Sequence[FieldError] = (),
        *,
        title: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.title = title or _TITLES.get(status) or HTTPStatus(status).phrase
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = dict(headers or {})

    def response(self) -> Response:
        """The problem as it goes over the wire."""
        body: dict[str, Any] = {
            "type": f"urn:qualsvc:problem:{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
        }
        # Each error by itself: one call over many thousands would hold the interpreter, and with it every ask.
        errors = b",".join(_to_bytes(_shown(error)) for error in self.errors)
        return Response(_to_bytes(body)[:-1] + b',"errors":[' + errors + b"]}", self.status, self.headers, MEDIA_TYPE)


def _shown(error: FieldError) -> dict[str, Any]:
    return {name: value for name, value in asdict(error).items() if value is not None}


def _to_bytes(body: Any) -> bytes:
    # Whatever a client sent may be repeated in a message, half surrogates too.
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")


async def rendered(problem: Problem) -> Response:
    """The response of a problem; that of very many errors is made aside, so that asks go on meanwhile."""
    if len(problem.errors) > MANY_ERRORS:
        return await asyncio.to_thread(problem.response)
    return problem.response()


def internal(request_id: str) -> Problem:
    """A defect of ours, to be found in the log by the id."""
    return Problem(500, "internal", f"something is wrong with qualsvc itself; look for request {request_id} in its log")


def malformed_json(error: MalformedJson) -> Problem:
    """A body that is not JSON as we read it."""
    where = FieldError(error.pointer, "malformed_json", str(error))
    return Problem(400, "malformed_json", f"the body is not valid JSON: {error}", [where])


def field_errors(faults: Sequence[Fault]) -> list[FieldError]:
    """Faults of records as they go over the wire."""
    return [FieldError(fault.pointer, fault.code, fault.message, fault.line) for fault in faults]


def invalid(faults: Sequence[Fault], total: int | None = None, status: int = 422, code: str = "invalid_record") -> Problem:
    """A problem that names every fault; one alone gives the problem its code."""
    number = len(faults) if total is None else total
    codes = {fault.code for fault in faults}
    counted = "1 error" if number == 1 else f"{number} errors"
    shown = "" if number == len(faults) else f", of which the first {len(faults)} are listed"
    detail = f"{counted}{shown}; nothing was changed"
    return Problem(status, codes.pop() if len(codes) == 1 and number == len(faults) else code, detail, field_errors(faults))
