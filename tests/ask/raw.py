"""Raw requests, sent over a socket byte for byte, to the service behind one protocol class or another."""

import asyncio
import contextlib
import json
import re
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from qualsvc.access.authority import Presented
from qualsvc.ask.endpoint import HEADERS, PATH
from qualsvc.cli.serving import listening, options
from qualsvc.http.quick import Quick
from tests.serving import Running, eventually

QUIET_S = 0.4
"""After so long without a byte an exchange is over."""
_VOLATILE = ("at", "asked_at", "recheck_by", "decision_id", "data_age_ms")
_DATE = re.compile(rb"(?i)\r\ndate: [^\r]*")


class Exchange(NamedTuple):
    """What came back: the responses, with what differs at every asking left out, and whether the server closed."""

    responses: list[Any]
    is_closed: bool


class Asked:
    """How often the service was asked at once, and how often that gave an answer."""

    def __init__(self) -> None:
        self.tried = self.given = 0


@asynccontextmanager
async def served(app: ASGIApp, **more: Any) -> AsyncIterator[int]:
    """Where the application is served as ever."""
    chosen = options() | {"lifespan": "off"} | more
    server = uvicorn.Server(uvicorn.Config(app, **chosen))
    bound = listening("127.0.0.1", 0)
    serving = asyncio.create_task(server._serve([bound]))
    await eventually(lambda: server.started)
    try:
        yield bound.getsockname()[1]
    finally:
        server.should_exit = True
        await serving


class Quickly:
    """The service as it is served: with what is answered at once, which is counted."""

    def __init__(self, plant: Running, asked: Asked | None = None) -> None:
        count = asked or Asked()

        def answer(query: bytes, presented: Presented, settled: Any) -> bytes | None:
            found = plant.service.at_once(query, presented, settled)
            count.tried += 1
            count.given += found is not None
            return found

        self._service = plant.service
        self.quick = Quick(PATH.encode(), HEADERS, Presented, answer, plant.service.settle, plant.service.settle_if_alone)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._service(scope, receive, send)


async def exchanged(port: int, pieces: Sequence[bytes]) -> Exchange:
    """Send the pieces, each by itself, over a new connection, and hear all that comes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    name = writer.get_extra_info("socket")
    name.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    heard, is_closed = b"", False
    for index, piece in enumerate(pieces):
        if index:
            await asyncio.sleep(0.02)
        writer.write(piece)
        with contextlib.suppress(ConnectionError):
            await writer.drain()
    while True:
        try:
            more = await asyncio.wait_for(reader.read(65536), QUIET_S)
        except TimeoutError:
            break
        except ConnectionError:
            is_closed = True
            break
        if not more:
            is_closed = True
            break
        heard += more
    writer.close()
    return Exchange(list(_responses(heard)), is_closed)


def _responses(heard: bytes) -> Any:
    """Status line, headers and body of each response."""
    while heard:
        head, _, rest = heard.partition(b"\r\n\r\n")
        found = re.search(rb"(?i)\r\ncontent-length: (\d+)", head)
        length = int(found[1]) if found else 0
        body, heard = rest[:length], rest[length:]
        lines = sorted(_DATE.sub(b"", head).split(b"\r\n"))
        try:
            document = json.loads(body)
            for each in _VOLATILE:
                document.pop(each, None)
        except (ValueError, AttributeError):
            document = body
        else:
            lines = [line for line in lines if not line.startswith(b"content-length")]  # an instant may be shorter by chance
        yield lines, document
