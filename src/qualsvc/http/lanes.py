"""A lane: how many requests of a sort run at once, and how many wait for that, so that no sort starves another."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Self

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qualsvc.http.problems import Problem

LEAVE = "qualsvc.leave_lane"


class Lane:
    """At most `at_once` run, at most `may_wait` wait, each for `patience_s` seconds at most, first come first served.

    `what` goes this way, and `advice` what a person does who finds it full, are for the detail of the refusal.
    """

    def __init__(
        self, name: str, at_once: int, may_wait: int = 0, patience_s: float = 0, *, what: str = "requests", advice: str = ""
    ) -> None:
        self.name = name
        self.at_once = at_once
        self.may_wait = may_wait
        self.patience_s = patience_s
        self.running = 0
        self.refused = 0
        self._what = what
        self._advice = advice or "try again in a second"
        self._turns: deque[asyncio.Future[None]] = deque()

    @property
    def waiting(self) -> int:
        """How many wait for a slot now."""
        return len(self._turns)

    @property
    def is_full(self) -> bool:
        """Whether who comes now has to wait or to go."""
        return self.running >= self.at_once

    def enters(self) -> bool:
        """Take a slot if one is free; who is told True must `leave`."""
        # INVARIANT: a slot is free only while nobody waits, for `leave` hands it on; so nobody overtakes here.
        if self.running < self.at_once:
            self.running += 1
            return True
        return False

    async def enter(self) -> None:
        """Take a slot, in turn. Raises Problem 429 when too many wait already, or the wait was too long."""
        if self.enters():
            return
        if len(self._turns) >= self.may_wait:
            waiting = f" and {self.may_wait} wait" if self.may_wait else ""
            raise self._full(f"{self.at_once} run{waiting}, as many as may")
        turn = asyncio.get_running_loop().create_future()
        self._turns.append(turn)
        try:
            async with asyncio.timeout(self.patience_s):
                await self._handed(turn)
        except TimeoutError:
            raise self._full(f"{self.at_once} run, and none of them made room within {self.patience_s:g} s") from None

    async def _handed(self, turn: asyncio.Future[None]) -> None:
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.leave()  # handed over at the very moment of giving up: the next one gets it, or it would be lost
            else:
                with contextlib.suppress(ValueError):  # `leave` may have met it already, and passed it over
                    self._turns.remove(turn)
            raise

    def leave(self) -> None:
        """Give the slot back: to who has waited longest, if anybody does."""
        while self._turns:
            turn = self._turns.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self.running -= 1

    async def __aenter__(self) -> Self:
        await self.enter()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.leave()

    def _full(self, how: str) -> Problem:
        self.refused += 1
        detail = f"too many {self._what} at once: {how} (lane `{self.name}`); {self._advice}"
        return Problem(429, "too_many_requests", detail, headers={"Retry-After": "1"})


async def through(
    lane: Lane, app: ASGIApp, scope: Scope, receive: Receive, send: Send, require_key: Callable[[Scope], None]
) -> None:
    """Run the request in the lane: its slot is held until the whole response is sent, and then given back, whatever happens.

    Under `LEAVE` the scope has what gives it back before, for a request that only waits from then on.

    `require_key` raises Problem for who has no good key: such a one takes nobody's place in the queue.
    """
    must_wait = not lane.enters()
    try:
        if must_wait:
            require_key(scope)
            await lane.enter()
    except Problem as problem:
        await problem.response()(scope, receive, send)
        return
    has_left = False

    def leave() -> None:
        nonlocal has_left
        if not has_left:
            has_left = True
            lane.leave()

    scope[LEAVE] = leave
    try:
        if must_wait:
            first = await receive()
            if first["type"] == "http.disconnect":
                return  # who has given up and asks again is not to be answered twice
            receive = _from(first, receive)
        await app(scope, receive, send)
    finally:
        leave()


def _from(first: Message, receive: Receive) -> Receive:
    """What is received, from a message on that was received already."""
    unread = [first]

    async def received() -> Message:
        return unread.pop() if unread else await receive()

    return received
