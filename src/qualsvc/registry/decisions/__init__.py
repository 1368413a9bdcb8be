"""Decisions read back: lists, one by its name, all of them to take away, and how many there were."""

from collections.abc import Iterator

from fastapi import APIRouter

from qualsvc.registry.decisions.counting import counting_router
from qualsvc.registry.decisions.export import export_router
from qualsvc.registry.decisions.routes import decisions_router
from qualsvc.registry.wiring import Wiring


def decision_routers(wiring: Wiring) -> Iterator[APIRouter]:
    """All routers of this part, those of fixed paths before the one that takes a name there."""
    yield export_router(wiring)
    yield counting_router(wiring)
    yield decisions_router(wiring)
