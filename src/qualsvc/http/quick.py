"""Answering at once, before the framework: when a request is whole, without a task, a scope, a message or a timer of its own.

Only what is beyond doubt is answered so. All else, every refusal too, goes to the application, which is asked in full.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from qualsvc.http.protocol import StrictHttp

_PLAIN = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@/?%"
"""What RFC 3986 has in a path and a query; whatever else a request target holds is for the server's own reading."""
_IN_FULL = frozenset({b"content-length", b"transfer-encoding", b"expect", b"upgrade"})


class Quick(NamedTuple):
    """What is answered at once: a GET of `path` with a query. `answer` is given that and the `Authorization` headers.

    It answers the body of a 200 with `headers`, or None where the application is to be asked; it raises nothing.
    """

    path: bytes
    headers: Sequence[tuple[bytes, bytes]]
    answer: Callable[[bytes, list[bytes]], bytes | None]


class QuickHttp(StrictHttp):
    """INVARIANT: what it answers by itself reads as the application's answer would, byte for byte."""

    def __init__(self, quick: Quick, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._answer_quickly = quick.answer
        self._target = quick.path + b"?"
        self._headers = b"".join(b"%b: %b\r\n" % header for header in quick.headers) + b"content-length: "
        self._is_candidate = False
        self._authorization: list[bytes] = []
        self._defaults: list[tuple[bytes, bytes]] | None = None
        self._start = b""
        self._idle: asyncio.TimerHandle | None = None
        self._idle_from = 0.0
        # Where the server is to bound or to log requests, each has to go through it.
        self._is_watched = self.limit_concurrency is not None or self.access_log or bool(self.root_path)

    def on_message_begin(self) -> None:
        # What the server notes of a request; the scope is left out until it is known that one is needed.
        self._in_head, self._head = True, 0
        self.url, self.headers, self.expect_100_continue = b"", [], False

    def on_headers_complete(self) -> None:
        if self._could_be_quick():
            self._is_candidate = True
            self._head_is_whole()
        else:
            self._in_full()

    def on_message_complete(self) -> None:
        if self._is_candidate:
            self._is_candidate = False
            body = self._answer_quickly(self.url[len(self._target) :], self._authorization)
            if body is not None:
                self._send(body)
                return
            self._in_full()
        super().on_message_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._idle is not None:
            self._idle.cancel()
        super().connection_lost(exc)

    def _could_be_quick(self) -> bool:
        if (
            not self.url.startswith(self._target)
            or self.parser.get_method() != b"GET"
            or self.url.translate(None, _PLAIN)
            or self._is_watched
            or (self.cycle is not None and not self.cycle.response_complete)  # answers go out in the order of requests
            or self.flow.write_paused
            or self.parser.get_http_version() != "1.1"
            or not self.parser.should_keep_alive()
        ):
            return False
        authorization = []
        for name, value in self.headers:
            if name == b"authorization":
                authorization.append(value)
            elif name in _IN_FULL:
                return False
        self._authorization = authorization
        return True

    def _in_full(self) -> None:
        """Have the server note the request as if it had just been read, and call the application."""
        url, headers, expects = self.url, self.headers, self.expect_100_continue
        super().on_message_begin()
        self.url, self.expect_100_continue = url, expects
        self.headers += headers
        super().on_headers_complete()

    def _send(self, body: bytes) -> None:
        defaults = self.server_state.default_headers
        if defaults is not self._defaults:  # made anew each second, for the date
            self._defaults = defaults
            self._start = b"HTTP/1.1 200 OK\r\n" + b"".join(b"%b: %b\r\n" % header for header in defaults) + self._headers
        self.transport.write(b"%b%d\r\n\r\n%b" % (self._start, len(body), body))
        self.server_state.total_requests += 1
        self._idle_from = self.loop.time()
        if self._idle is None:
            self._idle = self.loop.call_later(self.timeout_keep_alive, self._look_whether_idle)

    def _look_whether_idle(self) -> None:
        """Close a connection on which nothing came since the last quick answer; one look serves for many of those."""
        self._idle = None
        left = self._idle_from + self.timeout_keep_alive - self.loop.time()
        is_answering = self.cycle is not None and not self.cycle.response_complete
        if is_answering or self.timeout_keep_alive_task is not None:
            return  # the server looks after it
        if left <= 0 and self._head_stalls is None:
            self.timeout_keep_alive_handler()
            return
        again = left if left > 0 else self.timeout_keep_alive  # in the midst of a head, for which there is a time of its own
        self._idle = self.loop.call_later(again, self._look_whether_idle)
