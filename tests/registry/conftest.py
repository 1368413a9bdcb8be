"""A small app around the registry's routers."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request
from sqlalchemy.ext.asyncio import AsyncEngine

from qualsvc.http.handlers import install_problem_handlers
from qualsvc.records.kinds import RECORD_KINDS
from qualsvc.registry.bulk import bulk_router
from qualsvc.registry.routes import record_router
from qualsvc.registry.wiring import Wiring
from qualsvc.store.operations import Actor


@dataclass
class Applied:
    """The revisions the routers reported, in order."""

    revisions: list[int] = field(default_factory=list)

    async def __call__(self, _: Request, revision: int) -> None:
        self.revisions.append(revision)


@pytest.fixture
def applied() -> Applied:
    return Applied()


def registry_app(engine: AsyncEngine, applied: Any) -> FastAPI:
    """The registry alone; the header `X-Admin` makes the caller an admin."""
    wiring = Wiring(
        engine=lambda _: engine,
        writer=lambda _: engine,
        authorise=lambda request, _: Actor("clerk", is_admin="x-admin" in request.headers),
        applied=applied,
    )
    app = FastAPI()
    install_problem_handlers(app)
    app.include_router(bulk_router(wiring))
    for kind in RECORD_KINDS:
        app.include_router(record_router(kind, wiring))
    return app


@pytest.fixture
async def client(engine: AsyncEngine, applied: Applied) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(registry_app(engine, applied), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client
