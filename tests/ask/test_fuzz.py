"""Whatever is sent is answered with a documented status, never with a defect, and never with a yes that was not asked."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote_from_bytes

import httpx
from anyio.from_thread import start_blocking_portal
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.serving import QUESTION, Running, running

STATUSES = {200, 400, 403, 503}
NAMES = (
    "person",
    "badge",
    "equipment",
    "process",
    "at",
    "until",
    "known_at",
    "supervisor",
    "confirmed_by",
    "purpose",
    "min_revision",
    "lang",
)
INSTANTS = (
    *("2026-11-21T03:30:00Z", "2026-11-21T03:30:00+08:00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"),
    *("2026-02-30T00:00:00Z", "2026-11-21T24:00:00Z", "2098-12-30T16:00:00Z", "noon", ""),
)
WORDS = ("E1", "E2", "E3", "B-1", "FORK-07", "LOADING", "en", "zh-CN", "0", "1", "2", *INSTANTS)

fuzzed = settings(max_examples=300, suppress_health_check=list(HealthCheck))
texts = st.one_of(st.sampled_from(WORDS), st.text(max_size=20))
values = st.one_of(texts, st.none(), st.booleans(), st.integers(), st.floats(), st.lists(texts, max_size=2))
parts = st.tuples(st.sampled_from((*NAMES, "known_by", "")), st.one_of(texts.map(str.encode), st.binary(max_size=8)))
objects = st.dictionaries(st.one_of(st.sampled_from(NAMES), st.text(max_size=5)), values, max_size=8)
near = st.builds(lambda extra: QUESTION | extra, st.dictionaries(st.sampled_from(NAMES), values, max_size=3))


@contextmanager
def answering(database_url: str, directory: Path) -> Iterator[tuple[Running, Any]]:
    """The service on an event loop of its own, to be asked from here: (service, call)."""
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(running(database_url, directory, max_staleness_s=3600)) as plant,
    ):
        yield plant, portal.call


def check(response: httpx.Response) -> None:
    """A documented status, as JSON; a refusal is a problem."""
    assert response.status_code in STATUSES
    body = response.json()
    if response.status_code == 200:
        assert body["allowed"] is (body["decision"] == "allow")
    else:
        assert "application/problem+json" == response.headers["content-type"]
        assert (response.status_code, True) == (body["status"], bool(body["code"]))


def test_queries(database_url: str, tmp_path: Path) -> None:
    """Any query string has a documented answer; a yes only when each parameter was given once, and is known."""
    with answering(database_url, tmp_path) as (plant, call):

        @fuzzed
        @given(st.lists(parts, max_size=9), st.booleans(), st.booleans())
        def fuzz(extra: list[tuple[str, bytes]], begins_well: bool, quoted: bool) -> None:
            pairs = [*((name, value.encode()) for name, value in QUESTION.items() if begins_well), *extra]
            written = [
                name.encode() + b"=" + (quote_from_bytes(value, safe="").encode() if quoted else value) for name, value in pairs
            ]
            response = call(plant.query, b"&".join(written))
            check(response)
            if quoted and response.status_code == 200:
                names = [name for name, _ in pairs]
                assert len(set(names)) == len(names)
                assert set(NAMES) >= set(names)
                assert {"equipment", "process"} <= set(names)
                assert 1 == len({"person", "badge"} & set(names))

        fuzz()


def test_query_bytes(database_url: str, tmp_path: Path) -> None:
    """Any bytes at all after the question mark have a documented answer."""
    with answering(database_url, tmp_path) as (plant, call):

        @fuzzed
        @given(st.binary(max_size=60), st.booleans())
        def fuzz(query: bytes, begins_well: bool) -> None:
            check(call(plant.query, b"person=E1&equipment=FORK-07&process=LOADING" + query if begins_well else query))

        fuzz()


def test_bodies(database_url: str, tmp_path: Path) -> None:
    """Any JSON value has a documented answer; a yes only to an object of known fields, required ones among them."""
    with answering(database_url, tmp_path) as (plant, call):

        @fuzzed
        @given(st.one_of(objects, near, st.recursive(values, lambda inner: st.lists(inner, max_size=3), max_leaves=5)))
        def fuzz(body: Any) -> None:
            response = call(plant.post, body)
            check(response)
            if response.status_code == 200:
                assert set(NAMES) >= set(body)
                assert all(isinstance(body[name], str) for name in ("equipment", "process"))
                assert 1 == sum(body.get(name) is not None for name in ("person", "badge"))

        fuzz()


def test_batches(database_url: str, tmp_path: Path) -> None:
    """Any batch has a documented answer, as many decisions as questions."""
    with answering(database_url, tmp_path) as (plant, call):

        @fuzzed
        @given(st.one_of(st.lists(st.one_of(near, objects, values), max_size=5), values))
        def fuzz(questions: Any) -> None:
            response = call(plant.post, {"questions": questions}, "/can-operate/batch")
            assert response.status_code in STATUSES
            if response.status_code == 200:
                assert len(questions) == len(response.json()["decisions"])

        fuzz()


def test_damaged_bodies(database_url: str, tmp_path: Path) -> None:
    """A JSON body with one byte changed, lost or added has a documented answer, and never a yes for another machine."""
    good = json.dumps(QUESTION).encode()
    with answering(database_url, tmp_path) as (plant, call):

        @fuzzed
        @given(st.integers(0, len(good) - 1), st.binary(max_size=2), st.integers(0, 2))
        def fuzz(place: int, put: bytes, removed: int) -> None:
            body = good[:place] + put + good[place + removed :]
            response = call(plant.post, body)
            check(response)
            if response.status_code == 200 and response.json()["allowed"]:
                said = json.loads(body)
                assert QUESTION == {name: said[name] for name in QUESTION}

        fuzz()
