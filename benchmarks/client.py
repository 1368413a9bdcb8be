"""The client (`client.c`): compiled once for this machine, run as a process of its own."""

import functools
import hashlib
import json
import os
import shutil
import struct
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.cores import put_first

_SOURCE = Path(__file__).with_name("client.c")
_PATIENCE = (1, 4, 16)
_FLAGS = ("-O2", "-Wall", "-Wextra")


class ClientError(Exception):
    """There is no client, or a contestant answered it other than 200; the text says what to do or what came."""


@dataclass(frozen=True, slots=True)
class Driven:
    """What one run measured; latencies in microseconds, at a rate from when the question was due."""

    answers: int
    warming: int
    """Answers before those that count."""
    unanswered: int
    """Due and not answered when the run had been over for 2 s; they count among the latencies."""
    a_second: float
    p50_us: float
    p90_us: float
    p99_us: float
    p999_us: float
    longest_us: float
    answer_bytes: int
    """Of the last answer, its head included."""


def compiler() -> str:
    """Its path. Raises ClientError."""
    found = shutil.which(os.environ.get("CC", "gcc")) or shutil.which("cc")
    if found is None:
        raise ClientError("the client is in C and there is no compiler; install gcc, or name one with CC")
    return found


@functools.cache
def compiled() -> Path:
    """The client's binary, made anew where its source has changed. Raises ClientError."""
    by = compiler()
    digest = hashlib.sha256(_SOURCE.read_bytes()).hexdigest()[:16]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "qualsvc-benchmarks"
    binary = cache / f"client-{digest}"
    if not binary.exists():
        cache.mkdir(parents=True, exist_ok=True)
        made = cache / f"making-{os.getpid()}"
        done = subprocess.run([by, *_FLAGS, "-o", made, _SOURCE], capture_output=True, text=True, check=False)
        if done.returncode:
            raise ClientError(f"`{by}` cannot compile {_SOURCE}:\n{done.stderr}")
        made.rename(binary)
    return binary


def drive(
    port: int, requests: Sequence[bytes], *, connections: int = 32, seconds: float, rate: float = 0, warmup: float = 0.3
) -> Driven:
    """Ask, as fast as answers come or at a constant rate, for so many seconds; for longer where nothing is answered in them.

    Raises ClientError for any answer but 200, and for none.
    """
    for times in _PATIENCE:
        with driving(port, requests, connections=connections, seconds=seconds * times, rate=rate, warmup=warmup) as client:
            found = driven(client)
        if found.answers:
            return found
    raise ClientError(f"nothing was answered at port {port} in {seconds * _PATIENCE[-1]:.0f} s")


@contextmanager
def driving(
    port: int, requests: Sequence[bytes], *, connections: int = 32, seconds: float, rate: float = 0, warmup: float = 0.3
) -> Iterator[subprocess.Popen[str]]:
    """The same, in the background; `driven` waits for what it measured. Told to terminate it ends, figures and all."""
    with tempfile.NamedTemporaryFile(prefix="qualsvc-bench-") as file:
        for request in requests:
            file.write(struct.pack("<I", len(request)) + request)
        file.flush()
        words = [compiled(), port, rate, connections, seconds, warmup, file.name]
        pipe, command = subprocess.PIPE, list(map(str, words))
        with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, start_new_session=True) as client:
            put_first([client.pid])
            try:
                yield client
            finally:
                client.kill()


def driven(client: subprocess.Popen[str]) -> Driven:
    """Wait for it. Raises ClientError."""
    told, complaint = client.communicate()
    if client.returncode:
        raise ClientError(complaint.strip() or f"the client ended with {client.returncode}")
    return Driven(**json.loads(told))
