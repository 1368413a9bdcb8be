"""An answer is on file soon after the instant it bears, or not given: evidence of that instant is called complete later."""

import asyncio
from pathlib import Path

import pytest

from qualsvc.ask.asked import read_object
from qualsvc.ask.endpoint import AskEndpoint
from qualsvc.kernel.instants import parse_instant
from qualsvc.replica.lease import NotFreshError
from qualsvc.spool.reading import ON_FILE_WITHIN_S, last_records
from tests.serving import ADMIN_KEY, QUESTION, Running

pytestmark = pytest.mark.anyio

LATE = ON_FILE_WITHIN_S * 1_000_000


def endpoint(plant: Running) -> AskEndpoint:
    found = plant.service._ask
    assert found is not None
    return found


def on_file(data_dir: Path) -> int:
    return sum(each.sequence for each in last_records(data_dir / "spool").values())


async def test_what_took_too_long_is_not_put_on_file(own: Running) -> None:
    """Neither by the facts of now nor by those of the past; what was quick enough is."""
    point, asked = endpoint(own)._point, read_object(QUESTION)
    key = own.service.replica.keys().find(ADMIN_KEY.encode())
    assert key is not None
    before = on_file(own.data_dir)
    for _ in range(2):
        with pytest.raises(NotFreshError, match="took longer than 60 s") as refused:
            point.decide([asked], key, point.now() - LATE)
        assert "stale" == refused.value.code
        with pytest.raises(NotFreshError, match="took longer than 60 s"):
            point.recall(own.service.replica.fresh().snapshot, asked, key, point.now() - LATE)
    assert before == on_file(own.data_dir)
    point.decide([asked], key, point.now() - LATE + 10_000_000)
    assert before + 1 == on_file(own.data_dir)


async def test_a_batch_that_waits_its_turn_begins_when_that_comes(own: Running) -> None:
    """Its answers bear the instant it is decided, however many others were before it."""
    ask = endpoint(own)
    async with ask._batch_turn:
        waiting = asyncio.create_task(own.post({"questions": [QUESTION] * 2}, "/can-operate/batch"))
        while not ask._batch_turn._waiters:  # noqa: ASYNC110 -- nothing announces a waiter
            await asyncio.sleep(0.001)
        released = ask._point.now()
    answers = (await waiting).json()["decisions"]
    assert 2 == len(answers)
    assert all(released <= parse_instant(each["asked_at"]) for each in answers)
