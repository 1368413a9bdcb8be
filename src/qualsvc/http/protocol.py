"""The server's reading of HTTP, with our errors, a bound on what may come before the body, and patience that ends."""

import asyncio
from http import HTTPStatus

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from qualsvc.http.problems import Problem

MAX_HEAD = 64 * 1024
"""Bytes of request line and headers; they are read before anybody knows who sends them."""
STALL_S = 20.0
"""Seconds in which nothing of a body came, or nothing of an answer was taken, after which a client counts as gone."""


class StrictHttp(HttpToolsProtocol):
    """Refuses in problem+json what cannot be read as HTTP, and heads that do not end.

    Cuts off a client that stands still in a head, a body or an answer, or has vanished there: its request would keep its place
    in a lane for ever, or its connection that of another. To the application that is a client that has gone.
    """

    _in_head = True
    _head = 0
    _in_body = False
    _head_stalls: asyncio.TimerHandle | None = None
    _body_stalls: asyncio.TimerHandle | None = None
    _answer_stalls: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait_for_head()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._in_head and not self.transport.is_closing():
            self._head += len(data)
            if self._head_stalls is None:
                self._wait_for_head()
            if self._head > MAX_HEAD:
                detail = f"the request line and headers are longer than {MAX_HEAD} bytes"
                self._refuse(Problem(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "head_too_large", detail))
        if self._in_body:  # seldom: most requests are whole at once, and cost no timer
            self._wait_for_body()

    def on_message_begin(self) -> None:
        self._in_head, self._head = True, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._head_is_whole()
        self._in_body = True
        super().on_headers_complete()

    def _head_is_whole(self) -> None:
        self._in_head = False
        if self._head_stalls is not None:
            self._head_stalls.cancel()
            self._head_stalls = None

    def on_message_complete(self) -> None:
        self._in_body = False
        _stop(self._body_stalls)
        super().on_message_complete()

    def pause_writing(self) -> None:
        self._answer_stalls = self.loop.call_later(STALL_S, self._cut_off)
        super().pause_writing()

    def resume_writing(self) -> None:
        _stop(self._answer_stalls)
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        _stop(self._head_stalls)
        _stop(self._body_stalls)
        _stop(self._answer_stalls)
        super().connection_lost(exc)

    def _wait_for_head(self) -> None:
        # All of it, however often something comes: a head is short, and who has not sent one has no key yet.
        self._head_stalls = self.loop.call_later(STALL_S, self._cut_off)

    def _wait_for_body(self) -> None:
        # While the application has not read what came, nothing more is taken from the client, and none of that is its fault.
        # Reading is only ever paused where something comes, so one that began without a pause had none.
        then = self._wait_for_body if self.flow.read_paused else self._cut_off
        _stop(self._body_stalls)
        self._body_stalls = self.loop.call_later(STALL_S, then)

    def _cut_off(self) -> None:
        self.transport.abort()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002  the server's own words say less
        detail = "this cannot be read as HTTP; percent-encode the address as UTF-8 and send no control characters"
        self._refuse(Problem(HTTPStatus.BAD_REQUEST, "malformed_request", detail))

    def _refuse(self, problem: Problem) -> None:
        body = bytes(problem.response().body)
        head = (
            f"HTTP/1.1 {problem.status} {HTTPStatus(problem.status).phrase}\r\ncontent-type: application/problem+json\r\n"
            f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(head.encode("ascii") + body)
        self.transport.close()


def _stop(timer: asyncio.TimerHandle | None) -> None:
    if timer is not None:
        timer.cancel()
