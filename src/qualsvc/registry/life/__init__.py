"""Life of a person in one call each: hired, transferred, gone; on a site from entry to exit; a company suspended."""

from collections.abc import Iterator

from fastapi import APIRouter

from qualsvc.registry.life.companies import companies_router
from qualsvc.registry.life.persons import persons_router
from qualsvc.registry.life.sites import sites_router


def life_routers() -> Iterator[APIRouter]:
    """All routers of this part."""
    yield persons_router()
    yield sites_router()
    yield companies_router()
