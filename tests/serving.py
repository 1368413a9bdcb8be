"""The whole service in this process, over a real database: for tests that ask it as a client would."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.types import Message

from qualsvc.access import issuing
from qualsvc.app import Service
from qualsvc.clocks import Clock
from qualsvc.records.keys import Scope
from qualsvc.records.kinds import KINDS
from qualsvc.records.model import read_record
from qualsvc.settings import Settings
from qualsvc.store.operations import Actor, Delete, Operation, Replace
from qualsvc.store.writing import write

ADMIN_KEY = "bootstrap-key-of-the-tests-0123456789"
CLERK = Actor("clerk", is_admin=True)
PATIENCE_S = 60.0
"""How long a condition may take on a very busy machine."""

PLANT: tuple[dict[str, Any], ...] = (
    {"kind": "site", "code": "NGB", "name": "Ningbo", "time_zone": "Asia/Shanghai"},
    {"kind": "position", "code": "DRIVER", "name": "Driver"},
    {"kind": "position", "code": "LEADER", "name": "Shift leader", "may_confirm": True},
    {"kind": "equipment_class", "code": "TRUCKS", "name": "Trucks"},
    {
        "kind": "equipment",
        "code": "FORK-07",
        "name": "Truck 7",
        "equipment_class": "TRUCKS",
        "site": "NGB",
        "status": "in_service",
    },
    {"kind": "process", "code": "LOADING", "name": "Loading"},
    {"kind": "certificate_type", "code": "N1", "name": "叉车司机", "category": "vocational"},
    {"kind": "person", "code": "E1", "name": "Wang", "employment": "employee", "status": "active", "badges": ["B-1"]},
    {"kind": "person", "code": "E2", "name": "Li", "employment": "employee", "status": "active"},
    {"kind": "person", "code": "E3", "name": "Zhao", "employment": "employee", "status": "active"},
    {
        "kind": "assignment",
        "code": "A1",
        "person": "E1",
        "position": "DRIVER",
        "basis": "regular",
        "valid_from": "2020-01-01T00:00:00Z",
    },
    {
        "kind": "assignment",
        "code": "A2",
        "person": "E2",
        "position": "DRIVER",
        "basis": "trial",
        "valid_from": "2020-01-01T00:00:00Z",
    },
    {
        "kind": "certificate",
        "code": "C1",
        "person": "E1",
        "type": "N1",
        "status": "valid",
        "valid_from": "2020-01-01",
        "valid_until": "2098-12-30",
    },
    {"kind": "certificate", "code": "C2", "person": "E2", "type": "N1", "status": "valid", "valid_from": "2020-01-01"},
    {
        "kind": "rule",
        "code": "R1",
        "name": "Trucks",
        "effect": "grant",
        "position": "DRIVER",
        "equipment_class": "TRUCKS",
        "requirement": {"certificate": {"type": "N1"}},
        "enforcement": "block",
        "risk": "high",
    },
)
"""E1 drives FORK-07 for LOADING until his licence ends with 2098-12-30 in Ningbo; E2 is on trial; E3 holds no post."""

ENDS = "2098-12-30T16:00:00Z"
"""The instant E1's licence ends."""
QUESTION = {"person": "E1", "equipment": "FORK-07", "process": "LOADING"}
TRAINEE = QUESTION | {"person": "E2"}


class HandClock:
    """The host's clocks, moved by hand on top of their own going."""

    def __init__(self) -> None:
        self.stepped = 0
        self.passed = 0.0

    def wall(self) -> int:
        return time.time_ns() // 1000 + self.stepped

    def monotonic(self) -> float:
        return time.monotonic() + self.passed

    def step_wall(self, seconds: float) -> None:
        """Somebody sets the clock."""
        self.stepped += int(seconds * 1e6)

    def let_pass(self, seconds: float) -> None:
        """Time goes by here, on both clocks; the database's stays behind."""
        self.passed += seconds
        self.step_wall(seconds)


