"""Clients over loopback: so many keep-alive connections, one request outstanding on each; as fast as it goes, or at a rate."""

import asyncio
import time
from collections.abc import Callable, Sequence


class _Connection(asyncio.Protocol):
    def __init__(self, requests: Sequence[bytes], until: float, latencies: list[float]) -> None:
        self._requests = requests
        self._until = until
        self._latencies = latencies
        self._next = 0
        self._buffer = b""
        self._sent = 0.0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._send()

    def _send(self) -> None:
        self._sent = time.perf_counter()
        self._transport.write(self._requests[self._next % len(self._requests)])
        self._next += 1

    def data_received(self, received: bytes) -> None:
        self._buffer += received
        head, found, body = self._buffer.partition(b"\r\n\r\n")
        if not found:
            return
        length = int(head.lower().split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
        if len(body) < length:
            return
        if not head.startswith(b"HTTP/1.1 200"):
            self.done.set_exception(RuntimeError(self._buffer.decode()))
            self._transport.close()
            return
        self._buffer = b""
        self._latencies.append(time.perf_counter() - self._sent)
        if time.perf_counter() < self._until:
            self._send()
        else:
            self._transport.close()

    def connection_lost(self, error: Exception | None) -> None:  # noqa: ARG002
        if not self.done.done():
            self.done.set_result(None)


async def closed_loop(port: int, requests: Sequence[bytes], connections: int, seconds: float) -> tuple[float, float]:
    """Answers a second and the median latency in microseconds."""
    latencies: list[float] = []
    loop = asyncio.get_running_loop()
    began = time.perf_counter()
    made = [
        await loop.create_connection(lambda: _Connection(requests, began + seconds, latencies), "127.0.0.1", port)
        for _ in range(connections)
    ]
    await asyncio.gather(*(connection.done for _, connection in made))
    latencies.sort()
    return len(latencies) / (time.perf_counter() - began), latencies[len(latencies) // 2] * 1e6


class _Waiting(asyncio.Protocol):
    """A connection that is free, or waits for one answer."""

    def __init__(self, free: Callable[["_Waiting"], None]) -> None:
        self._free = free
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.due = 0.0

    def ask(self, request: bytes, due: float) -> None:
        self.due = due
        self.transport.write(request)

    def data_received(self, received: bytes) -> None:
        self._buffer += received
        head, found, body = self._buffer.partition(b"\r\n\r\n")
        if not found or len(body) < int(head.lower().split(b"content-length:", 1)[1].split(b"\r\n", 1)[0]):
            return
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(self._buffer.decode())
        self._buffer = b""
        self._free(self)


async def constant_rate(
    port: int, requests: Sequence[bytes], connections: int, rate: float, ending: asyncio.Event
) -> list[float]:
    """Seconds each answer took, in order, from when it was meant to be asked: a late question counts as a slow answer."""
    latencies: list[float] = []
    idle: list[_Waiting] = []
    waiting: list[float] = []
    loop = asyncio.get_running_loop()
    asked = 0

    def free(connection: _Waiting) -> None:
        nonlocal asked
        if connection.due:
            latencies.append(time.perf_counter() - connection.due)
        if waiting:
            connection.ask(requests[asked % len(requests)], waiting.pop(0))
            asked += 1
        else:
            idle.append(connection)

    for _ in range(connections):
        _, made = await loop.create_connection(lambda: _Waiting(free), "127.0.0.1", port)
        idle.append(made)
    due = time.perf_counter()
    while not ending.is_set():
        due += 1 / rate
        if due > time.perf_counter():
            await asyncio.sleep(due - time.perf_counter())
        if idle:
            idle.pop().ask(requests[asked % len(requests)], due)
            asked += 1
        else:
            waiting.append(due)
    for connection in idle:
        connection.transport.close()
    return latencies
