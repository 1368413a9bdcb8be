"""What peers behind a port have in common."""

import contextlib
import json
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from datetime import time as time_of_day

from benchmarks.plant import Plant

_STARTING_S = 120


def noon(plant: Plant) -> int:
    """An instant of the plant's day, in microseconds since 1970."""
    return int(datetime.combine(plant.day, time_of_day(12), UTC).timestamp()) * 1_000_000


def posted(path: str, body: dict[str, Any]) -> bytes:
    """A whole request that posts JSON."""
    content = json.dumps(body, separators=(",", ":")).encode()
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
    return head.encode() + content


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def serving(command: Sequence[str | Path], port: int, health: str) -> Iterator[int]:
    """The server's pid, once it answers 200 there; it is ended afterwards."""
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            deadline = time.monotonic() + _STARTING_S
            while not _is_healthy(port, health):
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"{command[0]} did not start; it exited with {process.poll()}")
                time.sleep(0.1)
            yield process.pid
        finally:
            process.terminate()


def _is_healthy(port: int, path: str) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
