"""The document against the service itself: what it shows is accepted, what is answered is as it says."""

import json
import re
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any, get_args

import httpx
import pytest

from qualsvc.http.bodies import NDJSON
from qualsvc.kernel.reasons import ReasonCode
from qualsvc.openapi.sampled import plant
from qualsvc.records.keys import Scope
from tests.openapi.reading import Operation, examples, operations, resolved, wrong
from tests.serving import ADMIN_KEY, Running, running

pytestmark = pytest.mark.anyio

RECORDS = [{"kind": kind, **each} for kind, listed in plant().items() for each in listed]
REASONS = get_args(ReasonCode)
SCOPES: tuple[Scope, ...] = ("ask", "ask:at", "read", "maintain", "approve")
METHODS = ("get", "post", "put", "patch", "delete")
REFUSED = {
    "hire_person": 409,  # the example's person is employed already
    "approve_waiver": 409,  # the sample's waiver is approved
    "reject_waiver": 409,
    "erase_person": 409,  # employed
    "conclude_incident": 409,  # concluded
    "get_decision": 404,  # answered elsewhere
    "replay_decision": 404,
}
"""Examples that the sample plant as it is refuses, with the status."""


def in_turn() -> list[Operation]:
    """Every operation, those that take away what others need after these."""
    return sorted(operations(), key=lambda each: (METHODS.index(each.method), str(each) == "leave_person"))


@pytest.fixture
async def sample(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Running]:
    """The service with the sample plant the examples are taken from; nobody ships its answers, so nobody is waited for."""
    monkeypatch.setattr("qualsvc.registry.incidents.shipped.PATIENCE_S", 0)
    async with running(database_url, tmp_path, plant=RECORDS) as service:
        yield service


def url(operation: Operation, code: str | None = None) -> str:
    """Its address, about the record that is shown."""
    shown = [resolved(each) for each in operation.told.get("parameters", [])]
    named = [each["schema"]["examples"][0] for each in shown if each["in"] == "path"]
    return re.sub(r"\{\w+\}", code or (named[0] if named else ""), operation.path)


def query(operation: Operation) -> dict[str, Any]:
    """The parameters it cannot do without."""
    if operation.path == "/can-operate" and operation.method == "get":
        return {"person": "E1001", "equipment": "BC-02", "process": "LIFT"}
    return {}


def body(operation: Operation) -> tuple[bytes | None, dict[str, str]]:
    """The body that is shown, without instants that pass, and its headers."""
    contents = operation.told.get("requestBody", {}).get("content", {})
    if not contents:
        return None, {}
    media_type, content = next(iter(contents.items()))
    example = examples(content)[0]
    if isinstance(example, dict) and operation.path.startswith("/v1/persons/"):
        example = {name: value for name, value in example.items() if name != "at"}
    text = example if isinstance(example, str) else json.dumps(example)
    return text.encode(), {"Content-Type": media_type}


def checked(operation: Operation, answer: httpx.Response) -> list[str]:
    """What of the answer is not as the document says of the operation."""
    told = operation.response(answer.status_code)
    if told is None:
        return [f"{answer.status_code} is not declared: {answer.text[:300]}"]
    found = [f"{answer.status_code}: no header {name}" for name in _always(told) if name not in answer.headers]
    media_type = answer.headers.get("content-type", "")
    contents = told.get("content", {})
    if not contents:
        return found + ([f"a body: {answer.text[:300]}"] if answer.content else [])
    if media_type not in contents:
        return [*found, f"{answer.status_code} as {media_type}"]
    if "json" not in media_type or media_type == NDJSON:
        return found
    value = answer.json()
    found += [f"{answer.status_code}{each}" for each in wrong(value, contents[media_type]["schema"])]
    codes = told.get("x-problem-codes")
    if codes is not None:
        met = {value["code"], *(error["code"] for error in value["errors"])}
        met -= set(REASONS) if value["code"] == "entry_refused" else set()  # a gate is named as answers name it
        found += [f"{answer.status_code} with undeclared `{code}`" for code in sorted(met - set(codes))]
    return found


def _always(told: Mapping[str, Any]) -> list[str]:
    """Headers that every such answer has; a record that is not there has no version, and not all is worth trying again."""
    return [name for name in told.get("headers", {}) if name != "Retry-After" and not told.get("x-problem-codes")]


