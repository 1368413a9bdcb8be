"""Servers as processes of their own on ports of their own."""

import contextlib
import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence

import httpx

from benchmarks.cores import on_all_cores, on_the_server_core

_START_S = 300
_STOP_S = 20


class NotStartedError(Exception):
    """A contestant that ended, or did not answer in time."""


@contextlib.contextmanager
def running(
    command: Sequence[str],
    port: int,
    ready: str = "/",
    environment: Mapping[str, str] | None = None,
    start_s: float = _START_S,
    accepts: Sequence[int] = (200,),
    *,
    talking: bool = False,
    one_core: bool = True,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run it on the server's core until the block is left; `ready` is a path answered as accepted once it can be asked.

    `talking` gives it pipes for stdin and stdout; without `one_core` it has all there are.
    """
    with on_the_server_core() if one_core else on_all_cores():
        pipe = subprocess.PIPE if talking else None
        # No setting of whoever measures: their database is not to be written to, nor their choices measured.
        ours = {name: value for name, value in os.environ.items() if not name.startswith("QUALSVC_")}
        started = subprocess.Popen(command, env=ours | dict(environment or {}), stdin=pipe, stdout=pipe, start_new_session=True)
    with started as process:
        try:
            _wait(process, f"http://127.0.0.1:{port}{ready}", start_s, accepts)
            yield process
        finally:
            process.terminate()
            try:
                process.wait(_STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()


def _wait(process: subprocess.Popen[bytes], url: str, start_s: float, accepts: Sequence[int]) -> None:
    deadline = time.monotonic() + start_s
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise NotStartedError(f"{process.args!r} ended with {process.returncode}")
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(url, trust_env=False).status_code in accepts:
                return
        time.sleep(0.02)
    raise NotStartedError(f"{process.args!r} does not answer at {url} after {start_s:.0f} s")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
