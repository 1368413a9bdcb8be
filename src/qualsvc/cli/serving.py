"""Serving the application from this process, and stopping without leaving anything behind."""

import asyncio
import errno
import gc
import os
import resource
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Coroutine
from types import FrameType
from typing import Any, NoReturn

import uvicorn
from starlette.types import Message, Receive, Scope, Send

from qualsvc.access.authority import Presented
from qualsvc.app import Service
from qualsvc.ask.endpoint import HEADERS, PATH
from qualsvc.cli.draining import drain_first
from qualsvc.cli.failure import EXIT_FAILED, fail
from qualsvc.http.quick import Quick, QuickHttp

GRACE_S = 5
KEEP_ALIVE_S = 75
"""An idle connection is kept for longer than balancers and doors keep theirs, so that it is they who let go."""
SWITCH_INTERVAL_S = 0.001
"""How long a thread at work (a bulk being read, facts built aside) keeps the ask path waiting for the interpreter."""
_BACKLOG = 2048
_FILES = 65_536
_GC_THRESHOLDS = (2_500, 3, 10_000)
"""Ten thousand young objects are walked over in some four milliseconds."""


def let_asks_go_first() -> None:
    """Keep the interpreter's own pauses short while asks are answered.

    A full collection walks over every fact held: tens to hundreds of milliseconds in which no door opens. Facts are
    trees without cycles and are freed by counting; so young objects are still collected, old ones hardly ever.
    """
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_GC_THRESHOLDS)


def take_files() -> None:
    """As many connections as the system lets us have: a thousand, as many systems begin with, are few for a plant's doors."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _FILES if hard == resource.RLIM_INFINITY else min(hard, _FILES)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def options() -> dict[str, Any]:
    """How the service is served, whoever starts it."""
    return {
        "log_config": None,
        "access_log": False,
        "server_header": False,
        "http": QuickHttp,
        "interface": "asgi3",
        "ws": "none",
        "lifespan": "on",
        "timeout_graceful_shutdown": GRACE_S,
        "timeout_keep_alive": KEEP_ALIVE_S,
        "backlog": _BACKLOG,
    }


def server(
    service: Service,
    once_started: Callable[[], Awaitable[None]] | None = None,
    *,
    drain_s: float = 0,
    before_listening: Callable[[], None] | None = None,
) -> uvicorn.Server:
    """A server for this process alone; `once_started` runs beside it as soon as it answers."""
    let_asks_go_first()
    beginning = Beginning(service, drain_s, before_listening)
    return _Server(uvicorn.Config(beginning, **options()), beginning, once_started)


class Beginning:
    """The service, keeping what its start died of: uvicorn would log it as a traceback and leave with a number.

    It drains before it ends, for so many seconds; `before_listening` is called when it is about to take connections.
    """

    def __init__(self, service: Service, drain_s: float, before_listening: Callable[[], None] | None = None) -> None:
        self._service = service
        self.quick = Quick(PATH.encode(), HEADERS, Presented, service.at_once, service.settle, service.settle_if_alone)
        self._drain_s = drain_s
        self._before_listening = before_listening
        self.failure: Exception | None = None

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Coroutine[Any, Any, None]:
        # Handed on, not awaited: no ask goes through a coroutine more than it must.
        return self._lifespan(scope, receive, send) if scope["type"] == "lifespan" else self._service(scope, receive, send)

    async def _lifespan(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def without_traceback(message: Message) -> None:
            if message["type"] == "lifespan.startup.complete" and self._before_listening is not None:
                self._before_listening()
            await send({"type": message["type"]} if message["type"] == "lifespan.startup.failed" else message)

        drain_first(self._service, self._drain_s)
        try:
            await self._service(scope, receive, without_traceback)
        except Exception as error:
            self.failure = error
            raise


class _Server(uvicorn.Server):
    def __init__(
        self, config: uvicorn.Config, beginning: Beginning, once_started: Callable[[], Awaitable[None]] | None
    ) -> None:
        super().__init__(config)
        self._beginning = beginning
        self._once_started = once_started
        self._first_words: asyncio.Future[None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            await super().startup(sockets)
        except SystemExit:
            raise self._beginning.failure or SystemExit(EXIT_FAILED) from None
        if self.started and self._once_started is not None:
            self._first_words = asyncio.ensure_future(self._once_started())


def listening(host: str, port: int) -> socket.socket:
    """A socket bound to the address, or three lines why not."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol must be named: only then do accepted connections get TCP_NODELAY, without which answers wait 40 ms.
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError as error:
        bound.close()
        remedy = "stop what listens there, or choose another with --port"
        if error.errno != errno.EADDRINUSE:
            remedy = "choose another with --host and --port"
        fail(f"cannot listen on {host}:{port}", error.strerror or str(error), remedy)
    return bound


def stop_cleanly() -> None:
    """Make every polite end (Ctrl-C, a stop request, a closed terminal) unwind the stack, so that the database stops too.

    The server takes SIGINT and SIGTERM while it runs, drains, and then raises them again for these handlers.
    """
    signal.signal(signal.SIGTERM, leave)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # under nohup a closed terminal is no reason to stop
        signal.signal(signal.SIGHUP, lambda *_: os.kill(os.getpid(), signal.SIGTERM))


def leave(number: int, frame: FrameType | None) -> NoReturn:  # noqa: ARG001 -- what a signal's handler is called with
    """What a signal to end does while nothing is served: unwind the stack.

    What is raised in a destructor, say, gets lost; so whoever waits long looks at `Ending` besides.
    """
    Ending.told = True
    raise SystemExit(0)


class Ending:
    """Whether this process was told to end before it served."""

    told = False

    @classmethod
    def look(cls) -> None:
        """Raises SystemExit where it was."""
        if cls.told:
            raise SystemExit(0)
