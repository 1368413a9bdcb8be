"""What a write tells besides: where that cannot be read any more, nobody is told that nothing was written."""

import json
from pathlib import Path
from typing import Any

import pytest

from qualsvc.store.engine import connect
from tests.serving import PLANT, changed, running

pytestmark = pytest.mark.anyio

RULE = {name: value for name, value in changed("R1", risk="low").items() if name not in ("kind", "code")}


@pytest.mark.parametrize(
    ("method", "path", "sent"),
    [
        ("PATCH", "/v1/certificates/C1", {"status": "revoked"}),
        ("PUT", "/v1/rules/R1", RULE),
    ],
)
async def test_the_database_goes_away_after_the_commit(
    database_url: str, server_url: str, tmp_path: Path, method: str, path: str, sent: Any
) -> None:
    """The caller is told that it is not known, and by which revision to look; the write is there."""
    async with running(database_url, tmp_path, plant=PLANT) as plant:
        assert 200 == (await plant.client.patch("/v1/sites/NGB", json={"name": "Ningbo II"})).status_code
        await plant.engine.dispose()  # of those who write a connection is left, of those who read none
        watcher = await connect(server_url)
        name = database_url.partition("?")[0].rpartition("/")[2]
        await watcher.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        before = plant.service.replica.revision
        headers = {"Content-Type": "application/json"}
        told = await plant.client.request(method, path, content=json.dumps(sent).encode(), headers=headers)
        assert (503, "outcome_unknown") == (told.status_code, told.json()["code"]), told.text
        assert f"revision {before + 1} has it" in told.json()["detail"]
        assert before + 1 == plant.service.replica.revision
        await watcher.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        await watcher.close()
