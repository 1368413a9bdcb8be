"""What the server does with bytes that are not HTTP, over a real socket."""

import asyncio
import contextlib
import gc
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from qualsvc.cli.serving import listening, options
from qualsvc.http import protocol
from qualsvc.http.lanes import Lane, through
from qualsvc.http.protocol import MAX_HEAD
from tests.serving import PATIENCE_S, eventually

pytestmark = pytest.mark.anyio


async def _answer_ok(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


class _Started(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()


@pytest.fixture
async def port() -> AsyncIterator[int]:
    """Where a server with our protocol listens."""
    async with _served(_answer_ok) as port:
        yield port


@asynccontextmanager
async def _served(app: ASGIApp) -> AsyncIterator[int]:
    bound = listening("127.0.0.1", 0)
    server = _Started(uvicorn.Config(app, **options()))
    serving = asyncio.create_task(server._serve([bound]))
    await server.ready.wait()
    yield bound.getsockname()[1]
    server.should_exit = True
    await serving


async def _sent(port: int, *pieces: bytes) -> tuple[int, dict[str, Any] | None]:
    """The status, and the problem if it is one, that these bytes get."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for piece in pieces:
        writer.write(piece)
        await writer.drain()
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
    body = await reader.readexactly(length)
    writer.close()
    problem = json.loads(body) if b"application/problem+json" in head else None
    return int(head.split(b" ")[1]), problem


@pytest.mark.parametrize(
    "request_",
    [
        b"GET /can-operate?person=\xff HTTP/1.1\r\nHost: x\r\n\r\n\x00",
        b"GET /can-operate?person=\x00 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"FOO / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
    ids=["broken UTF-8", "NUL", "method", "length", "chunk", "TLS"],
)
async def test_what_is_not_http_is_a_problem(port: int, request_: bytes) -> None:
    """Bytes that cannot be read as HTTP get a problem that says so, or, once read, an answer; never plain text."""
    status, problem = await _sent(port, request_)
    assert (400, "malformed_request") == (status, problem and problem["code"])


async def test_heads_are_bounded(port: int) -> None:
    """A head that does not end is refused before it fills the memory."""
    status, problem = await _sent(port, b"GET / HTTP/1.1\r\n", b"X-A: " + b"a" * MAX_HEAD, b"a" * MAX_HEAD)
    assert (431, "head_too_large") == (status, problem and problem["code"])


async def test_long_bodies_are_not_heads(port: int) -> None:
    """What follows the headers is for whoever reads the body to bound."""
    body = b"x" * (4 * MAX_HEAD)
    head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: " + str(len(body)).encode() + b"\r\n\r\n"
    assert (200, None) == await _sent(port, head + body)


async def test_requests_after_each_other(port: int) -> None:
    """The bound is for each head by itself, however many come over one connection."""
    one = b"GET / HTTP/1.1\r\nHost: x\r\nX-A: " + b"a" * 1000 + b"\r\n\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    statuses = set()
    for _ in range(3 * MAX_HEAD // len(one)):
        writer.write(one)
        statuses.add((await reader.readuntil(b"\r\n\r\n")).split(b" ")[1])
        await reader.readexactly(2)
    writer.close()
    assert {b"200"} == statuses


class _InLane:
    """An application of which one request runs at a time; what it does with it is up to the test."""

    def __init__(self, app: ASGIApp) -> None:
        self.lane = Lane("narrow", 1)
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _answer_ok(scope, receive, send)
        else:
            await through(self.lane, self._app, scope, receive, send, lambda _: None)


async def _read_and_answer(scope: Scope, receive: Receive, send: Send) -> None:
    while (message := await receive()).get("more_body"):
        pass
    if message["type"] == "http.request":
        await _answer_ok(scope, receive, send)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> float:
    """A patience that tests can wait for."""
    monkeypatch.setattr(protocol, "STALL_S", 0.1)
    return 0.1


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nHost:", b"GET / HTTP/1.1\r\nHost: x\r\n\r\nGET / HT"])
async def test_a_head_that_does_not_come_is_given_up(sent: bytes) -> None:
    """Who connects and says nothing, or half of it, holds no connection that another could have; not after a request either."""
    async with _served(_answer_ok) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(sent)
        with contextlib.suppress(ConnectionResetError):
            answered = await asyncio.wait_for(reader.read(), PATIENCE_S)
            assert answered.count(b"HTTP/1.1 200") == sent.count(b"\r\n\r\n")
        writer.close()


@pytest.mark.usefixtures("quick")
async def test_a_body_that_stops_is_given_up() -> None:
    """Who announces more of a body than comes is cut off, and the slot is another's."""
    app = _InLane(_read_and_answer)
    async with _served(app) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nsome")
        await eventually(lambda: 1 == app.lane.running)
        with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
            await asyncio.wait_for(reader.readexactly(1), PATIENCE_S)
        await eventually(lambda: 0 == app.lane.running)
        writer.close()
        assert (200, None) == await _sent(port, b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nsome")


@pytest.mark.usefixtures("quick")
async def test_an_answer_that_nobody_takes_is_given_up() -> None:
    """Who does not read what was asked for is cut off, and the slot is another's."""

    async def endless(_: Scope, __: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _piece in range(1000):
            await send({"type": "http.response.body", "body": b"x" * MAX_HEAD, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    app = _InLane(endless)
    async with _served(app) as port:
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            await eventually(lambda: 1 == app.lane.running)
            await eventually(lambda: 0 == app.lane.running)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert 1000 * MAX_HEAD < len(await reader.read())
        writer.close()


async def test_who_is_kept_waiting_is_not_given_up(quick: float) -> None:
    """A client whose body is not read for long, as its request waits for its turn, is not at fault, and is answered."""
    go_on, began = asyncio.Event(), asyncio.Event()

    async def late(scope: Scope, receive: Receive, send: Send) -> None:
        began.set()
        await go_on.wait()
        await _read_and_answer(scope, receive, send)

    size = 100 * MAX_HEAD
    async with _served(_InLane(late)) as port:
        head = f"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {size}\r\n\r\n".encode()
        sent = asyncio.create_task(_sent(port, head, b"x" * size))
        await began.wait()
        await asyncio.sleep(5 * quick)  # what is shown is that nothing happens
        assert not sent.done()
        go_on.set()
        assert (200, None) == await asyncio.wait_for(sent, PATIENCE_S)


_ONE = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.mark.parametrize(
    ("bad", "status"),
    [(b"nonsense\r\n\r\n" * 20_000, b"400"), (b"GET / HTTP/1.1\r\nX-A: " + b"a" * 5 * MAX_HEAD, b"431")],
    ids=["nonsense", "endless head"],
)
async def test_whole_requests_before_a_bad_one_are_answered(port: int, bad: bytes, status: bytes) -> None:
    """What came whole is answered, in its order, before the refusal, and reaches a client that reads only after it sent all."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(_ONE * 20 + bad)
    await writer.drain()
    heard = await asyncio.wait_for(reader.read(), PATIENCE_S)
    writer.close()
    assert [b"200"] * 20 + [status] == [line.split(b" ")[1] for line in heard.split(b"\r\n") if b"HTTP/1.1 " in line]


@pytest.mark.usefixtures("quick")
async def test_who_was_refused_and_stays_is_cut_off() -> None:
    """After a refusal nothing is read, and a client that does not close is not waited for."""
    async with _served(_answer_ok) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"nonsense\r\n\r\n")
        assert b"400" in await reader.read()
        async with asyncio.timeout(PATIENCE_S):
            with contextlib.suppress(ConnectionError):
                while True:
                    writer.write(_ONE)
                    await writer.drain()
                    await asyncio.sleep(0.01)
        writer.close()


async def test_requests_that_wait_are_not_read() -> None:
    """However many requests come in one piece, those behind the ones being answered stay bytes, and are answered later."""
    go_on = asyncio.Event()

    async def late(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            await go_on.wait()
        await _answer_ok(scope, receive, send)

    many = 1000
    async with _served(late) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(_ONE * many)
        await eventually(lambda: _cycles() > 1)
        await asyncio.sleep(0.1)  # what is shown is that nothing happens
        assert _cycles() <= 4
        go_on.set()
        async with asyncio.timeout(PATIENCE_S):
            for _ in range(many):
                await reader.readuntil(b"\r\n\r\nok")
        writer.close()


def _cycles() -> int:
    return sum(isinstance(each, RequestResponseCycle) for each in gc.get_objects())


async def test_who_pipelines_and_vanishes_is_told_of() -> None:
    """The request being answered hears that its client has gone, though another was read behind it."""
    heard: list[str] = []

    async def until_gone(_: Scope, receive: Receive, __: Send) -> None:
        while not heard or heard[-1] != "http.disconnect":
            heard.append((await receive())["type"])

    async with _served(_Only(until_gone)) as port:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(_ONE * 2)
        await eventually(lambda: ["http.request"] == heard)
        await asyncio.sleep(0.1)
        writer.transport.abort()
        await eventually(lambda: ["http.request", "http.disconnect"] == heard)


class _Only:
    """The application, for what is not the start and the end of the server."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await (_answer_ok if scope["type"] == "lifespan" else self._app)(scope, receive, send)
