"""Clients that note when each question was sent and when its answer came, by the machine's own clocks."""

import json
import select
import socket
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode, urlsplit

from tests.serving import ADMIN_KEY, QUESTION

TIMEOUT_S = 60.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `sent` and `received` are seconds of the monotonic clock, `asked` and `answered` true microseconds."""

    sent: float
    received: float
    asked: int
    answered: int
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def document(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """Of a refusal."""
        return str(self.document["code"])

    @property
    def revision(self) -> int:
        """Of a write."""
        return int(self.headers["revision"])


class Line:
    """One connection, made when it is needed. Every method raises OSError when it breaks; then the next one makes a new one."""

    def __init__(self, base: str, *, timeout_s: float = TIMEOUT_S) -> None:
        parts = urlsplit(base)
        self._address = (parts.hostname or "", parts.port or 80)
        self._timeout_s = timeout_s
        self._socket: socket.socket | None = None
        self._stream = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def ask(self, question: Mapping[str, str] = QUESTION) -> Answer:
        return self.exchange("GET", f"/can-operate?{urlencode(question)}")

    def batch(self, questions: Iterable[Mapping[str, str]]) -> Answer:
        return self.exchange("POST", "/can-operate/batch", json.dumps({"questions": list(questions)}).encode())

    def write(self, records: Iterable[Mapping[str, Any]], query: str = "") -> Answer:
        """A bulk, in one revision."""
        lines = b"".join(json.dumps(record).encode() + b"\n" for record in records)
        return self.exchange("POST", f"/v1/bulk{query}", lines, "application/x-ndjson")

    def patch(self, path: str, fields: Mapping[str, Any]) -> Answer:
        return self.exchange("PATCH", path, json.dumps(fields).encode(), "application/merge-patch+json")

    def exchange(self, method: str, path: str, body: bytes = b"", media: str = "application/json") -> Answer:
        lines = [f"{method} {path} HTTP/1.1", "Host: plant", f"Authorization: Bearer {ADMIN_KEY}"]
        if body:
            lines += [f"Content-Type: {media}", f"Content-Length: {len(body)}"]
        request = ("\r\n".join(lines) + "\r\n\r\n").encode() + body
        try:
            connection = self._connected()
            sent, asked = time.monotonic(), time.time_ns() // 1000
            connection.sendall(request)
            status, headers, answered = self._read(connection, method)
            return Answer(sent, time.monotonic(), asked, time.time_ns() // 1000, status, headers, answered)
        except OSError:
            self.close()
            raise

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
        self._socket, self._stream = None, b""

    def _connected(self) -> socket.socket:
        if self._socket is not None and _ended(self._socket):
            self.close()  # idle for so long that the service ended it
        if self._socket is None:
            self._socket = socket.create_connection(self._address, timeout=self._timeout_s)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self._socket

    def _read(self, connection: socket.socket, method: str) -> tuple[int, dict[str, str], bytes]:
        stream = self._stream
        while (end := stream.find(b"\r\n\r\n")) < 0:
            stream += _more(connection)
        first, *rest = stream[:end].decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in rest)}
        status = int(first.split()[1])
        length = 0 if method == "HEAD" or status == 204 else int(headers["content-length"])
        stream = stream[end + 4 :]
        pieces, got = [stream], len(stream)
        while got < length:
            pieces.append(_more(connection))
            got += len(pieces[-1])
        stream = b"".join(pieces)
        self._stream = stream[length:]
        if headers.get("connection") == "close":
            self.close()
        return status, headers, stream[:length]


def _ended(connection: socket.socket) -> bool:
    return bool(select.select([connection], [], [], 0)[0])  # nothing was asked: what can be read is its end


def _more(connection: socket.socket) -> bytes:
    piece = connection.recv(65536)
    if not piece:
        raise ConnectionError("the connection ended")
    return piece


class Asker(threading.Thread):
    """Asks over one connection at a time, up to `rate` times a second, until told it is enough; `answers` are in order.

    `lost` counts connections that broke. A question that got no answer is not asked again.
    """

    def __init__(
        self, base: str, *, rate: float | None = None, ask: Callable[[Line], Answer] = Line.ask, line: Line | None = None
    ) -> None:
        """`line` is a connection there is already."""
        super().__init__(daemon=True)
        self._line = line or Line(base)
        self._ask = ask
        self._interval_s = 0.0 if rate is None else 1 / rate
        self._enough = threading.Event()
        self.answers: list[Answer] = []
        self.lost = 0
        self.late = 0
        """How many questions could not be sent in time for the rate."""

    def run(self) -> None:
        due = time.monotonic()
        while not self._enough.is_set():
            try:
                self.answers.append(self._ask(self._line))
            except OSError:
                self.lost += 1
                self._enough.wait(0.01)
            if self._interval_s:
                due += self._interval_s
                pause = due - time.monotonic()
                if pause > 0:
                    time.sleep(pause)
                else:
                    self.late += 1
                    due -= pause
        self._line.close()

    def finish(self) -> list[Answer]:
        """No more questions; what was answered."""
        self._enough.set()
        self.join(TIMEOUT_S)
        assert not self.is_alive(), "an answer does not come"
        return self.answers
