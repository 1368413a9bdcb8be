"""What answers on the port before the service can: alive, and not ready, with the reason."""

import asyncio
import logging
import socket
import threading
from types import TracebackType
from typing import Self

import uvicorn
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from qualsvc.cli.serving import options
from qualsvc.http.problems import Problem

_NAME = "waiting-room"


def _of_others(record: logging.LogRecord) -> bool:
    """What the server of the waiting room says of its end would read as the end of the service."""
    return record.threadName != _NAME


class WaitingRoom:
    """A context in which every request but `/livez` is 503 `stale`; it ends early by `leave`. Works in a thread of its own."""

    def __init__(self, bound: socket.socket) -> None:
        self.why = "the service is starting"
        """Told to whoever asks; may be set at any time."""
        self._bound = bound.dup()
        self._opened, self._closed = threading.Event(), threading.Event()
        self._server = _Server(uvicorn.Config(self, **options() | {"lifespan": "off"}), self._opened)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True, name=_NAME)
        logging.getLogger("uvicorn.error").addFilter(_of_others)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/livez":
            response: Response = JSONResponse({"status": "alive"})
        else:
            headers = {"Retry-After": "1", "Cache-Control": "no-store"}
            response = Problem(503, "stale", f"{self.why}; try again", headers=headers).response()
        response.headers["connection"] = "close"  # who comes again is to be heard by the service
        await response(scope, receive, send)

    def __enter__(self) -> Self:
        self._thread.start()
        self._opened.wait()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.leave()
        self._thread.join()

    def leave(self) -> None:
        """From now on no connection is taken here; those that were are answered."""
        if not self._closed.is_set():
            assert self._loop is not None
            self._loop.call_soon_threadsafe(self._close)
            self._closed.wait()

    def _close(self) -> None:
        for listener in self._server.servers:
            listener.close()
        self._server.should_exit = True
        self._closed.set()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        try:
            await self._server.serve([self._bound])
        finally:
            self._closed.set()
            self._opened.set()


class _Server(uvicorn.Server):
    """Says when it has begun to listen."""

    def __init__(self, config: uvicorn.Config, opened: threading.Event) -> None:
        super().__init__(config)
        self._opened = opened

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._opened.set()
