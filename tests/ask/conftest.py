"""One service for all tests of a module that only ask it, and one of its own for each that changes something."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests import conftest
from tests.serving import Running, running

HOUR_S = 3600.0


@pytest.fixture(scope="module")
def shared_database_url(server_url: str, template: str) -> Iterator[str]:
    """A fresh database for the tests of one module."""
    yield from conftest._database(server_url, template)


@pytest.fixture(scope="module")
async def plant(shared_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    """A service that is only asked. Between two tests its event loop stands still, and its lease runs on."""
    directory = tmp_path_factory.mktemp("shared")
    async with running(shared_database_url, directory, max_staleness_s=HOUR_S) as plant:
        yield plant


@pytest.fixture
async def own(database_url: str, tmp_path: Path) -> AsyncIterator[Running]:
    """A service that the test may change."""
    async with running(database_url, tmp_path) as own:
        yield own
