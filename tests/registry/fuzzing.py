"""Requests drawn from the OpenAPI document by schemathesis, with codes put in that there are."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any
from urllib.parse import quote

import httpx
import requests
import schemathesis
from hypothesis import strategies as st
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.core.result import Ok

from qualsvc.cli.openapi import openapi_text
from qualsvc.records.kinds import RECORD_KINDS
from qualsvc.sample import records

BASE_URL = "http://plant"

_PATHS = {kind.path: kind.name for kind in RECORD_KINDS}
_NAMED = {name: referred for kind in RECORD_KINDS for name, referred in kind.references.items() if name != "parent"} | {
    "confirmed_by": "person",
    "rule": "rule",
    "badge": "badge",
}
"""Fields and parameters that name a record, wherever they stand."""
_PRECONDITIONS = {"if-match", "if-none-match"}

Operation = APIOperation[Any, Any, Any, Any]


class Sample:
    """What is there: the codes by kind, and the records as bulk lines. No dataclass: hypothesis would write it all out."""

    def __init__(self, today: date) -> None:
        self.lines = records(today)
        self.codes: dict[str, Sequence[str]] = {kind.name: [] for kind in RECORD_KINDS}
        for line in self.lines:
            self.codes[line["kind"]] = [*self.codes[line["kind"]], line["code"]]
        self.codes["badge"] = [badge for line in self.lines for badge in line.get("badges", ())]
        self.codes["site_stay"] = self.codes["site_stay"] or ["NONE"]


@cache
def operations() -> dict[str, Operation]:
    """Every operation of the document, by method and path."""
    schemathesis.serializer("application/x-ndjson")(lambda _, value: value if isinstance(value, bytes) else str(value).encode())
    schema = schemathesis.openapi.from_dict(json.loads(openapi_text()))
    found: dict[str, Operation] = {}
    for result in schema.get_all_operations():
        assert isinstance(result, Ok), f"the document is not as OpenAPI has it: {result}"
        found[result.ok().label] = result.ok()
    return found


@st.composite
def cases(draw: st.DrawFn, label: str, sample: Sample) -> Case[Any]:
    """A request for an operation, named by method and path: as the document allows, or spoilt.

    Three of four times it has codes that there are; bulk requests then take lines of the sample, a deletion among them.
    """
    operation = operations()[label]
    # What takes nothing cannot be spoilt.
    takes = operation.body or operation.path_parameters or operation.query
    modes = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE] if takes else [GenerationMode.POSITIVE]
    mode = draw(st.sampled_from(modes))
    case: Case[Any] = draw(operation.as_strategy(generation_mode=mode))
    if draw(st.integers(0, 3)):
        _put_codes_in(draw, case, operation.path, sample.codes)
        if operation.path == "/v1/bulk":
            case.body = _bulk(draw, sample.lines)
    _forget_the_future(case)
    if draw(st.integers(0, 3)) and case.headers:
        for name in [name for name in case.headers if name.lower() in _PRECONDITIONS]:
            del case.headers[name]
    return case


def _forget_the_future(case: Case[Any]) -> None:
    """What asks for a revision that is not there yet is rightly answered 503."""
    body = case.body if isinstance(case.body, dict) else {}
    batch = body.get("questions")
    for question in (case.query, body, *(batch if isinstance(batch, list) else ())):
        if isinstance(question, dict):
            question.pop("min_revision", None)


def _put_codes_in(draw: st.DrawFn, case: Case[Any], path: str, codes: Mapping[str, Sequence[str]]) -> None:
    kind = _PATHS.get(path.split("/")[2] if path.startswith("/v1/") else "", "")
    if case.path_parameters and kind:
        case.path_parameters["code"] = quote(draw(st.sampled_from(codes[kind])), safe="")
    for name in sorted(set(case.query or ()) & _NAMED.keys()):
        case.query[name] = draw(st.sampled_from(codes[_NAMED[name]]))
    case.body = _named(draw, case.body, codes)


def _named(draw: st.DrawFn, body: Any, codes: Mapping[str, Sequence[str]]) -> Any:
    """The body with a code that there is wherever a string names a record."""
    if isinstance(body, list):
        return [_named(draw, each, codes) for each in body]
    if not isinstance(body, dict):
        return body
    return {
        name: draw(st.sampled_from(codes[_NAMED[name]]))
        if isinstance(value, str) and codes.get(_NAMED.get(name, ""))
        else _named(draw, value, codes)
        for name, value in body.items()
        if name != "code"
    }


def _bulk(draw: st.DrawFn, lines: Sequence[Mapping[str, Any]]) -> bytes:
    some = st.lists(st.sampled_from(lines), max_size=4, unique_by=lambda line: (line["kind"], line["code"]))
    chosen: list[Mapping[str, Any]] = draw(some)
    gone: bool = draw(st.booleans())
    if chosen and gone:
        chosen[0] = {"kind": chosen[0]["kind"], "code": chosen[0]["code"], "op": "delete"}
    return b"".join(json.dumps(line).encode() + b"\n" for line in chosen)


def request_of(case: Case[Any], token: str | None) -> httpx.Request:
    """The request as it goes over the wire, with this key or none."""
    sent = requests.Request(**case.as_transport_kwargs(base_url=BASE_URL)).prepare()
    headers = [(name, value) for name, value in sent.headers.items() if name.lower() not in {"authorization", "cookie"}]
    if token is not None:
        headers.append(("Authorization", f"Bearer {token}"))
    raw = [(_wire(name), _wire(value)) for name, value in headers]
    assert sent.method is not None
    assert sent.url is not None
    assert isinstance(sent.body, str | bytes | None)
    return httpx.Request(sent.method, sent.url, headers=raw, content=sent.body)


def _wire(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("latin-1", errors="replace")
