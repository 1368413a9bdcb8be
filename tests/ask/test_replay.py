"""Replay: a record is reckoned anew by whoever wrote the first, and each field that differs is named."""

import json
from typing import Any

import msgspec
import pytest

from qualsvc.ask.asked import PARAMETERS, read_object
from qualsvc.ask.recorded import UnreadableRecordError, read_record
from qualsvc.ask.replaying import Difference, replay
from qualsvc.openapi.sampled import held, question
from qualsvc.spool.format import read_entries
from tests.serving import QUESTION, TRAINEE, Running

pytestmark = pytest.mark.anyio

AT = "2026-11-21T03:30:00Z"
LATER = "2099-01-01T00:00:00Z"
ASKED: tuple[dict[str, Any], ...] = (
    QUESTION,
    QUESTION | {"at": AT},
    QUESTION | {"at": AT, "until": LATER},
    QUESTION | {"known_at": AT},
    QUESTION | {"known_at": AT, "at": AT, "until": LATER},
    {"badge": "B-1", "equipment": "FORK-07", "process": "LOADING"},
    {"badge": "nobody's", "equipment": "FORK-07", "process": "LOADING"},
    TRAINEE | {"supervisor": "E1", "confirmed_by": "E3", "purpose": "解锁", "lang": "zh-CN"},
    {"person": "nobody", "equipment": "nothing", "process": "none"},
)


async def recorded(plant: Running, asked: dict[str, Any]) -> bytes:
    """What is on record of the question once it was asked."""
    assert 200 == (await plant.post(asked)).status_code
    *_, last = read_entries(plant.service.spool().path)
    return last.payload


@pytest.mark.parametrize("asked", ASKED, ids=lambda asked: " ".join(sorted(set(asked) - {"equipment", "process"})))
async def test_what_was_asked_is_read_back(plant: Running, asked: dict[str, Any]) -> None:
    """A record says all that was asked, but for what asks for no other answer."""
    payload = await recorded(plant, asked | {"min_revision": 1})
    assert read_object(asked) == read_record(payload).asked
    assert [] == replay(payload, await plant.service.past.at(read_record(payload).revision), 300)


def test_every_parameter_is_asked() -> None:
    """What is read back above has each parameter, so that no new one is left out of the record."""
    assert set(PARAMETERS) - {"min_revision"} == {name for asked in ASKED for name in asked}


async def test_each_difference_is_named(plant: Running) -> None:
    """Whatever is altered in a record, added to it or taken out shows at its place, with both values."""
    payload = await recorded(plant, TRAINEE | {"until": LATER})
    past = await plant.service.past.at(read_record(payload).revision)
    record = json.loads(payload)
    answer = record["answer"]
    reason = answer["reasons"][0]
    cases: list[tuple[dict[str, Any], list[Difference]]] = [
        ({}, []),
        ({"decision": "allow"}, [Difference("/answer/decision", "allow", answer["decision"])]),
        ({"allowed": 0}, [Difference("/answer/allowed", 0, False)]),
        ({"revision": 1}, [Difference("/answer/revision", 1, answer["revision"])]),
        ({"worst_from": None}, [Difference("/answer/worst_from", None, answer["worst_from"])]),
        ({"obligations": []}, [Difference("/answer/obligations/0", msgspec.UNSET, answer["obligations"][0])]),
        ({"reasons": [reason | {"a/b": 1}]}, [Difference("/answer/reasons/0/a~1b", 1)]),
        ({"reasons": [reason, reason]}, [Difference("/answer/reasons/1", reason)]),
    ]
    for altered, expected in cases:
        assert expected == replay(json.dumps(record | {"answer": answer | altered}).encode(), past, 300)
    assert [Difference("/site", "HAM", "NGB")] == replay(json.dumps(record | {"site": "HAM"}).encode(), past, 300)
    question = record["question"] | {"colour": "red"}
    found = replay(json.dumps(record | {"question": question}).encode(), past, 300)
    assert [Difference("/question/colour", "red")] == found
    assert b'{"pointer":"/question/colour","logged":"red"}' == msgspec.json.encode(found[0])


async def test_the_age_of_answers_is_that_of_the_boot(plant: Running) -> None:
    """`recheck_by` is reckoned with the setting of the life of the process that answered."""
    payload = await recorded(plant, QUESTION)
    past = await plant.service.past.at(read_record(payload).revision)
    assert ["/answer/recheck_by"] == [difference.pointer for difference in replay(payload, past, 301)]


def test_by_the_facts_alone() -> None:
    """A replay needs nothing but the record and a snapshot."""
    asked = question("allowed")
    record = {
        "key": "k",
        "site": "NGB",
        "question": {"at_given": False, "lang": "en"},
        "answer": {name: asked[name] for name in ("person", "equipment", "process")}
        | {"asked_at": AT, "at": AT, "revision": 3, "decision_id": "x-1"},
    }
    found = replay(json.dumps(record).encode(), held().snapshot, 300)
    assert {"allow", True, "2026-11-21T03:35:00Z"} < {
        each.recomputed for each in found if isinstance(each.recomputed, str | bool)
    }
    assert {msgspec.UNSET} == {each.logged for each in found}


@pytest.mark.parametrize("payload", [b"", b"[]", b'{"open":{}}', b'{"key":"k","question":{},"answer":{}}', b"{", b"\xff"])
def test_what_is_no_answer(payload: bytes) -> None:
    """What is not the record of an answer is refused as such."""
    with pytest.raises(UnreadableRecordError, match="not the record of an answer"):
        replay(payload, held().snapshot, 300)
