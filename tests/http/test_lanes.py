"""Lanes by themselves: how many run, who waits, and that no slot is ever lost."""

import asyncio
from collections import deque
from collections.abc import Callable, MutableMapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qualsvc.http.lanes import Lane, through
from qualsvc.http.problems import Problem

pytestmark = pytest.mark.anyio

AGES_S = 60.0


class Held:
    """Requests in a lane, each until it is told to end."""

    def __init__(self, lane: Lane) -> None:
        self.lane = lane
        self.began: list[int] = []
        self._ends: dict[int, asyncio.Event] = {}
        self.tasks: dict[int, asyncio.Task[None]] = {}

    def arrives(self) -> int:
        number = len(self.tasks)
        self._ends[number] = asyncio.Event()
        self.tasks[number] = asyncio.create_task(self._run(number))
        return number

    async def _run(self, number: int) -> None:
        async with self.lane:
            self.began.append(number)
            await self._ends[number].wait()

    def ends(self, number: int) -> None:
        self._ends[number].set()

    async def over(self) -> None:
        for number, task in self.tasks.items():
            self.ends(number)
            task.cancel()
        await asyncio.gather(*self.tasks.values(), return_exceptions=True)


async def settle() -> None:
    """Let everything that can go on do so."""
    for _ in range(10):
        await asyncio.sleep(0)


STEPS = st.lists(st.tuples(st.sampled_from(["arrive", "end", "cancel", "end and cancel"]), st.integers(0, 9)), max_size=40)


@given(at_once=st.integers(1, 3), may_wait=st.integers(0, 4), steps=STEPS)
def test_whatever_happens(at_once: int, may_wait: int, steps: list[tuple[str, int]]) -> None:
    """However requests come, end and are cancelled: as many as may run do, in the order they came, and all slots come back."""
    asyncio.run(_whatever_happens(at_once, may_wait, steps))


async def _whatever_happens(at_once: int, may_wait: int, steps: list[tuple[str, int]]) -> None:
    lane = Lane("drawn", at_once, may_wait, AGES_S)
    held = Held(lane)
    running: list[int] = []
    waiting: deque[int] = deque()
    began: list[int] = []

    def advance() -> None:
        while waiting and len(running) < at_once:
            began.append(waiting[0])
            running.append(waiting.popleft())

    def gone(number: int) -> None:
        (running if number in running else waiting).remove(number)
        advance()

    for what, which in steps:
        there = [*running, *waiting]
        if what == "arrive":
            if len(waiting) < may_wait or len(running) < at_once:
                waiting.append(held.arrives())
            else:
                refused = held.arrives()
                await settle()
                assert isinstance(held.tasks[refused].exception(), Problem)
            advance()
        elif what == "end" and running:
            number = running[which % len(running)]
            held.ends(number)
            gone(number)
        elif what == "cancel" and there:
            number = there[which % len(there)]
            held.tasks[number].cancel()
            gone(number)
        elif what == "end and cancel" and running and waiting:
            # The slot is handed to who has waited longest, who is cancelled before it can know.
            ended, next_one = running[which % len(running)], waiting[0]
            held.ends(ended)
            while lane.waiting == len(waiting):  # noqa: ASYNC110 -- nothing announces that a slot is handed on
                await asyncio.sleep(0)
            held.tasks[next_one].cancel()
            waiting.popleft()
            gone(ended)
        await settle()
        assert (len(running), len(waiting), began) == (lane.running, lane.waiting, held.began)
    await held.over()
    assert (0, 0) == (lane.running, lane.waiting)


async def test_a_slot_handed_to_one_who_goes_is_handed_on() -> None:
    """Cancelled at the very moment it is handed the slot, a waiter passes it to the next, who would wait for ever else."""
    lane = Lane("narrow", 1, 2, AGES_S)
    assert lane.enters()
    first, second = asyncio.create_task(lane.enter()), asyncio.create_task(lane.enter())
    await settle()
    lane.leave()
    first.cancel()
    await asyncio.wait_for(second, AGES_S)
    assert first.cancelled()
    assert (1, 0) == (lane.running, lane.waiting)
    lane.leave()
    assert 0 == lane.running


async def test_a_slot_is_handed_past_one_who_is_going() -> None:
    """A waiter cancelled just before the slot is free does not get it."""
    lane = Lane("narrow", 1, 2, AGES_S)
    assert lane.enters()
    first, second = asyncio.create_task(lane.enter()), asyncio.create_task(lane.enter())
    await settle()
    first.cancel()
    lane.leave()
    await asyncio.wait_for(second, AGES_S)
    await settle()
    assert first.cancelled()
    assert (1, 0) == (lane.running, lane.waiting)


async def test_nobody_overtakes() -> None:
    """Who comes at the moment a slot is handed on waits behind those who have waited."""
    lane = Lane("narrow", 1, 5, AGES_S)
    held = Held(lane)
    for _ in range(3):
        held.arrives()
    await settle()
    held.ends(0)
    await asyncio.wait({held.tasks[0]})
    assert not lane.enters()
    held.arrives()
    for number in (1, 2, 3):
        held.ends(number)
    await settle()
    assert [0, 1, 2, 3] == held.began
    assert 0 == lane.running


