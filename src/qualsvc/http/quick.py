"""Answering at once, before the framework: when a request is whole, without a task, a scope, a message or a timer of its own.

Only what is beyond doubt is answered so. All else, every refusal too, goes to the application, which is asked in full.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from qualsvc.http.problems import Problem
from qualsvc.http.protocol import MAX_HEAD, StrictHttp

_PLAIN = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@/?%"
"""What RFC 3986 has in a path and a query; whatever else a request target holds is for the server's own reading."""
_IN_FULL = frozenset({b"content-length", b"transfer-encoding", b"expect", b"upgrade"})
_GET = b"GET "
_END = b"\r\n\r\n"

Settled = Callable[[Exception | None], None]


class Quick(NamedTuple):
    """What is answered at once: a GET of `path` with a query. `answer` is given that and what `present` makes of the
    `Authorization` headers, which is the same object for as long as a connection presents the same ones.

    The application has it as `quick`, also inside others that have it as `app`.

    It answers the body of a 200 with `headers`, and calls what it was given last once that may be sent, with None, or with
    what stands against it; or it answers None, where the application is to be asked. It raises nothing. `settle` has it not
    wait, and `settle_if_alone` where there is hardly anything to wait for.
    """

    path: bytes
    headers: Sequence[tuple[bytes, bytes]]
    present: Callable[[list[bytes]], Any]
    answer: Callable[[bytes, Any, Settled], bytes | None]
    settle: Callable[[], None]
    settle_if_alone: Callable[[], None]


class QuickHttp(StrictHttp):
    """INVARIANT: what it answers by itself reads as the application's answer would, byte for byte.

    Clients send the same headers again and again. Those of a request that was read, and could be answered at once, are known
    by their bytes from then on: a request that is these bytes after a plain target needs no reading.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        quick = _quick(self.app)
        self._present = quick.present
        self._answer_quickly = quick.answer
        self._settle = quick.settle
        self._settle_if_alone = quick.settle_if_alone
        self._target = quick.path + b"?"
        self._request = _GET + self._target
        self._headers = b"".join(b"%b: %b\r\n" % header for header in quick.headers) + b"content-length: "
        self._defaults: list[tuple[bytes, bytes]] | None = None
        self._start = b""
        self._is_between = True
        """Whether the parser waits for a request to begin."""
        self._data = b""
        """What is being read, where a request may be whole in it."""
        self._rest: bytes | None = None
        """What followed the target of a request that was read, to its end; `_presented` is from there."""
        self._presented: Any = None
        self._is_candidate = False
        self._is_doubted = False
        """Whether what is being read was tried already, and is to be asked in full."""
        self._pending: bytes | None = None
        """The answer that waits to be sent; `_unread` is its request, where the parser has not seen that."""
        self._unread: bytes | None = None
        self._idle: asyncio.TimerHandle | None = None
        self._idle_from = 0.0
        # Where the server is to bound or to log requests, each has to go through it.
        is_watched = self.limit_concurrency is not None or self.access_log or bool(self.root_path)
        self._is_off = is_watched or quick is _NOTHING

    def data_received(self, data: bytes) -> None:
        rest = self._rest
        if (
            rest is not None
            and self._is_between
            and self._pending is None
            and len(data) <= MAX_HEAD
            and data.startswith(self._request)
            and data.endswith(rest)
            and self._may_answer()
        ):
            query = data[len(self._request) : -len(rest)]
            if not query.translate(None, _PLAIN):
                self._unset_keepalive_if_required()
                self._pending = self._answer_quickly(query, self._presented, self._settled)
                if self._pending is not None:
                    self._unread = data
                    self._settle_if_alone()
                    return
                self._is_doubted = True
        if self._unread is not None:  # it came before, and is to be read before, should it have to be
            self._settle()
        super().data_received(data)

    def _read(self, piece: bytes) -> None:
        self._data = piece if self._is_between else b""
        super()._read(piece)
        self._data, self._is_doubted = b"", False

    def on_message_begin(self) -> None:
        if self._pending is not None:  # answers go out in the order of requests
            self._settle()
        self._is_between = False
        # What the server notes of a request; the scope is left out until it is known that one is needed.
        self._begin_head()
        self.url, self.headers, self.expect_100_continue = b"", [], False

    def on_headers_complete(self) -> None:
        if self._could_be_quick():
            self._is_candidate = True
            self._head_is_whole()
        else:
            self._in_full()

    def on_message_complete(self) -> None:
        self._is_between = True
        if self._is_candidate:
            self._is_candidate = False
            self._pending = self._answer_quickly(self.url[len(self._target) :], self._presented, self._settled)
            if self._pending is not None:
                self._remember_rest()
                return
            self._in_full()
        super().on_message_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._idle is not None:
            self._idle.cancel()
        super().connection_lost(exc)

    def shutdown(self) -> None:
        if self._pending is not None:
            self._settle()
        super().shutdown()

    def _refuse(self, problem: Problem) -> None:
        self._rest = None
        if self._pending is not None:
            self._settle()
        super()._refuse(problem)

    def _may_answer(self) -> bool:
        """Whether an answer could be sent now, and would be the next one due."""
        return (self.cycle is None or self.cycle.response_complete) and not self.flow.write_paused

    def _could_be_quick(self) -> bool:
        if (
            self._is_off
            or self._is_doubted
            or not self.url.startswith(self._target)
            or self.url.translate(None, _PLAIN)
            or self.parser.get_method() != b"GET"
            or self.parser.get_http_version() != "1.1"
            or not self.parser.should_keep_alive()
            or not self._may_answer()
        ):
            return False
        self._rest = None
        self._presented = self._present([value for name, value in self.headers if name == b"authorization"])
        return not any(name in _IN_FULL for name, _ in self.headers)

    def _remember_rest(self) -> None:
        before = _GET + self.url
        if self._data.startswith(before + b" ") and self._data.find(_END) == len(self._data) - len(_END):
            self._rest = self._data[len(before) :] if len(self._data) < MAX_HEAD // 2 else None

    def _in_full(self) -> None:
        """Have the server note the request as if it had just been read, and call the application."""
        url, headers, expects = self.url, self.headers, self.expect_100_continue
        super().on_message_begin()
        self.url, self.expect_100_continue = url, expects
        self.headers += headers
        super().on_headers_complete()

    def _settled(self, failure: Exception | None) -> None:
        body, self._pending = self._pending, None
        unread, self._unread = self._unread, None
        if self.parser is None or self.transport.is_closing():  # it has gone
            return
        if failure is None and body is not None:
            self._send(body)
        elif unread is not None:
            self._rest, self._is_doubted = None, True
            self.data_received(unread)
        else:
            self._in_full()
            super().on_message_complete()

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
        if is_answering or self._pending is not None or self.timeout_keep_alive_task is not None:
            return  # the server looks after it, or the answer that goes out next
        if left <= 0 and self._head_stalls is None:
            self.timeout_keep_alive_handler()
            return
        again = left if left > 0 else self.timeout_keep_alive  # in the midst of a head, for which there is a time of its own
        self._idle = self.loop.call_later(again, self._look_whether_idle)


_NOTHING = Quick(b"", [], list, lambda *_: None, lambda: None, lambda: None)


def _quick(app: Any) -> Quick:
    """What the application has answered at once."""
    while app is not None:
        found = getattr(app, "quick", None)
        if isinstance(found, Quick):
            return found
        app = getattr(app, "app", None)
    return _NOTHING