@dataclass(frozen=True)
class Running:
    """A service that answers, and a client with the admin's key."""

    service: Service
    client: httpx.AsyncClient
    database_url: str
    data_dir: Path

    @property
    def engine(self) -> AsyncEngine:
        return self.service.engine

    async def ask(self, *, key: str = ADMIN_KEY, **question: Any) -> httpx.Response:
        """GET /can-operate."""
        headers = {"Authorization": f"Bearer {key}"}
        return await self.client.get("/can-operate", params=question, headers=headers)

    async def post(self, body: Any, path: str = "/can-operate", *, key: str = ADMIN_KEY) -> httpx.Response:
        """POST a JSON value, or bytes as they are."""
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return await self.client.post(path, content=content, headers=headers)

    async def query(self, query: bytes | str, *, key: str = ADMIN_KEY) -> httpx.Response:
        """GET /can-operate with the bytes of a query as they are, which no client would send."""
        scope = {
            "type": "http",
            "method": "GET",
            "path": "/can-operate",
            "query_string": query if isinstance(query, bytes) else query.encode(),
            "headers": [(b"authorization", f"Bearer {key}".encode())],
        }
        sent: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Message) -> None:
            sent.append(message)

        await self.service(scope, receive, send)
        content = b"".join(message.get("body", b"") for message in sent)
        return httpx.Response(sent[0]["status"], headers=sent[0]["headers"], content=content)

    async def load(self, records: Iterable[Mapping[str, Any]]) -> int:
        """Write these records in one revision, by another way than this service, and wait until it has them."""
        revision = await load(self.engine, records)
        assert await self.service.replica.reached(revision, PATIENCE_S)
        return revision

    async def key(self, *scopes: Scope) -> str:
        """A new key with these scopes, good here."""
        issued = await issuing.issue(self.engine, "test", scopes)
        await eventually(lambda: self.service.replica.keys().find(issued.token.encode()) is not None)
        return issued.token


@asynccontextmanager
async def running(
    database_url: str,
    data_dir: Path,
    *,
    clock: Clock | None = None,
    plant: Iterable[Mapping[str, Any]] = PLANT,
    **settings: Any,
) -> AsyncIterator[Running]:
    """The service over this database with a plant in it, from the entry of its lifespan to the end."""
    chosen = Settings(database_url=database_url, data_dir=data_dir, bootstrap_api_key=ADMIN_KEY, **settings)
    service = Service(chosen, database_url, clock)
    await issuing.ensure_bootstrap(service.engine, ADMIN_KEY)
    await load(service.engine, plant)
    headers = {"Authorization": f"Bearer {ADMIN_KEY}"}
    transport = httpx.ASGITransport(app=service)
    async with (
        service.web.router.lifespan_context(service.web),
        httpx.AsyncClient(transport=transport, base_url="http://plant", headers=headers, timeout=None) as client,
    ):
        yield Running(service, client, database_url, data_dir)


async def load(engine: AsyncEngine, records: Iterable[Mapping[str, Any]]) -> int:
    """Write bulk lines (with `op`: `delete`, too) in one revision, which is returned."""
    operations = [operation(record) for record in records]
    return (await write(engine, CLERK, operations)).revision if operations else 0


def operation(line: Mapping[str, Any]) -> Operation:
    """A bulk line as an operation of the store."""
    kind = KINDS[line["kind"]]
    fields = {name: value for name, value in line.items() if name not in ("kind", "op")}
    if line.get("op") == "delete":
        return Delete(kind, fields["code"])
    return Replace(kind, read_record(kind.model, fields))


def changed(code: str, **fields: Any) -> dict[str, Any]:
    """A record of the plant with some fields changed."""
    (found,) = [record for record in PLANT if record["code"] == code]
    return found | fields


async def eventually(condition: Callable[[], bool], *, pause_s: float = 0.005) -> None:
    """Return as soon as the condition holds, looked at each time after a pause; fail if it never does."""
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110 -- nothing announces what is waited for
            await asyncio.sleep(pause_s)


async def eventually_told(told: Callable[[], Awaitable[bool]], *, pause_s: float = 0.02) -> None:
    """The same for what has to be asked for."""
    async with asyncio.timeout(PATIENCE_S):
        while not await told():  # noqa: ASYNC110 -- nor here
            await asyncio.sleep(pause_s)
