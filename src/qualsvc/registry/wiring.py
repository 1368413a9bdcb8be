"""What the routers of the registry need from the app."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.requests import Request

from qualsvc.store.operations import Actor


@dataclass(frozen=True, slots=True)
class Wiring:
    """The seams of the registry.

    `writer` has connections of its own: writers wait for one another, and reads must not wait with them.
    `authorise` returns who calls or raises a `Problem` 401 or 403; `applied` is awaited after a commit and before the
    answer, so that who reads its own write here finds it.
    """

    engine: Callable[[Request], AsyncEngine]
    writer: Callable[[Request], AsyncEngine]
    authorise: Callable[[Request, Literal["read", "maintain"]], Actor]
    applied: Callable[[Request, int], Awaitable[None]]


def request_id(request: Request) -> str | None:
    """The caller's own id of the request, for the ledger; cut short, and without what cannot be stored."""
    given = request.headers.get("x-request-id")
    return given[:128] if given and given.isprintable() else None
