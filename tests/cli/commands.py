"""The `qualsvc` command as a real process."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.places import fast_place

COMMAND = str(Path(sys.executable).with_name("qualsvc"))
PATIENCE_S = 180.0


def environment(data_dir: Path, given: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of a command: nothing of ours but what is given."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("QUALSVC_")}
    usual = {"QUALSVC_DATA_DIR": str(data_dir), "QUALSVC_DRAIN_S": "0"}  # nobody is sent elsewhere here
    return inherited | usual | dict(given or {})


@contextmanager
def short_directory() -> Iterator[Path]:
    """A directory that the server's own account may enter, with a name short enough for a socket."""
    directory = Path(tempfile.mkdtemp(prefix="qs-", dir=fast_place()))
    directory.chmod(0o711)
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def run(data_dir: Path, *arguments: str, **given: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        [COMMAND, *arguments], env=environment(data_dir, given), capture_output=True, text=True, check=False, timeout=PATIENCE_S
    )


class Started:
    """A command that runs, and what it has said so far."""

    def __init__(self, data_dir: Path, *arguments: str, **given: str) -> None:
        self.data_dir = data_dir
        self.process = subprocess.Popen(
            [COMMAND, *arguments],
            env=environment(data_dir, given),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.out: list[str] = []
        self.err: list[str] = []
        self._readers = [
            threading.Thread(target=self._read, args=(self.process.stdout, self.out)),
            threading.Thread(target=self._read, args=(self.process.stderr, self.err)),
        ]
        for reader in self._readers:
            reader.start()

    @staticmethod
    def _read(stream: "subprocess.IO[str]", into: list[str]) -> None:  # type: ignore[name-defined]
        for line in stream:
            into.append(line.rstrip("\n"))  # noqa: PERF401 -- seen by others line by line

    def until(self, condition: Callable[[], bool]) -> None:
        """Wait until the condition holds; fail when the command ends before, or it never does."""
        deadline = time.monotonic() + PATIENCE_S
        while not condition():
            ended = self.process.poll()
            assert ended is None, f"ended with {ended}: {self.out[-20:]} {self.err[-20:]}"
            assert time.monotonic() < deadline, f"{self.out[-20:]} {self.err[-20:]}"
            time.sleep(0.02)

    def end(self, number: int) -> int:
        """Send the signal, wait for the end, and return the exit code."""
        self.process.send_signal(number)
        return self.wait()

    def wait(self) -> int:
        code = self.process.wait(PATIENCE_S)
        for reader in self._readers:
            reader.join(PATIENCE_S)
        for stream in (self.process.stdout, self.process.stderr):
            assert stream is not None
            stream.close()
        return code


@contextmanager
def started(data_dir: Path, *arguments: str, **given: str) -> Iterator[Started]:
    """A command that runs until the end of the block, if it does not end before."""
    command = Started(data_dir, *arguments, **given)
    try:
        yield command
    finally:
        if command.process.poll() is None:
            command.end(signal.SIGTERM)
        elif command.process.stdout is not None and not command.process.stdout.closed:
            command.wait()


@contextmanager
def serving(data_dir: Path, *arguments: str, **given: str) -> Iterator[tuple[Started, str]]:
    """`qualsvc serve` on a free port, as soon as it answers: (the process, its address)."""
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    with started(data_dir, "serve", "--port", str(port), *arguments, **given) as command:
        command.until(lambda: ready(base))
        yield command, base


def ready(base: str) -> bool:
    try:
        return httpx.get(f"{base}/readyz", trust_env=False, timeout=10).status_code == 200
    except httpx.HTTPError:
        return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def processes_of(data_dir: Path) -> list[str]:
    """The command lines of all living processes that have anything to do with the directory."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
            surroundings = (entry / "environ").read_bytes().decode(errors="replace")
            place = str((entry / "cwd").readlink())
        except OSError:
            continue
        if command and (str(data_dir) in command or str(data_dir) in surroundings or place.startswith(str(data_dir))):
            found.append(command)
    return found
