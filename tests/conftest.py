"""A real PostgreSQL for every test that asks for one: one server a session, one fresh database a test."""

import asyncio
import gc
import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import pytest
from hypothesis import settings
from sqlalchemy.ext.asyncio import AsyncEngine

from qualsvc.embedded import EmbeddedPostgres
from qualsvc.store import migrate
from qualsvc.store.engine import connect, make_engine
from tests.places import fast_place

settings.register_profile("tests", deadline=None)  # how long it takes is no assertion: machines differ, and are busy
settings.load_profile("tests")
_WAITING = {"shipping", "cli", "docs", "embedded", "faults"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those that start processes and wait for them go first: at the end nobody waits for one long file alone."""
    items.sort(key=lambda item: item.path.parent.name not in _WAITING)


@pytest.fixture(scope="session", autouse=True)
def _imported_is_kept() -> None:
    """What was imported stays for the whole session; looking through it for garbage took an eighth of the time."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Async tests are marked `anyio` and run on asyncio only, as the service does."""
    return "asyncio"


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """`QUALSVC_TEST_DATABASE_URL`, whose user may create databases, or an embedded server for this session."""
    given = os.environ.get("QUALSVC_TEST_DATABASE_URL")
    if given:
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="qualsvc-tests-", dir=fast_place()) as directory:
        Path(directory).chmod(0o711)
        with EmbeddedPostgres(Path(directory) / "postgres") as url:
            # Tests kill processes, not machines: what only guards against power loss may be left out here.
            for setting in ("fsync", "full_page_writes"):
                asyncio.run(_run(url, f"ALTER SYSTEM SET {setting} = off"))
            asyncio.run(_run(url, "SELECT pg_reload_conf()"))
            yield url


@pytest.fixture(scope="session")
def template(server_url: str) -> Iterator[str]:
    """The name of a database that was migrated once, to be cloned."""
    name = f"template_{uuid4().hex}"
    asyncio.run(_run(server_url, f"CREATE DATABASE {name}"))
    asyncio.run(migrate.upgrade(with_database(server_url, name)))
    yield name
    asyncio.run(_run(server_url, f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
def empty_database_url(server_url: str) -> Iterator[str]:
    """A database with nothing in it."""
    yield from _database(server_url, "template0")


@pytest.fixture
def database_url(server_url: str, template: str) -> Iterator[str]:
    """A fresh database with all migrations."""
    yield from _database(server_url, template)


@pytest.fixture(scope="module")
def shared_database_url(server_url: str, template: str) -> Iterator[str]:
    """A fresh database with all migrations for all tests of one module: for those that only read, or are refused."""
    yield from _database(server_url, template)


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    """An engine over a fresh database."""
    engine = make_engine(database_url)
    yield engine
    await engine.dispose()


def with_database(url: str, name: str) -> str:
    """The same server, another database."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def _database(server_url: str, template: str) -> Iterator[str]:
    name = f"test_{uuid4().hex}"
    # Without a disk to wait for, files are copied in a quarter of the time their pages are written to the log in.
    asyncio.run(_run(server_url, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY"))
    yield with_database(server_url, name)
    asyncio.run(_run(server_url, f"DROP DATABASE {name} WITH (FORCE)"))


async def _run(url: str, statement: str) -> None:
    connection = await connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
