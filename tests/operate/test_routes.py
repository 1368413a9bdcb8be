"""What operators and their tools are told."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from qualsvc.audit.memory import MEMORY_FILE, Memory
from tests.serving import ADMIN_KEY, QUESTION, TRAINEE, Running, running

pytestmark = pytest.mark.anyio


@pytest.fixture
async def plant(database_url: str, tmp_path: Path) -> AsyncIterator[Running]:
    async with running(database_url, tmp_path) as plant:
        yield plant


async def samples(plant: Running) -> dict[str, float]:
    """Every sample of `/metrics` by its name and labels."""
    response = await plant.client.get("/metrics")
    assert 200 == response.status_code
    return {
        sample.name + "".join(f" {name}={value}" for name, value in sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(response.text)
        for sample in family.samples
    }


async def test_without_a_key(plant: Running) -> None:
    """Only liveness, readiness and the documentation are for everybody; nothing else is, known or unknown method."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=plant.service), base_url="http://plant") as stranger:
        found = {
            path: (await stranger.get(path)).status_code
            for path in (
                "/livez",
                "/readyz",
                "/openapi.json",
                "/docs",
                "/metrics",
                "/can-operate",
                "/v1/persons",
                "/v1/sites/NGB",
            )
        }
    opened = dict.fromkeys(("/livez", "/readyz", "/openapi.json", "/docs"), 200)
    assert opened | dict.fromkeys(("/metrics", "/can-operate", "/v1/persons", "/v1/sites/NGB"), 401) == found


async def test_not_to_be_cached(plant: Running) -> None:
    """Readiness is about now."""
    assert "no-store" == (await plant.client.get("/readyz")).headers["cache-control"]


async def test_gauges(plant: Running) -> None:
    """The metrics say which revision is held, how fresh it is, and how much is on record."""
    await plant.ask(**QUESTION)
    seen = await samples(plant)
    replica, spool = plant.service.replica, plant.service.spool()
    assert (replica.revision, replica.revision) == (seen["qualsvc_revision"], seen["qualsvc_head_revision"])
    assert (1, 1, spool.size) == (seen["qualsvc_fresh"], seen["qualsvc_spool_decisions"], seen["qualsvc_spool_bytes"])
    assert 0 <= seen["qualsvc_data_age_seconds"]
    assert 0 == seen["qualsvc_clock_skew_seconds"]
    assert 0 == seen["qualsvc_audit_failing_seconds"]
    Memory(plant.data_dir / MEMORY_FILE).fail("2026-01-01T00:00:00Z")
    assert 86_400 < (await samples(plant))["qualsvc_audit_failing_seconds"]


async def test_decisions_are_counted(plant: Running) -> None:
    """Answers are counted by decision and purpose, refusals by their code."""
    await plant.ask(**QUESTION, purpose="unlock")
    await plant.ask(**QUESTION, purpose="unlock")
    await plant.ask(**TRAINEE)
    await plant.post({"questions": [QUESTION | {"person": "E3"}] * 3}, "/can-operate/batch")
    await plant.ask(person="E1")
    await plant.ask(key="wrong", **QUESTION)
    seen = await samples(plant)
    counted = {
        name: value for name, value in seen.items() if name.startswith(("qualsvc_decisions_t", "qualsvc_ask_refusals_t"))
    }
    assert {
        "qualsvc_decisions_total decision=allow purpose=unlock": 2,
        "qualsvc_decisions_total decision=conditional purpose=none": 1,
        "qualsvc_decisions_total decision=deny purpose=none": 3,
        "qualsvc_ask_refusals_total code=malformed": 1,
        "qualsvc_ask_refusals_total code=unauthorized": 1,
    } == counted
    assert 3 == seen["qualsvc_ask_seconds_count"]


async def test_purposes_are_bounded(plant: Running) -> None:
    """However many words callers think of, the metrics stay small."""
    await plant.post({"questions": [QUESTION | {"purpose": f"p{n}"} for n in range(500)]}, "/can-operate/batch")
    seen = {name: value for name, value in (await samples(plant)).items() if name.startswith("qualsvc_decisions_total")}
    assert (65, 500) == (len(seen), sum(seen.values()))
    assert 436 == seen["qualsvc_decisions_total decision=allow purpose=other"]


async def test_metrics_need_read(plant: Running) -> None:
    """Metrics are read with a key that may read."""
    door, reader = await plant.key("ask"), await plant.key("read")
    found = [
        (await plant.client.get("/metrics", headers={"Authorization": f"Bearer {key}"})).status_code for key in (door, reader)
    ]
    assert [403, 200] == found
    assert ADMIN_KEY not in (await plant.client.get("/metrics")).text
