"""The registry: maintaining records over HTTP, one by one and in bulk."""

from collections.abc import Iterator
from functools import cache

from fastapi import APIRouter
from starlette.routing import BaseRoute

from qualsvc.records.kinds import INCIDENT, RECORD_KINDS
from qualsvc.registry.bulk import bulk_router
from qualsvc.registry.certificates import condition_now
from qualsvc.registry.decisions import decision_routers
from qualsvc.registry.histories import history_router
from qualsvc.registry.incidents import incidents_router
from qualsvc.registry.life import life_routers
from qualsvc.registry.replicas import replicas_router
from qualsvc.registry.routes import record_router
from qualsvc.registry.rule_advice import rule_warnings
from qualsvc.registry.rules import rules_router
from qualsvc.registry.states import state_router
from qualsvc.registry.waivers import waivers_router

_BESIDES = {"certificate": condition_now, "rule": rule_warnings}


@cache
def registry_routes() -> tuple[BaseRoute, ...]:
    """Every route of the registry, those of fixed paths before those that take a code there. The same for every app.

    An app takes them as they are: including a router makes every route anew, which takes as long as the first time.
    """
    return tuple(route for router in _routers() for route in router.routes)


def _routers() -> Iterator[APIRouter]:
    yield rules_router()
    for kind in RECORD_KINDS:
        yield record_router(kind, _BESIDES.get(kind.name))
        yield history_router(kind)
    yield waivers_router()
    yield state_router()
    yield from life_routers()
    yield from decision_routers()
    yield incidents_router()
    yield history_router(INCIDENT)
    yield bulk_router()
    yield replicas_router()