async def test_too_many_wait() -> None:
    """Beyond those who may wait, one is refused at once, with 429, when to come again, and what is full."""
    lane = Lane("report", 1, 1, AGES_S, what="reports", advice="ask for them one after another")
    assert lane.enters()
    waiting = asyncio.create_task(lane.enter())
    await settle()
    with pytest.raises(Problem) as refused:
        await lane.enter()
    assert (429, "too_many_requests", {"Retry-After": "1"}) == (
        refused.value.status,
        refused.value.code,
        refused.value.headers,
    )
    expected = "too many reports at once: 1 run and 1 wait, as many as may (lane `report`); ask for them one after another"
    assert expected == refused.value.detail
    assert 1 == lane.refused
    waiting.cancel()


async def test_waiting_ends() -> None:
    """Who has waited too long is refused, and their place is free again; so is the slot when it comes."""
    lane = Lane("narrow", 1, 1, 0.01)
    assert lane.enters()
    for _ in range(2):
        with pytest.raises(Problem, match=r"1 run, and none of them made room within 0\.01 s"):
            await lane.enter()
    assert (1, 0, 2) == (lane.running, lane.waiting, lane.refused)
    lane.leave()
    assert lane.enters()


async def _asked(
    lane: Lane, app: ASGIApp, require_key: Callable[[Scope], None], *received: Message
) -> list[MutableMapping[str, Any]]:
    sent: list[MutableMapping[str, Any]] = []
    coming = iter(received)

    async def receive() -> Message:
        return next(coming)

    async def send(message: Message) -> None:
        sent.append(message)

    await through(lane, app, {"type": "http", "method": "GET", "path": "/", "headers": []}, receive, send, require_key)
    return sent


def anybody(_: Scope) -> None:
    """Everybody has a key here."""


def nobody(_: Scope) -> None:
    """And nobody here."""
    raise Problem(401, "unauthorized", "no API key")


async def _told(_: Scope, __: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"ok"})


async def test_the_slot_is_held_while_an_answer_is_sent() -> None:
    """A stream holds its slot to its end, and gives it back then."""
    lane, go_on = Lane("narrow", 1), asyncio.Event()

    async def stream(_: Scope, __: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"some", "more_body": True})
        await go_on.wait()
        await send({"type": "http.response.body", "body": b""})

    streaming = asyncio.create_task(_asked(lane, stream, anybody))
    await settle()
    assert 1 == lane.running
    assert 429 == (await _asked(lane, _told, anybody))[0]["status"]
    go_on.set()
    await streaming
    assert 0 == lane.running
    assert 200 == (await _asked(lane, _told, anybody))[0]["status"]


async def test_the_slot_comes_back_from_what_fails() -> None:
    """An exception, and a request that is cancelled, give the slot back."""
    lane = Lane("narrow", 1)

    async def fails(_: Scope, __: Receive, ___: Send) -> None:
        raise OSError

    async def lasts(_: Scope, __: Receive, ___: Send) -> None:
        await asyncio.Event().wait()

    with pytest.raises(OSError):
        await _asked(lane, fails, anybody)
    assert 0 == lane.running
    lasting = asyncio.create_task(_asked(lane, lasts, anybody))
    await settle()
    assert 1 == lane.running
    lasting.cancel()
    await asyncio.wait({lasting})
    assert 0 == lane.running


async def test_who_has_no_key_does_not_wait() -> None:
    """Without a good key one is told so at once, and takes nobody's place in the queue."""
    lane = Lane("narrow", 1, 1, AGES_S)
    assert lane.enters()
    assert 401 == (await _asked(lane, _told, nobody))[0]["status"]
    assert (0, 0) == (lane.waiting, lane.refused)


async def test_who_has_gone_while_waiting_is_not_served() -> None:
    """When the turn comes of a client that has gone, nothing is done for it, and the next one has its slot."""
    lane = Lane("narrow", 1, 2, AGES_S)
    assert lane.enters()
    gone = asyncio.create_task(_asked(lane, _told, anybody, {"type": "http.disconnect"}))
    there = asyncio.create_task(_asked(lane, _told, anybody, {"type": "http.request"}))
    await settle()
    lane.leave()
    assert [] == await gone
    assert 200 == (await there)[0]["status"]
    assert 0 == lane.running


async def test_the_whole_body_is_received_after_waiting() -> None:
    """What came of a body until it was the request's turn is the application's, in order."""
    lane = Lane("narrow", 1, 1, AGES_S)
    assert lane.enters()

    async def echoes(_: Scope, receive: Receive, send: Send) -> None:
        while (message := await receive()).get("more_body"):
            await send(message)
        await send(message)

    body: list[Message] = [{"type": "http.request", "body": bytes([n]), "more_body": n < 3} for n in range(4)]
    waiting = asyncio.create_task(_asked(lane, echoes, anybody, *body))
    await settle()
    lane.leave()
    assert body == await waiting
