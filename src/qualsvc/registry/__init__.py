"""The registry: maintaining records over HTTP, one by one and in bulk."""

from collections.abc import Iterator

from fastapi import APIRouter

from qualsvc.records.kinds import INCIDENT, RECORD_KINDS
from qualsvc.registry.bulk import bulk_router
from qualsvc.registry.certificates import condition_now
from qualsvc.registry.decisions import decision_routers
from qualsvc.registry.histories import history_router
from qualsvc.registry.incidents import incidents_router
from qualsvc.registry.life import life_routers
from qualsvc.registry.routes import record_router
from qualsvc.registry.rule_advice import rule_warnings
from qualsvc.registry.rules import rules_router
from qualsvc.registry.states import state_router
from qualsvc.registry.waivers import waivers_router
from qualsvc.registry.wiring import Wiring


def registry_routers(wiring: Wiring) -> Iterator[APIRouter]:
    """Every router of the registry, those of fixed paths before those that take a code there."""
    besides = {"certificate": condition_now(wiring), "rule": rule_warnings(wiring)}
    yield rules_router(wiring)
    for kind in RECORD_KINDS:
        yield record_router(kind, wiring, besides.get(kind.name))
        yield history_router(kind, wiring)
    yield waivers_router(wiring)
    yield state_router(wiring)
    yield from life_routers(wiring)
    yield from decision_routers(wiring)
    yield incidents_router(wiring)
    yield history_router(INCIDENT, wiring)
    yield bulk_router(wiring)
