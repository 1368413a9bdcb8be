"""Rules people can trust themselves with: what they cover, and the questions kept beside each."""

from fastapi import APIRouter

from qualsvc.records.kinds import KINDS, RULE_TEST
from qualsvc.registry.histories import history_router
from qualsvc.registry.rules_coverage import coverage_router
from qualsvc.registry.rules_tests import tests_router


def rules_router() -> APIRouter:
    """All of these, to stand before the routes of records.

    So `GET /v1/rules/coverage` is never a record: a rule with this code is read by the list, `GET /v1/rules?code=coverage`.
    """
    router = APIRouter()
    router.include_router(coverage_router())
    router.include_router(tests_router())
    rule = KINDS["rule"]
    router.include_router(history_router(RULE_TEST, f"/v1/{rule.path}/{{code}}/test", rule))
    return router
