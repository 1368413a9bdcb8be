"""Decisions read back: lists, one by its name, all of them to take away, and how many there were."""

from collections.abc import Iterator

from fastapi import APIRouter

from qualsvc.registry.decisions.counting import counting_router
from qualsvc.registry.decisions.export import export_router
from qualsvc.registry.decisions.routes import decisions_router


def decision_routers() -> Iterator[APIRouter]:
    """All routers of this part, those of fixed paths before the one that takes a name there."""
    yield export_router()
    yield counting_router()
    yield decisions_router()
