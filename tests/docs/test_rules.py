"""The worked examples of docs/rules.md are rules of the service, and are answered as the page says."""

import re
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from qualsvc import sample
from qualsvc.kernel.answer import answer
from qualsvc.kernel.instants import parse_instant
from qualsvc.kernel.question import Answer, Question
from qualsvc.kernel.snapshot import Snapshot
from qualsvc.records.documents import to_document
from qualsvc.records.kinds import KINDS
from qualsvc.records.model import read_record
from tests.docs.examples import Asked, Example, examples
from tests.serving import ADMIN_KEY, running

EXAMPLES = examples()
TODAY = date(2026, 11, 21)
INSTANTS = ("at", "until")
each_example = pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: str(example.rule["code"]))


@cache
def plant() -> Snapshot:
    """The sample plant on the page's day."""
    snapshot = Snapshot(ZoneInfo)
    for line in sample.records(TODAY):
        put(snapshot, line)
    return snapshot


def put(snapshot: Snapshot, line: Mapping[str, Any]) -> None:
    """Apply a bulk line as the service would read it."""
    kind = KINDS[line["kind"]]
    fields = {name: value for name, value in line.items() if name not in {"kind", "op"}}
    deleted = line.get("op") == "delete"
    snapshot.apply(kind.name, line["code"], None if deleted else to_document(read_record(kind.model, fields)))


def with_example(example: Example, *, rule: bool = True) -> Snapshot:
    """The sample plant with what an example needs, and with its rule, or with no rule of that code at all."""
    snapshot = plant().copy()
    for line in example.records:
        put(snapshot, line)
    op = {} if rule else {"op": "delete"}
    put(snapshot, {"kind": "rule", **example.rule, **op})
    return snapshot


def asked_of(snapshot: Snapshot, asked: Asked) -> Answer:
    """What the kernel answers."""
    fields = {name: parse_instant(value) if name in INSTANTS else value for name, value in asked.question.items()}
    return answer(snapshot, Question(**fields))  # type: ignore[arg-type]


def test_there_are_at_least_twelve() -> None:
    """The page keeps its promise, and no two examples are of one rule."""
    assert 12 <= len(EXAMPLES) == len({example.rule["code"] for example in EXAMPLES})


@each_example
def test_each_begins_with_the_plants_sentence(example: Example) -> None:
    """Chinese first, then English, a line each; and questions of both outcomes."""
    chinese, english = example.sentence.splitlines()
    assert re.search("[一-鿿]", chinese)
    assert not re.search("[一-鿿]", english)
    assert len({asked.decision for asked in example.asked}) > 1 or example.rule["enforcement"] == "monitor"


@each_example
def test_the_answers_are_those_stated(example: Example) -> None:
    """Each question gets the decision, obligations and reasons of its row."""
    snapshot = with_example(example)
    for asked in example.asked:
        found = asked_of(snapshot, asked)
        told = (found.decision, [list(one) for one in found.obligations])
        assert (asked.decision, asked.obligations) == told, asked.question
        assert asked.reasons <= {reason.code for reason in found.reasons}, asked.question


@each_example
def test_the_rule_is_what_decides(example: Example) -> None:
    """Without the rule, at least one of its questions is answered otherwise: the example shows what it says."""
    there, gone = with_example(example), with_example(example, rule=False)
    assert any(asked_of(there, asked) != asked_of(gone, asked) for asked in example.asked)


@pytest.mark.anyio
async def test_the_service_takes_them_and_answers_alike(database_url: str, tmp_path: Path) -> None:
    """Sent as the page shows, all of them into one plant: every rule is taken, and every question answered as stated."""
    headers = {"Authorization": f"Bearer {ADMIN_KEY}"}
    async with running(database_url, tmp_path, plant=sample.records(TODAY)) as service:
        for example in EXAMPLES:
            if example.records:
                await service.load(example.records)
            put = await service.client.put(f"/v1/rules/{example.rule['code']}", json=example.rule, headers=headers)
            assert put.status_code in {200, 201}, put.text
        for example in EXAMPLES:
            for asked in example.asked:
                found = (await service.ask(**asked.question)).json()
                assert (asked.decision, asked.obligations) == (found["decision"], found["obligations"]), asked.question
                assert asked.reasons <= {reason["code"] for reason in found["reasons"]}, asked.question
