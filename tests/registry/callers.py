"""Callers of the whole service, each with a key of their own."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from qualsvc.access import issuing
from qualsvc.records.keys import Scope
from tests.serving import Running, eventually
from tests.store.world import RECORDS

WORLD: tuple[dict[str, Any], ...] = tuple({"kind": kind} | record for kind, record in RECORDS.items())
"""The small plant with one record of each kind, as bulk lines."""


@dataclass(frozen=True)
class Caller:
    """Somebody with an API key; `key` is its public id."""

    client: httpx.AsyncClient
    key: str
    token: str

    async def send(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None, **parameters: Any
    ) -> httpx.Response:
        """A request with a JSON body, or with bytes as they are."""
        sent = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"} | dict(headers or {})
        content = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        return await self.client.request(method, path, content=content, headers=sent, params=parameters or None)

    async def get(self, path: str, **parameters: Any) -> Any:
        """What is read there."""
        answer = await self.send("GET", path, **parameters)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def bulk(self, records: Iterable[Mapping[str, Any]], **headers: str) -> httpx.Response:
        """POST /v1/bulk."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.send("POST", "/v1/bulk", ndjson(records), {"Content-Type": "application/x-ndjson"} | named)


async def caller(running: Running, *scopes: Scope, name: str = "test", person: str | None = None) -> Caller:
    """Somebody with a new key of these scopes, good here; `person` is who uses it."""
    issued = await issuing.issue(running.engine, name, scopes, person)
    await eventually(lambda: running.service.replica.keys().find(issued.token.encode()) is not None)
    return Caller(running.client, issued.code, issued.token)


def ndjson(records: Iterable[Mapping[str, Any]]) -> bytes:
    """Records as the body of a bulk request."""
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


def problem(answer: httpx.Response) -> tuple[int, str, list[str]]:
    """Status, code and pointers of a problem."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    body = answer.json()
    assert answer.status_code == body["status"]
    return answer.status_code, body["code"], [error["pointer"] for error in body["errors"]]
