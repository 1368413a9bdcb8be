"""`/livez`, `/readyz`, `/metrics`."""

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from qualsvc.http.problems import Problem
from qualsvc.operate import described
from qualsvc.replica.lease import NotFreshError
from qualsvc.replica.replica import Replica
from qualsvc.spool.space import WARN_AT
from qualsvc.spool.spool import Spool, SpoolUnavailableError

Authorise = Callable[[Request, str], Any]


def operate_router(
    replica: Replica,
    spool: Callable[[], Spool],
    registry: CollectorRegistry,
    authorise: Authorise,
    draining: Callable[[], bool],
) -> APIRouter:
    """Liveness, readiness and metrics of one process; `draining` tells whether it is about to end."""
    router = APIRouter(tags=["operate"])

    @router.get("/livez", **described.alive())
    async def livez() -> dict[str, str]:
        return {"status": "alive"}

    @router.get("/readyz", **described.ready())
    async def readyz() -> JSONResponse:
        if draining():
            raise Problem(503, "draining", "the process is about to end; ask another one")
        try:
            replica.fresh()
            spool().check()
            room = spool().room()
        except NotFreshError as error:
            raise Problem(503, error.code, str(error)) from None
        except SpoolUnavailableError as error:
            raise Problem(503, "audit_unavailable", str(error)) from None
        state = {
            "status": "ready",
            "revision": replica.revision,
            "head_revision": replica.head,
            "lag": max(replica.head - replica.revision, 0),
            "data_age_ms": replica.age_ms(),
            "spool_used": round(room.ratio, 3),
            "warnings": [
                *(["spool_filling"] if room.ratio >= WARN_AT else []),
                *(["tables_altered"] if replica.is_altered else []),
            ],
        }
        return JSONResponse(state, headers={"Cache-Control": "no-store"})

    @router.get("/metrics", **described.metrics(), response_class=Response)
    async def metrics(request: Request) -> Response:
        authorise(request, "read")
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return router
