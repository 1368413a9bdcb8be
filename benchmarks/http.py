"""Asks over HTTP against the bare application, in turns, each on a server process of its own."""

import asyncio
import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import httpx

from benchmarks.load import closed_loop
from qualsvc.sample import CAST, plant_day, records

ROUNDS = 5
SECONDS = 2.0
CONNECTIONS = 16
_KEY = "benchmark-" + "k" * 32


def measure() -> dict[str, float]:
    """Throughput of `/can-operate` over the bare application's, and the medians of both at one connection."""
    with tempfile.TemporaryDirectory(prefix="qualsvc-bench-") as directory:
        Path(directory).chmod(0o711)
        with _bare() as bare, served(directory) as service:
            asks = asks_of_sample(service)
            constant = [b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"]
            ratios, singles, bares = [], [], []
            for turn in range(ROUNDS):
                print(f"  round {turn + 1} of {ROUNDS}", file=sys.stderr, flush=True)
                asked, _ = asyncio.run(closed_loop(service, asks, CONNECTIONS, SECONDS))
                answered, _ = asyncio.run(closed_loop(bare, constant, CONNECTIONS, SECONDS))
                ratios.append(asked / answered)
                singles.append(asyncio.run(closed_loop(service, asks, 1, SECONDS / 4))[1])
                bares.append(asyncio.run(closed_loop(bare, constant, 1, SECONDS / 4))[1])
    return {
        "ask throughput / bare ASGI": median(ratios),
        "ask p50 at one connection, us": median(singles),
        "bare p50 at one connection, us": median(bares),
    }


def asks_of_sample(port: int) -> list[bytes]:
    """Give the service the sample plant; requests about its people."""
    base = f"http://127.0.0.1:{port}"
    headers = {"Authorization": f"Bearer {_KEY}", "Content-Type": "application/x-ndjson"}
    lines = "\n".join(json.dumps(record) for record in records(plant_day(datetime.now(UTC))))
    httpx.post(f"{base}/v1/bulk", content=lines, headers=headers, timeout=60).raise_for_status()
    return [
        (
            f"GET /can-operate?person={member.person}&equipment={member.equipment}&process={member.process} HTTP/1.1\r\n"
            f"Host: x\r\nAuthorization: Bearer {_KEY}\r\n\r\n"
        ).encode()
        for member in CAST
    ]


@contextlib.contextmanager
def _bare() -> Iterator[int]:
    port = _free_port()
    command = [
        sys.executable,
        "-m",
        "uvicorn",
        "benchmarks.bare:app",
        "--port",
        str(port),
        "--no-access-log",
        "--log-level=error",
    ]
    with _running(command, port, dict(os.environ), "/"):
        yield port


@contextlib.contextmanager
def served(directory: str) -> Iterator[int]:
    """The service in a process of its own, on this port, with its data there."""
    port = _free_port()
    environment = os.environ | {
        "QUALSVC_DATA_DIR": directory,
        "QUALSVC_BOOTSTRAP_API_KEY": _KEY,
        "QUALSVC_LOG_LEVEL": "error",
    }
    with _running([sys.executable, "-m", "qualsvc", "serve", "--port", str(port)], port, environment, "/readyz"):
        yield port


@contextlib.contextmanager
def _running(command: list[str], port: int, environment: dict[str, str], path: str) -> Iterator[None]:
    with subprocess.Popen(command, env=environment) as process:
        try:
            deadline = time.monotonic() + 60
            while time.monotonic() < deadline and process.poll() is None:
                with contextlib.suppress(httpx.HTTPError):
                    if httpx.get(f"http://127.0.0.1:{port}{path}").is_success:
                        break
                time.sleep(0.1)
            yield
        finally:
            process.terminate()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