async def test_what_is_shown_is_accepted_and_answered_as_described(sample: Running) -> None:
    """Each operation, asked as its example shows about the sample plant, does it, and the answer is as its schema says."""
    found: dict[str, list[str]] = {}
    for operation in in_turn():
        content, headers = body(operation)
        answer = await sample.client.request(
            operation.method, url(operation), params=query(operation), content=content, headers=headers
        )
        expected = {REFUSED.get(str(operation), 200), 200, 201} if operation.method != "delete" else {204, 409}
        wrongs = checked(operation, answer)
        if answer.status_code not in expected:
            wrongs.append(f"{answer.status_code}: {answer.text[:400]}")
        if wrongs:
            found[str(operation)] = wrongs
    assert {} == found


async def test_each_operation_needs_the_scope_it_names(sample: Running) -> None:
    """Without a key it is 401, with all scopes but those named 403, with each named one it is let in."""
    keys: dict[str, str] = {scope: await sample.key(scope) for scope in SCOPES}
    keys |= {f"not {scope}": await sample.key(*(other for other in SCOPES if not _gives(other, scope))) for scope in SCOPES}
    keys |= {"admin": ADMIN_KEY, "not admin": await sample.key(*SCOPES)}
    keys["neither read nor maintain"] = await sample.key("ask:at", "approve")
    found: dict[str, Any] = {}
    for operation in operations():
        content, headers = body(operation)
        content = b"{}" if str(operation) == "run_rule_test" else content  # to keep questions takes `maintain`
        scopes = [each["key"][0] for each in operation.told["security"]]
        tried = {"": 200 if not scopes else 401}
        if scopes:
            tried |= {keys["neither read nor maintain" if len(scopes) > 1 else f"not {scopes[0]}"]: 403}
            tried |= {keys[scope]: 0 for scope in scopes}
        for key, expected in tried.items():
            given = headers | {"Authorization": f"Bearer {key}" if key else ""}
            answer = await sample.client.request(
                operation.method, url(operation, "NOBODY"), params=query(operation), content=content, headers=given
            )
            status = answer.status_code
            let_in = status != 401 and not (status == 403 and "scope_missing" in answer.text)
            if checked(operation, answer) or (status != expected if expected else not let_in):
                found[f"{operation} with {key}"] = (status, answer.text[:200], checked(operation, answer))
    assert {} == found


def _gives(scope: str, other: str) -> bool:
    return scope == other or (scope, other) == ("ask:at", "ask")


SPOILT: dict[str, dict[str, Any]] = {
    "an unknown parameter": {"params": {"colour": "red"}},
    "a repeated parameter": {"params": [("limit", "1"), ("limit", "2")]},
    "a limit of none": {"params": {"limit": "0"}},
    "a cursor of something else": {"params": {"cursor": "abc"}},
    "a path that is no UTF-8": {"code": "%FF"},
    "a code that is none": {"code": "a%20b"},
    "a record that is not there": {"code": "NOBODY"},
    "a body that is no JSON": {"content": b"{"},
    "a list for a body": {"content": b"[]"},
    "an unknown field": {"content": b'{"colour":"red"}'},
    "a wrong type": {"content": b'{"name":1,"code":2,"status":3,"valid_from":4,"requirement":5,"badges":6,"equipment":[]}'},
    "no media type": {"headers": {"Content-Type": "text/plain"}},
    "an unreadable If-Match": {"headers": {"If-Match": "abc"}},
    "another version": {"headers": {"If-Match": '"abc"'}},
    "only if it is not there": {"headers": {"If-None-Match": "*"}},
    "an empty Idempotency-Key": {"headers": {"Idempotency-Key": ""}},
    "a body too long": {"content": b'{"a":"' + b"a" * (17 << 20) + b'"}'},
}


async def test_refusals_are_as_described(sample: Running) -> None:
    """Whatever is wrong with a request, each operation answers with a status, a code and headers it declares."""
    found: dict[str, list[str]] = {}
    for what, spoilt in SPOILT.items():
        for operation in in_turn():
            content, headers = body(operation)
            answer = await sample.client.request(
                operation.method,
                url(operation, spoilt.get("code")),
                params=spoilt.get("params", query(operation)),
                content=spoilt.get("content", content) if content is not None else None,
                headers=headers | spoilt.get("headers", {}),
            )
            wrongs = checked(operation, answer)
            if answer.status_code >= 500 or wrongs:
                found[f"{operation} with {what}"] = [str(answer.status_code), *wrongs]
    assert {} == found
