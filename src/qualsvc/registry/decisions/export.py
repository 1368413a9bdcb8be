"""`GET /v1/decisions/export`: every decision of a time, oldest first, however many, in constant memory."""

import csv
import io
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from qualsvc.http.bodies import NDJSON, query_parameters
from qualsvc.http.problems import FieldError
from qualsvc.records.faults import quote
from qualsvc.registry.decisions import described
from qualsvc.registry.decisions.asked import FILTERS, malformed, sought
from qualsvc.registry.decisions.described import CSV
from qualsvc.registry.lists import refuse
from qualsvc.registry.wiring import wired
from qualsvc.store.decisions import Answer, every, whole
from qualsvc.store.pacing import paced

COLUMNS = (
    *("decision_id", "asked_at", "at", "at_given", "known_at", "site", "person", "equipment", "process", "decision"),
    *("purpose", "key", "revision", "reasons", "hash"),
)
_TAKEN_FOR_FORMULAS = ("=", "+", "-", "@", "\t", "\r")
"""A sheet would reckon what begins so: whoever asks chooses the words in it."""


def export_router() -> APIRouter:
    """The one route."""
    router = APIRouter(prefix="/v1/decisions", tags=["decision"])

    @router.get("/export", **described.export())
    async def export_decisions(request: Request) -> StreamingResponse:
        wiring = wired(request)
        wiring.authorise(request, "read")
        parameters = query_parameters(request, ("format", *FILTERS))
        errors: list[FieldError] = []
        given = parameters.get("format", "ndjson")
        if given not in _FORMATS:
            errors.append(malformed("format", f"{quote(given)} must be one of {', '.join(_FORMATS)}"))
        which = sought(parameters, errors)
        refuse(errors)
        media_type, heading, line = _FORMATS[given]
        parts = every(wiring.engine, which)
        first = await _next(parts)  # what can fail fails before anything is said
        headers = {"Content-Type": media_type, "Content-Disposition": f'attachment; filename="decisions.{given}"'}
        return StreamingResponse(_lines(heading, line, first, parts), headers=headers)

    return router


async def _lines(
    heading: str, line: Callable[[Answer], str], first: Sequence[Answer], parts: AsyncIterator[list[Answer]]
) -> AsyncIterator[bytes]:
    if heading:
        yield heading.encode()
    part: Sequence[Answer] = first
    while part:
        yield "".join([line(answer) async for answer in paced(part)]).encode()
        part = await _next(parts)


async def _next(parts: AsyncIterator[list[Answer]]) -> list[Answer]:
    return await anext(parts, [])


def _json_line(answer: Answer) -> str:
    return whole(answer.place[1], answer.place[2], answer.payload, answer.hash) + "\n"


def _csv_line(answer: Answer) -> str:
    row = answer.summary | {"reasons": " ".join(answer.summary["reasons"]), "hash": answer.hash.hex()}
    return _csv([_cell(row[name]) for name in COLUMNS])


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    return f"'{value}" if isinstance(value, str) and value.startswith(_TAKEN_FOR_FORMULAS) else value


def _csv(cells: Sequence[Any]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()


_FORMATS: dict[str, tuple[str, str, Callable[[Answer], str]]] = {
    "ndjson": (NDJSON, "", _json_line),
    "csv": (CSV, _csv(COLUMNS), _csv_line),
}
"""Media type, heading, and how an answer becomes a line."""
