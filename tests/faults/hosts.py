"""Hosts: each one `qualsvc serve` with a data directory of its own, to be killed and frozen."""

import os
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.cli.commands import PATIENCE_S, Started, free_port, short_directory
from tests.faults.asking import Answer, Line
from tests.faults.postgres import children_of, until_gone
from tests.serving import ADMIN_KEY, PLANT

LEASE_S = 1.0


class Host:
    """A service that answers at `base`; its port stays the same over its lives."""

    def __init__(self, data_dir: Path, database_url: str, *, workers: int = 1, lease_s: float = LEASE_S, **given: str) -> None:
        self.port = free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self.data_dir = data_dir
        self._workers = workers
        self._given = {
            "QUALSVC_DATABASE_URL": database_url,
            "QUALSVC_BOOTSTRAP_API_KEY": ADMIN_KEY,
            "QUALSVC_MAX_STALENESS_S": str(lease_s),
        } | given
        self.command: Started | None = None

    def launch(self) -> None:
        """Start it, without waiting until it answers."""
        words = ("serve", "--port", str(self.port), "--workers", str(self._workers))
        self.command = Started(self.data_dir, *words, **self._given)

    def start(self) -> None:
        self.launch()
        self.until_ready()

    def until_ready(self) -> float:
        """Wait until it answers; the seconds that took."""
        assert self.command is not None
        began = time.monotonic()
        self.command.until(lambda: ready(self.base))
        return time.monotonic() - began

    @property
    def pid(self) -> int:
        assert self.command is not None
        return self.command.process.pid

    def workers(self) -> list[int]:
        """The processes that answer; of one worker it is the service itself."""
        if self._workers == 1:
            return [self.pid]
        return [pid for pid in children_of(self.pid) if b"spawn_main" in words_of(pid)]

    def runs(self) -> bool:
        """Whether it has not ended."""
        return self.command is not None and self.command.process.poll() is None

    def leave(self) -> Started:
        """The command as it is, for somebody else to end; another one may be launched."""
        assert self.command is not None
        command, self.command = self.command, None
        return command

    def freeze(self) -> None:
        """SIGSTOP to all of it."""
        os.killpg(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        os.killpg(self.pid, signal.SIGCONT)

    def kill(self) -> None:
        """`kill -9` of all of it, as when the machine goes."""
        assert self.command is not None
        processes = [self.pid, *children_of(self.pid)]
        os.killpg(self.pid, signal.SIGKILL)
        self.command.wait()
        for pid in processes:
            until_gone(pid, PATIENCE_S)

    def stop(self) -> None:
        """End it in a friendly way, if it still runs."""
        if self.command is None:
            return
        if self.runs():
            self.thaw()
            self.command.end(signal.SIGTERM)
        elif self.command.process.stdout is not None and not self.command.process.stdout.closed:
            self.command.wait()


def is_gone(command: Started) -> bool:
    """Whether the last process of a command that ended has ended too."""
    try:
        os.killpg(command.process.pid, 0)
    except ProcessLookupError:
        return True
    return False


def words_of(pid: int) -> bytes:
    """The command line of a process; empty when it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def ready(base: str) -> bool:
    """Whether who takes the connection is ready."""
    with Line(base, timeout_s=5) as line:
        try:
            return line.exchange("GET", "/readyz").status == 200
        except OSError:
            return False


def until(condition: Callable[[], bool], patience_s: float = PATIENCE_S, *, pause_s: float = 0.005) -> float:
    """Wait until it holds, looking again after each pause; the seconds that took."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < patience_s, f"not within {patience_s:.0f} s"
        time.sleep(pause_s)
    return time.monotonic() - began


@contextmanager
def hosts(*asked: tuple[str, dict[str, Any]]) -> Iterator[list[Host]]:
    """One host each for (address of the database, other arguments), all answering and with the small plant."""
    with short_directory() as directory:
        started: list[Host] = []
        try:
            for number, (url, given) in enumerate(asked):
                data_dir = directory / f"host-{number}"
                data_dir.mkdir(mode=0o711)
                host = Host(data_dir, url, **given)
                started.append(host)
                if number == 0:
                    host.start()  # alone: it brings the database to its version
                    write(host.base, PLANT)
                else:
                    host.launch()
            for host in started:
                host.until_ready()
            yield started
        finally:
            for host in started:
                host.stop()


def write(base: str, records: Iterable[dict[str, Any]]) -> Answer:
    """A bulk that must be done."""
    with Line(base) as line:
        answer = line.write(records)
    assert answer.status == 200, answer.body
    return answer
