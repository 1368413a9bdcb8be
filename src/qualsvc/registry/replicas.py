"""`GET /v1/replicas`: every process that answers, and how fresh it is."""

from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import Field

from qualsvc.http.bodies import query_parameters
from qualsvc.http.declared import Described, Told, needs, problems
from qualsvc.records.documents import Document, plain
from qualsvc.registry.answers import answer
from qualsvc.registry.wiring import wired
from qualsvc.store.replicas import Report, reports


class Replica(Told):
    """A process that answers, as it was seen last by the database."""

    replica: Annotated[str, Field(examples=["hsmdgaoslezht4na"])]
    """Its boot id: what its decision ids begin with."""
    host: Annotated[str, Field(examples=["plant-1"])]
    """Name of the host it runs on, as it calls itself."""
    pid: Annotated[int, Field(examples=[4711])]
    """Its process id there."""
    version: Annotated[str, Field(examples=["0.1.0"])]
    """Version of qualsvc it runs."""
    started_at: str
    """When it registered first, by the database's clock, in UTC."""
    revision: Annotated[int, Field(examples=[4211], ge=-1)]
    """What it held when it was seen last; -1 before its first load."""
    lag: Annotated[int, Field(examples=[0], ge=0)]
    """Revisions between that and the head."""
    age_ms: Annotated[int, Field(examples=[412], ge=0)]
    """Milliseconds since it was seen, by the database's clock. It reports once a second, and after each change."""
    lease_ms: Annotated[int, Field(examples=[10000], ge=0)]
    """Milliseconds it may go on answering after it was seen."""
    fresh: Annotated[bool, Field(examples=[True])]
    """Whether it may answer: it holds facts, and its lease has not run out."""
    checksum: Annotated[str | None, Field(examples=["1:3f0c9b4e1d7a52f06e8c1b9d40a7735e"])]
    """Of all it held; null before its first load."""
    agrees: Annotated[bool | None, Field(examples=[True])]
    """Whether that is what the ledger has at this revision; null where there is nothing to compare with. False for long: the
    tables were written past the service."""


class Replicas(Told):
    """Every process that answers; those that fell silent are shown for an hour."""

    head_revision: Annotated[int, Field(examples=[4211])]
    """The last revision there is."""
    items: list[Replica]
    """By host, the one that started first coming first."""


def replicas_router() -> APIRouter:
    """The one route."""
    router = APIRouter(prefix="/v1/replicas", tags=["operate"])

    @router.get("", **_described())
    async def list_replicas(request: Request) -> Response:
        wiring = wired(request)
        wiring.authorise(request, "read")
        query_parameters(request)
        head, found = await reports(wiring.engine)
        return answer({"head_revision": head, "items": [_told(head, report) for report in found]})

    return router


def _told(head: int, report: Report) -> Document:
    return {
        "replica": report.replica,
        "host": report.host,
        "pid": report.pid,
        "version": report.version,
        "started_at": plain(report.started_at),
        "revision": report.revision,
        "lag": max(head - report.revision, 0),
        "age_ms": int(report.age_s * 1000),
        "lease_ms": int(report.lease_s * 1000),
        "fresh": report.fresh,
        "checksum": report.checksum,
        "agrees": report.agrees,
    }


def _described() -> Described:
    return {
        "operation_id": "list_replicas",
        "summary": "Which processes answer, and how fresh each is",
        "description": "As they report to the database. A write with `?wait=replicas` is answered when none of them answers "
        "from before it any more. One that stops as it should is taken off at once.",
        "responses": {200: {"description": "All there are.", "model": Replicas}} | problems(400, 503),
        "openapi_extra": {"security": needs("read")},
    }
