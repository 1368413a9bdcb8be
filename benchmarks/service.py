"""The service itself over HTTP: `qualsvc serve` on its embedded PostgreSQL, with all that it does: keys, reasons, evidence."""

import contextlib
import json
import sys
import tempfile
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import httpx

from benchmarks.contestant import OverHttp, Said, Serving, Verdict
from benchmarks.plant import Asked, Plant
from benchmarks.processes import free_port, running
from qualsvc.app import VERSION
from qualsvc.embedded.standing import standing
from qualsvc.sample import CAST, plant_day, records
from qualsvc.sample.lines import Line

KEY = "benchmark-" + "k" * 32
_BULK = 100_000
"""Lines of one request."""
_DECISIONS: dict[str, Verdict] = {"allow": "allow", "conditional": "conditional", "deny": "deny"}


class Served(NamedTuple):
    """The service in a process of its own; its PostgreSQL and its shipper are others."""

    port: int
    pid: int
    database: str
    """The address of its PostgreSQL."""

    def load(self, lines: Iterable[Line]) -> None:
        """Give it records, in as few requests as it takes; what one refers to comes with it or before it."""
        headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/x-ndjson"}
        every = iter(lines)
        with httpx.Client(base_url=f"http://127.0.0.1:{self.port}", headers=headers, timeout=300, trust_env=False) as client:
            while some := list(islice(every, _BULK)):
                client.post("/v1/bulk", content="\n".join(map(json.dumps, some))).raise_for_status()


@contextlib.contextmanager
def served(directory: Path, *, one_core: bool = True) -> Iterator[Served]:
    """Start it on a free port, with its data there."""
    port = free_port()
    environment = {"QUALSVC_DATA_DIR": str(directory), "QUALSVC_BOOTSTRAP_API_KEY": KEY, "QUALSVC_LOG_LEVEL": "error"}
    command = [sys.executable, "-m", "qualsvc", "serve", "--port", str(port)]
    with running(command, port, "/readyz", environment, one_core=one_core) as process:
        database = standing(directory / "postgres").address
        assert database is not None, "its PostgreSQL runs while it does"
        yield Served(port, process.pid, database)


@contextlib.contextmanager
def serving(plant: Plant) -> Iterator[Served]:
    """With the plant in it, and its data in a directory that goes with it."""
    with tempfile.TemporaryDirectory(prefix="qualsvc-bench-") as name:
        directory = Path(name)
        directory.chmod(0o711)  # PostgreSQL runs as another user than root
        with served(directory) as service:
            service.load(plant.records())
            yield service


def request(asked: Asked) -> bytes:
    return (
        f"GET /can-operate?person={asked.person}&equipment={asked.equipment}&process={asked.process} HTTP/1.1\r\n"
        f"Host: x\r\nAuthorization: Bearer {KEY}\r\n\r\n"
    ).encode()


def read(body: bytes) -> Said:
    return _DECISIONS[json.loads(body)["decision"]]


def asks_of_sample(service: Served) -> list[bytes]:
    """Give it the sample plant; requests about its people."""
    service.load(records(plant_day(datetime.now(UTC))))
    return [request(Asked(member.person, member.equipment, member.process)) for member in CAST]


@contextlib.contextmanager
def _contestant(plant: Plant) -> Iterator[Serving]:
    with serving(plant) as service:
        yield Serving(service.port, [service.pid], request, read)


QUALSVC = OverHttp("qualsvc", VERSION, _contestant)
