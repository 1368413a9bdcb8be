"""The server's reading of HTTP, with our errors, a bound on what may come before the body, and patience that ends."""

import asyncio
from http import HTTPStatus
from typing import Any

from httptools import HttpParserError, HttpParserUpgrade
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from qualsvc.http.intake import Intake
from qualsvc.http.problems import Problem

MAX_HEAD = 64 * 1024
"""Bytes of request line and headers; they are read before anybody knows who sends them."""
STALL_S = 20.0
"""Seconds in which nothing of a body came, or nothing of an answer was taken, after which a client counts as gone."""


class StrictHttp(HttpToolsProtocol):
    """Refuses in problem+json what cannot be read as HTTP, and heads that do not end; whoever asked before is answered first.

    Cuts off a client that stands still in a head, a body or an answer, or has vanished there: its request would keep its place
    in a lane for ever, or its connection that of another. To the application that is a client that has gone.
    """

    flow: Intake
    _in_head = True
    _head = 0
    _in_body = False
    _head_stalls: asyncio.TimerHandle | None = None
    _body_stalls: asyncio.TimerHandle | None = None
    _answer_stalls: asyncio.TimerHandle | None = None
    _end_stalls: asyncio.TimerHandle | None = None
    _answering: RequestResponseCycle | None = None
    """What the application was asked last; `cycle` is what was read last."""
    _refusal: Problem | None = None
    """What is said last of all; nothing is read any more."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.flow = Intake(transport, self.loop, self._read)
        self._wait_for_head()

    def data_received(self, data: bytes) -> None:
        self.flow.take(data)

    def _read(self, piece: bytes) -> None:
        was_in_body = self._in_body
        try:
            self.parser.feed_data(piece)
        except HttpParserError:
            self.send_400_response("")
            return
        except HttpParserUpgrade:
            pass  # another protocol was asked for, and is not spoken here: it goes on in this one
        if self._in_head:
            # A piece ends where a head does; so all of it is of this one, but for the rest of a body before.
            self._head += 0 if was_in_body else len(piece)
            if self._head_stalls is None:
                self._wait_for_head()
            if self._head > MAX_HEAD:
                detail = f"the request line and headers are longer than {MAX_HEAD} bytes"
                self._refuse(Problem(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "head_too_large", detail))
        if self._in_body:  # seldom: most requests are whole at once, and cost no timer
            self._wait_for_body()

    def on_message_begin(self) -> None:
        self._begin_head()
        super().on_message_begin()

    def _begin_head(self) -> None:
        self._in_head = True
        self._unset_keepalive_if_required()  # not before: empty lines may come between requests, and ask for nothing

    def on_headers_complete(self) -> None:
        self._head_is_whole()
        self._in_body = True
        super().on_headers_complete()

    def _head_is_whole(self) -> None:
        self._in_head, self._head = False, 0
        if self._head_stalls is not None:
            self._head_stalls.cancel()
            self._head_stalls = None

    def on_message_complete(self) -> None:
        self._in_body = False
        _stop(self._body_stalls)
        super().on_message_complete()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._answering = cycle
        super()._start_asgi_task(cycle, app)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.transport.is_closing():
            self._wait_for_end()
        elif self._refusal is not None and not self._is_answering():
            self._end(self._refusal)

    def _is_answering(self) -> bool:
        return self._answering is not None and not self._answering.response_complete

    def pause_writing(self) -> None:
        self._answer_stalls = self.loop.call_later(STALL_S, self._cut_off)
        super().pause_writing()

    def resume_writing(self) -> None:
        _stop(self._answer_stalls)
        super().resume_writing()

    def timeout_keep_alive_handler(self) -> None:
        super().timeout_keep_alive_handler()
        self._wait_for_end()

    def connection_lost(self, exc: Exception | None) -> None:
        for timer in (self._head_stalls, self._body_stalls, self._answer_stalls, self._end_stalls):
            _stop(timer)
        super().connection_lost(exc)
        self._unset_keepalive_if_required()
        self._tell_gone()
        # INVARIANT: nothing of this leads back to it from here on, so it goes at once. What goes in circles stays for ever: the
        # collector hardly ever looks at what is old.
        self.flow.drop()
        self.pipeline.clear()
        self._answering = self.cycle = None  # type: ignore[assignment]

    def _tell_gone(self) -> None:
        if self._answering is not None and not self._answering.response_complete:
            self._answering.disconnected = True
            self._answering.message_event.set()

    def _wait_for_head(self) -> None:
        # All of it, however often something comes: a head is short, and who has not sent one has no key yet.
        self._head_stalls = self.loop.call_later(STALL_S, self._cut_off)

    def _wait_for_body(self) -> None:
        # While the application has not read what came, nothing more is taken from the client, and none of that is its fault.
        # Reading is only ever paused where something comes, so one that began without a pause had none.
        then = self._wait_for_body if self.flow.read_paused else self._cut_off
        _stop(self._body_stalls)
        self._body_stalls = self.loop.call_later(STALL_S, then)

    def _wait_for_end(self) -> None:
        # It closes by itself once the last answer is taken, which may be never.
        if self._end_stalls is None:
            self._end_stalls = self.loop.call_later(STALL_S, self._cut_off)

    def _cut_off(self) -> None:
        self.transport.abort()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002  the server's own words say less
        detail = "this cannot be read as HTTP; percent-encode the address as UTF-8 and send no control characters"
        self._refuse(Problem(HTTPStatus.BAD_REQUEST, "malformed_request", detail))

    def _refuse(self, problem: Problem) -> None:
        """Read nothing more, and say this once whoever asked before is answered."""
        self._refusal = problem
        self.flow.drop()
        _stop(self._head_stalls)
        _stop(self._body_stalls)
        if self._in_body and self.cycle is self._answering:  # the application waits for the rest, or does not want it
            self._tell_gone()
            self._answering = self.cycle = None  # type: ignore[assignment]
        elif self._in_body:
            self.pipeline.popleft()
        if not self._is_answering():
            self._end(problem)

    def _end(self, problem: Problem) -> None:
        body = bytes(problem.response().body)
        head = (
            f"HTTP/1.1 {problem.status} {HTTPStatus(problem.status).phrase}\r\ncontent-type: application/problem+json\r\n"
            f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(head.encode("ascii") + body)
        # Not closed before the client does: what it still sends would have the network take away what it has not read yet.
        self.transport.write_eof()
        self.flow.resume_reading()
        self._wait_for_end()


def _stop(timer: asyncio.TimerHandle | None) -> None:
    if timer is not None:
        timer.cancel()
