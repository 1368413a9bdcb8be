"""The golden cases asked over HTTP of a service whose plant was written over HTTP."""

import json
from pathlib import Path

import pytest

from tests.golden.cases import Case, Document, Documents, bulk_lines, themes, told_of, writable_cases
from tests.serving import Running, running

pytestmark = pytest.mark.anyio

_NOT_ON_THE_WIRE = frozenset({"detail", "date"})  # the message says them


@pytest.mark.parametrize("theme", themes())
async def test_the_service_answers_so(theme: str, database_url: str, tmp_path: Path) -> None:
    """Each plant of a file is written in bulk over the one before, and its question asked."""
    async with running(database_url, tmp_path, plant=()) as service:
        before: Documents | None = None
        for case in writable_cases(theme):
            await _write(service, list(bulk_lines(case.plant, before)))
            before = case.plant
            await _check(case, service)


async def _write(service: Running, lines: list[Document]) -> None:
    content = "".join(json.dumps(line) + "\n" for line in lines)
    headers = {"Content-Type": "application/x-ndjson"}
    response = await service.client.post("/v1/bulk", content=content.encode(), headers=headers)
    assert 200 == response.status_code, response.text


async def _check(case: Case, service: Running) -> None:
    response = await service.ask(**case.question)
    assert 200 == response.status_code, (case, response.text)
    found = response.json()
    assert case.answer == {name: found.get(name) for name in case.answer}, case
    assert (found["decision"] == "allow") == found["allowed"]
    assert list(case.reasons) == told_of(case.reasons, found["reasons"], unseen=_NOT_ON_THE_WIRE), case
    assert all(reason["message"] and reason["remedy"] for reason in found["reasons"])
