"""The whole OpenAPI document against the service with the sample plant in it, as callers of every scope."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, CheckFunction
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from qualsvc.records.keys import Scope
from tests.registry.fuzzing import Sample, cases, operations, request_of
from tests.serving import Running, running

pytestmark = pytest.mark.anyio

KEPT: list[CheckFunction] = [
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
"""What is checked of each answer besides that it is no defect of ours."""
HEALTHY = list(HealthCheck)
"""Drawing whole records takes its time."""


@dataclass(frozen=True, repr=False)
class Plant:
    """The service with the sample in it, and a key of each scope and none."""

    running: Running
    tokens: Mapping[str, str | None]
    sample: Sample


@pytest.fixture(scope="module")
async def plant(shared_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Plant]:
    sample = Sample(date(2026, 11, 21))
    async with running(shared_database_url, tmp_path_factory.mktemp("schemathesis"), plant=sample.lines) as service:
        tokens: dict[str, str | None] = {scope: await service.key(scope) for scope in get_args(Scope)}
        yield Plant(service, tokens | {"none": None}, sample)


async def require_as_documented(plant: Plant, case: Case[Any]) -> None:
    """The same request by a caller of each scope, and by none: no defect, and nothing the document does not say."""
    for scope, token in plant.tokens.items():
        response = await plant.running.client.send(request_of(case, token))
        assert response.status_code < 500, (scope, response.request.url, response.text)
        try:
            case.validate_response(response, checks=KEPT)
        except FailureGroup as group:
            found = "; ".join(f"{failure.title}: {failure.message}" for failure in group.exceptions)
            raise AssertionError(f"as {scope}: {response.status_code} {response.text[:300]}: {found}\n{group}") from None


def drawn(plant: Plant, label: str, examples: int) -> list[Case[Any]]:
    """So many requests for one operation. They are drawn before any is sent: what is sent changes what is met next."""
    found: list[Case[Any]] = []

    @settings(max_examples=examples, phases=[Phase.generate], database=None, suppress_health_check=HEALTHY)
    @given(cases(label, plant.sample))
    def draw(case: Case[Any]) -> None:
        found.append(case)

    draw()
    return found


@pytest.mark.parametrize("label", operations())
async def test_the_service_does_what_the_document_says(plant: Plant, label: str) -> None:
    """Each operation, a few times: no 5xx, no undocumented status, content type, header or body."""
    for case in drawn(plant, label, 2):
        await require_as_documented(plant, case)


@pytest.mark.faults
@pytest.mark.parametrize("label", operations())
async def test_the_service_does_what_the_document_says_at_length(plant: Plant, label: str) -> None:
    """Each operation many times."""
    for case in drawn(plant, label, 40):
        await require_as_documented(plant, case)
