"""`/docs` and the document as they are served: to a machine that reaches nothing but this service."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.openapi.reading import COMMITTED
from tests.serving import Running, running

pytestmark = pytest.mark.anyio

ELSEWHERE = re.compile(r"""(?:src|href|url|Url)\s*[=:(]\s*["']?\s*(?:https?:)?//[^"')\s]+""")


@pytest.fixture
async def empty(database_url: str, tmp_path: Path) -> AsyncIterator[Running]:
    """The service without records."""
    async with running(database_url, tmp_path, plant=()) as service:
        yield service


async def test_the_committed_document_is_served(empty: Running) -> None:
    """What is served is the file, byte for byte: no request builds it while asks wait."""
    answer = await empty.client.get("/openapi.json", headers={"Authorization": ""})
    assert (200, "application/json") == (answer.status_code, answer.headers["content-type"])
    assert COMMITTED.read_bytes() == answer.content


async def test_the_page_needs_nothing_from_elsewhere(empty: Running) -> None:
    """The page names no other host, every asset it names is served here, and it asks nobody to validate the document."""
    page = (await empty.client.get("/docs")).text
    assert [] == ELSEWHERE.findall(page)
    assert '"validatorUrl": null' in page
    assets = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert ["css", "js", "png"] == sorted(asset.rpartition(".")[2] for asset in assets)
    for asset in assets:
        answer = await empty.client.get(asset)
        assert 200 == answer.status_code
        if asset.endswith("css"):
            assert [] == ELSEWHERE.findall(answer.text)
