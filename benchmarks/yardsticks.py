"""What the service is measured against, over HTTP: servers that decide nothing, and what a user would write."""

import contextlib
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from importlib.metadata import version

from benchmarks import service
from benchmarks.contestant import OverHttp, Said, Serving
from benchmarks.plant import Plant
from benchmarks.processes import free_port, running


def _uvicorn(app: str, *options: str) -> Callable[[Plant], AbstractContextManager[Serving]]:
    """uvicorn's command line with its defaults but for the log of requests, which would be written to this terminal."""

    @contextlib.contextmanager
    def start(_: Plant) -> Iterator[Serving]:
        port = free_port()
        command = [sys.executable, "-m", "uvicorn", app, "--port", str(port), "--no-access-log", "--log-level=error", *options]
        with running(command, port, "/can-operate?person=P&equipment=E&process=W") as process:
            yield Serving(port, [process.pid], service.request, lambda _: "deny")

    return start


@contextlib.contextmanager
def _naive(plant: Plant) -> Iterator[Serving]:
    """Beside a service of its own, whose database it asks and which is asked nothing meanwhile."""
    with service.serving(plant) as owner:
        port = free_port()
        command = [sys.executable, "-m", "uvicorn", "benchmarks.apps.naive:app", "--port", str(port), "--no-access-log"]
        environment = {"BENCHMARK_DATABASE_URL": owner.database}
        with running([*command, "--log-level=error"], port, "/openapi.json", environment) as process:
            yield Serving(port, [process.pid], service.request, _read)


def _read(body: bytes) -> Said:
    decision: Said = json.loads(body)["decision"]
    return decision


_UVICORN = f"uvicorn {version('uvicorn')}"
BARE = OverHttp("bare ASGI", _UVICORN, _uvicorn("benchmarks.apps.bare:app"), decides=False)
BARE_LEAN = OverHttp(
    "bare ASGI, no server and date headers",
    _UVICORN,
    _uvicorn("benchmarks.apps.bare:app", "--no-server-header", "--no-date-header"),
    decides=False,
)
FASTAPI = OverHttp("FastAPI endpoint", f"fastapi {version('fastapi')}", _uvicorn("benchmarks.apps.typical:app"), decides=False)
NAIVE = OverHttp("naive service over SQL", f"sqlalchemy {version('sqlalchemy')}", _naive, rate=100)
YARDSTICKS = (BARE, BARE_LEAN, FASTAPI, NAIVE)
