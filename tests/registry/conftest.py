"""A small app around the registry's routers."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine

from qualsvc.clocks import SystemClock
from qualsvc.http.handlers import install_problem_handlers
from qualsvc.http.problems import Problem
from qualsvc.registry import registry_routes
from qualsvc.registry.wiring import Wiring
from qualsvc.replica.held import Held
from qualsvc.store.operations import Actor
from qualsvc.store.waivers import Terms


@dataclass
class Applied:
    """The revisions the routers reported, in order."""

    revisions: list[int] = field(default_factory=list)

    async def __call__(self, revision: int) -> None:
        self.revisions.append(revision)


@pytest.fixture
def applied() -> Applied:
    return Applied()


def registry_app(engine: AsyncEngine, applied: Any) -> FastAPI:
    """The registry alone; the header `X-Admin` makes the caller an admin."""
    wiring = Wiring(
        engine=engine,
        writer=engine,
        authorise=lambda request, _: Actor("clerk", is_admin="x-admin" in request.headers),
        applied=applied,
        held=_nothing_held,
        now=SystemClock().wall,
        right_now=SystemClock().wall,
        terms=Terms(),
        spool=Path("/nowhere"),
        everywhere=applied,
    )
    app = FastAPI()
    install_problem_handlers(app)
    app.state.wiring = wiring
    app.router.routes += registry_routes()
    return app


def _nothing_held() -> Held:
    raise Problem(503, "stale", "there is no replica in these tests")


@pytest.fixture
async def client(engine: AsyncEngine, applied: Applied) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(registry_app(engine, applied), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client
