"""What comes over a connection, handed on a little at a time.

A client may send thousands of requests in one piece. Reading them all at once would hold up everybody else, and keep a request
in memory for each.
"""

import asyncio
from collections.abc import Callable

from uvicorn.protocols.http.flow_control import FlowControl

_HEADS = 4
"""Of requests that come in one piece no more are read in one step: others want their turn, and a turn may be that of many."""
_BYTES = 32 * 1024
"""Nor is more than this."""
_END = b"\r\n\r\n"
"""Ends a head. To cut elsewhere would do no harm: the parser takes pieces of any kind."""


class Intake(FlowControl):
    """Hands what came to `read`: whole heads one by one, a few in a step, and nothing while the server has reading paused.

    INVARIANT: while something is held here nothing more is taken from the client, so that is never more than came in one piece.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop, read: Callable[[bytes], None]) -> None:
        super().__init__(transport)
        self._loop = loop
        self._read: Callable[[bytes], None] = read
        self._held = b""
        self._at = 0
        """How much of what is held was read already."""
        self._is_full = False
        """Whether nothing is taken from the client because of what is held."""
        self._is_due = False
        """Whether it goes on in the next turn by itself."""

    def take(self, data: bytes) -> None:
        """Read what came, now as far as may be."""
        self._held += data
        if not self._is_due and not self.read_paused:
            self._go_on()

    def drop(self) -> None:
        """Read nothing any more, and keep nobody alive: what is held goes, and whatever else comes."""
        self._held, self._at, self._read = b"", 0, _unread

    def resume_reading(self) -> None:
        """What is held comes first, and not in this very step: who says so is in the midst of an answer."""
        if self._is_full:
            self.read_paused = False
            self._go_on_later()
        elif not self._transport.is_closing():
            super().resume_reading()

    def _go_on_later(self) -> None:
        if not self._is_due:
            self._is_due = True
            self._loop.call_soon(self._go_on)

    def _go_on(self) -> None:
        self._is_due = False
        if self.read_paused:
            return
        limit = self._at + _BYTES
        for _ in range(_HEADS):
            self._read(self._next(limit))
            if not self._held or self._at >= limit or self.read_paused:
                break
        if self._transport.is_closing():
            self.drop()
            return
        if self._held and not self._is_full:
            self._transport.pause_reading()
        elif self._is_full and not self._held and not self.read_paused:
            self._transport.resume_reading()
        self._is_full = bool(self._held)
        if self._held and not self.read_paused:
            self._go_on_later()

    def _next(self, limit: int) -> bytes:
        """What is held, to the end of a head or the limit."""
        held, start = self._held, self._at
        found = held.find(_END, start, limit)
        end = min(limit, len(held)) if found < 0 else found + len(_END)
        if end < len(held):
            self._at = end
        else:
            self._held, self._at = b"", 0
        return held[start:end]


def _unread(_: bytes) -> None:
    """It came too late."""
