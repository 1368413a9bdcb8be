"""A proxy between a service and PostgreSQL that can fall silent, cut and delay: all of it, or one connection.

Silent means what a dropped cable means: both sides keep their sockets, what they send is taken, nothing arrives and nobody is
told. (The sender's kernel does get acknowledgements, so that neither keepalives nor retransmission time-outs help.)
"""

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Coroutine, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

Answered = TypeVar("Answered")
_CHUNK = 65536
_BEGINNING = 4096
_KEY_DATA = b"K\x00\x00\x00\x0c"
"""How PostgreSQL begins to tell the process that serves a connection (protocol 3.0)."""


class Connection:
    """One connection through a proxy. `listens` once LISTEN went over it; `backend` is the server's process, 0 if untold."""

    def __init__(self, client: asyncio.StreamWriter) -> None:
        self.listens = False
        self.backend = 0
        self.speaking = asyncio.Event()
        self.speaking.set()
        self._ends = [client]

    def joined(self, server: asyncio.StreamWriter) -> None:
        self._ends.append(server)

    def abort(self) -> None:
        """End both sides with a reset."""
        for end in self._ends:
            with contextlib.suppress(OSError):
                end.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            end.transport.abort()


class Proxy:
    """Listens on `port` of 127.0.0.1 for the server whose socket is `target`. Its methods are for any thread but its own."""

    def __init__(self, target: Path) -> None:
        self._target = target
        self._connections: set[Connection] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._delay_s = 0.0
        self._speaking = True
        self._refusing = False
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server = self._await(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port: int = self._server.sockets[0].getsockname()[1]

    def listening(self) -> list[Connection]:
        """The connections that wait for notifications."""
        return self._call(lambda: [each for each in self._connections if each.listens])

    def silence(self, connections: Iterable[Connection] | None = None) -> None:
        """Let nothing through any more: of these connections, or of all that there are and will be."""

        def fall_silent() -> None:
            self._speaking = self._speaking and connections is not None
            for each in self._connections if connections is None else connections:
                each.speaking.clear()

        self._call(fall_silent)

    def delay(self, seconds: float) -> None:
        """Hold up each piece of traffic so long."""
        self._call(lambda: setattr(self, "_delay_s", seconds))

    def cut(self, *, refusing: bool = False) -> None:
        """Reset every connection; `refusing` resets new ones too, until healed."""

        def reset() -> None:
            self._refusing = refusing
            for each in self._connections:
                each.abort()

        self._call(reset)

    def heal(self) -> None:
        """Let everything through at once, what was held back too."""

        def speak() -> None:
            self._speaking, self._refusing, self._delay_s = True, False, 0.0
            for each in self._connections:
                each.speaking.set()

        self._call(speak)

    def close(self) -> None:
        async def end() -> None:
            self._server.close()
            for each in self._connections:
                each.abort()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

        self._await(end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = self._loop.create_task(self._join(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = Connection(writer)
        if self._refusing:
            connection.abort()
            return
        if not self._speaking:
            connection.speaking.clear()
        self._connections.add(connection)
        try:
            await connection.speaking.wait()
            answers, server = await asyncio.open_unix_connection(self._target)
            connection.joined(server)
            asked = asyncio.ensure_future(self._pump(connection, reader, server, _Sniffed(connection).from_client))
            answered = asyncio.ensure_future(self._pump(connection, answers, writer, _Sniffed(connection).from_server))
            try:
                await asyncio.wait([asked, answered], return_when=asyncio.FIRST_COMPLETED)
                await asyncio.sleep(0)
            finally:
                for pump in (asked, answered):
                    pump.cancel()
                await asyncio.gather(asked, answered, return_exceptions=True)
                server.close()
        except OSError:
            connection.abort()
        finally:
            self._connections.discard(connection)
            writer.close()

    async def _pump(
        self,
        connection: Connection,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        sniff: Callable[[bytes], None],
    ) -> None:
        with contextlib.suppress(OSError):
            while True:
                piece = await reader.read(_CHUNK)
                await connection.speaking.wait()  # an end that nobody is told of is no end either
                if self._delay_s:
                    await asyncio.sleep(self._delay_s)
                    await connection.speaking.wait()
                if not piece:
                    return
                sniff(piece)
                writer.write(piece)
                await writer.drain()

    def _call(self, act: Callable[[], Answered]) -> Answered:
        async def called() -> Answered:
            return act()

        return self._await(called())

    def _await(self, coroutine: Coroutine[Any, Any, Answered]) -> Answered:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(30)


class _Sniffed:
    """What goes over a connection, looked at for who it is."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._beginning = b""

    def from_client(self, piece: bytes) -> None:
        self._connection.listens = self._connection.listens or b"LISTEN " in piece

    def from_server(self, piece: bytes) -> None:
        if self._connection.backend or len(self._beginning) > _BEGINNING:
            return
        self._beginning += piece
        at = self._beginning.find(_KEY_DATA)
        if 0 <= at <= len(self._beginning) - 9:
            self._connection.backend = int.from_bytes(self._beginning[at + 5 : at + 9], "big")


@contextmanager
def proxy_to(target: Path) -> Iterator[Proxy]:
    """A proxy for the length of a block."""
    proxy = Proxy(target)
    try:
        yield proxy
    finally:
        proxy.close()
