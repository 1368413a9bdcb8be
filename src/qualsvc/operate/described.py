"""What the OpenAPI document says of `/livez`, `/readyz` and `/metrics`."""

from typing import Annotated, Any, Literal

from prometheus_client.exposition import CONTENT_TYPE_LATEST
from pydantic import Field

from qualsvc.http.declared import PUBLIC, Described, Told, header, needs, problem, problems


class Alive(Told):
    """The process runs."""

    status: Annotated[Literal["alive"], Field(examples=["alive"])]
    """Always `alive`."""


class Ready(Told):
    """The process answers questions."""

    status: Annotated[Literal["ready"], Field(examples=["ready"])]
    """Always `ready`; otherwise it is a problem."""
    revision: Annotated[int, Field(examples=[4211])]
    """Revision of the facts in memory."""
    head_revision: Annotated[int, Field(examples=[4211])]
    """Last revision seen in the database."""
    lag: Annotated[int, Field(examples=[0], ge=0)]
    """Revisions the facts in memory are behind."""
    data_age_ms: Annotated[int, Field(examples=[412], ge=0)]
    """Milliseconds since the facts in memory were known to be all there is."""
    spool_used: Annotated[float, Field(examples=[0.002], ge=0)]
    """Of the room for answers that wait to be shipped to the database; asks are refused at 1."""
    warnings: Annotated[list[Literal["spool_filling", "tables_altered"]], Field(examples=[[]])]
    """`spool_filling` from 0.7 on: answers still go out, and somebody has to look why none are shipped. `tables_altered`: the
    tables say otherwise than what was written through the service; answers go by the tables."""


_METRICS = 'qualsvc_revision 4211.0\nqualsvc_decisions_total{decision="allow",purpose="unlock"} 1042.0\n'


def alive() -> Described:
    """Of `GET /livez`."""
    return {
        "operation_id": "livez",
        "summary": "Whether the process runs",
        "description": "For what restarts it when it does not answer. Says nothing of whether it can answer questions; asked "
        "without a key.",
        "responses": {200: {"description": "It runs.", "model": Alive}, 500: problem(500, "internal")},
        "openapi_extra": {"security": PUBLIC},
    }


def ready() -> Described:
    """Of `GET /readyz`."""
    return {
        "operation_id": "readyz",
        "summary": "Whether to ask it: fresh facts, right clock, writable log, not about to end",
        "description": "For what sends it questions, or not. Asked without a key.",
        "responses": {
            200: {"description": "It answers.", "headers": {"Cache-Control": header("Cache-Control")}, "model": Ready},
            500: problem(500, "internal"),
            503: problem(503, "stale", "clock_skew", "audit_unavailable", "draining"),
        },
        "openapi_extra": {"security": PUBLIC},
    }


def metrics() -> Described:
    """Of `GET /metrics`."""
    shown: dict[str, Any] = {"schema": {"type": "string", "description": "Prometheus text."}, "example": _METRICS}
    return {
        "operation_id": "metrics",
        "summary": "Metrics for Prometheus",
        "description": "Decisions by purpose, refusals by code, seconds per question, freshness; of this process alone.",
        "responses": {200: {"description": "The metrics.", "content": {CONTENT_TYPE_LATEST: shown}}} | problems(),
        "openapi_extra": {"security": needs("read")},
    }
