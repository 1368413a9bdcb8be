"""Writers who change records of every kind at once, and keep account of what was acknowledged."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from qualsvc.kernel.instants import format_instant
from qualsvc.records.documents import to_document
from qualsvc.records.kinds import KINDS, RECORD_KINDS, Kind
from qualsvc.records.model import read_record
from tests.registry.callers import Caller
from tests.store.world import RECORDS

_START = datetime(2027, 1, 1, tzinfo=UTC)
_CHANGED = ("name", "number", "reason", "score", "valid_until")


@dataclass(frozen=True)
class Acknowledged:
    """One request that was answered with success: the revision told, and what each record is said to be after it."""

    request_id: str
    revision: int
    after: Mapping[tuple[str, str], dict[str, Any] | None]


@dataclass
class Writer:
    """One system that writes records of its own, and some that all write; every change is another one."""

    caller: Caller
    number: int
    acknowledged: list[Acknowledged] = field(default_factory=list)
    refused: list[tuple[str, int, str]] = field(default_factory=list)
    _own: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    _sent: int = 0

    def __post_init__(self) -> None:
        self._random = random.Random(self.number)

    async def write_once(self) -> None:
        """One request of any sort."""
        acts = (self._put, self._put, self._patch, self._patch_shared, self._delete, self._bulk, self._settle)
        await self._random.choice(acts)()

    async def _put(self) -> None:
        kind = self._random.choice(RECORD_KINDS)
        record = self._record(kind)
        await self._single("PUT", kind, record["code"], record)

    async def _patch(self) -> None:
        if self._own:
            name, code = self._random.choice(list(self._own))
            await self._single("PATCH", KINDS[name], code, self._change(KINDS[name]))

    async def _patch_shared(self) -> None:
        """Read, then change what was read: all writers do this to a few records."""
        kind = self._random.choice([KINDS["site"], KINDS["person"], KINDS["rule"], KINDS["certificate"]])
        code = RECORDS[kind.name]["code"]
        read = await self.caller.send("GET", f"/v1/{kind.path}/{code}")
        await self._single("PATCH", kind, code, self._change(kind), {"If-Match": read.headers["ETag"]})

    async def _delete(self) -> None:
        if self._own:
            name, code = self._random.choice(list(self._own))
            await self._single("DELETE", KINDS[name], code, None)

    async def _settle(self) -> None:
        kind = KINDS["waiver"]
        record = self._record(kind)
        await self._single("PUT", kind, record["code"], record)
        for verdict in ("approve", "revoke"):
            await self._single("POST", kind, record["code"], None, verdict=f"/{verdict}")

    async def _bulk(self) -> None:
        kinds = self._random.sample(RECORD_KINDS, 5)
        after = {(kind.name, record["code"]): record for kind in kinds for record in [self._record(kind)]}
        lines: list[dict[str, Any]] = [{"kind": kind} | record for (kind, _), record in after.items()]
        gone = [key for key in self._own if key not in after][:1]
        lines += [{"kind": kind, "code": code, "op": "delete"} for kind, code in gone]
        request_id = self._request_id()
        answer = await self.caller.bulk(lines, X_Request_Id=request_id)
        self._account(request_id, answer, after | dict.fromkeys(gone))

    async def _single(
        self, method: str, kind: Kind, code: str, body: Any, headers: Mapping[str, str] | None = None, verdict: str = ""
    ) -> None:
        request_id = self._request_id()
        path = f"/v1/{kind.path}/{code}{verdict}"
        answer = await self.caller.send(method, path, body, {"X-Request-Id": request_id} | dict(headers or {}))
        after = answer.json() if answer.is_success and answer.content else None
        self._account(request_id, answer, {(kind.name, code): after})

    def _account(self, request_id: str, answer: httpx.Response, after: Mapping[tuple[str, str], Any]) -> None:
        if not answer.is_success:
            self.refused.append((request_id, answer.status_code, answer.json()["code"]))
            return
        self.acknowledged.append(Acknowledged(request_id, int(answer.headers["Revision"]), after))
        for key, document in after.items():
            if document is None:
                self._own.pop(key, None)
            elif key[1] != RECORDS[key[0]]["code"]:
                self._own[key] = document

    def _record(self, kind: Kind) -> dict[str, Any]:
        code = f"{self.number}-{self._random.randrange(4)}"
        extra: dict[str, Any] = {"badges": [f"badge {code}"]} if kind.name == "person" else {}
        if kind.name == "waiver":
            extra = {"requested_by": "somebody", "status": "requested"}
        leaning = {
            name: each
            for name, referred in kind.references.items()
            if name not in {kind.tree, "equivalents", "equipment"}
            for each in self._own_of(referred)
        }
        whole = RECORDS[kind.name] | leaning | {"code": code} | extra | self._change(kind)
        return to_document(read_record(kind.model, whole))

    def _own_of(self, name: str) -> list[str]:
        """One of the writer's own records to lean on, now and then."""
        codes = [code for kind, code in self._own if kind == name]
        return self._random.sample(codes, 1) if codes and self._random.random() < 0.5 else []

    def _change(self, kind: Kind) -> dict[str, Any]:
        """Something nobody has written before."""
        name = next(name for name in _CHANGED if name in kind.fields)
        serial = self.number * 100_000 + self._sent
        later = format_instant(int((_START + timedelta(seconds=serial)).timestamp()) * 1_000_000)
        return {name: {"score": serial, "valid_until": later}.get(name, f"change {serial}")}

    def _request_id(self) -> str:
        self._sent += 1
        return f"{self.number}-{self._sent}"
