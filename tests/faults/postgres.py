"""A PostgreSQL of a test's own, to be stopped, restarted and frozen."""

import os
import secrets
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from qualsvc.embedded.account import account_for
from qualsvc.embedded.binaries import binaries, within_reach
from qualsvc.embedded.cluster import DATABASE, ROLE, make_cluster
from tests.places import fast_place

PORT = 5432
Mode = Literal["smart", "fast", "immediate"]
_SETTINGS = {
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "timezone": "UTC",
    "jit": "off",
    # Processes are killed here, not machines: what only guards against power loss may be left out.
    "fsync": "off",
    "full_page_writes": "off",
    "log_min_error_statement": "panic",
}
_WHO_MAY = """
local all all scram-sha-256
local replication all scram-sha-256
host all all 0.0.0.0/0 scram-sha-256
"""


class Postgres:
    """One server. `socket` is where it listens; over TCP it also listens at `addresses`, on its `port`.

    With a `primary` it is a standby of that one, with all it has.
    """

    def __init__(
        self, directory: Path, addresses: Sequence[str] = (), *, primary: "Postgres | None" = None, port: int = PORT
    ) -> None:
        self._cluster, self._sockets, self._log = directory / "cluster", directory / "run", directory / "server.log"
        self._addresses = ",".join(addresses)
        self.port = port
        self._password: str = secrets.token_urlsafe(16) if primary is None else primary._password
        self._account = account_for(self._cluster)
        self._bin = within_reach(binaries(), self._account)
        self._sockets.mkdir()
        self._account.own(self._sockets)
        self._account.own(directory)
        if primary is None:
            make_cluster(self._cluster, self._password, self._bin, self._account, self._sockets)
            (self._cluster / "pg_hba.conf").write_text(_WHO_MAY)
        else:
            self._run("pg_basebackup", "-R", "-c", "fast", "-d", primary.url, "-D", str(self._cluster))
        self.start()

    @property
    def socket(self) -> Path:
        return self._sockets / f".s.PGSQL.{self.port}"

    def promote(self) -> None:
        """Have a standby be the primary from now on."""
        self._control("promote")

    def url_with(self, other: "Postgres") -> str:
        """The address of whichever of the two is the primary."""
        both = f"{quote(str(self._sockets), safe='/')},{quote(str(other._sockets), safe='/')}"
        return self.url_at(f"/{DATABASE}?host={both}&port={PORT},{PORT}&target_session_attrs=read-write")

    @property
    def url(self) -> str:
        """Its address, past every proxy."""
        return self.url_at(f"/{DATABASE}?host={quote(str(self._sockets), safe='/')}")

    def url_at(self, place: str) -> str:
        """Its address as seen elsewhere: `place` is `/…?host=…` or `host:port/…`."""
        return f"postgresql://{ROLE}:{self._password}@{place}"

    def url_by(self, host: str, port: int = PORT) -> str:
        """Its address by TCP, or by a proxy."""
        return self.url_at(f"{host}:{port}/{DATABASE}")

    def start(self) -> None:
        self._control("start", "-o", self._options(), "-l", str(self._log))

    def stop(self, mode: Mode = "fast") -> None:
        self._control("stop", "-m", mode)

    def restart(self, mode: Mode) -> None:
        """As an operator would: connections are ended (`fast`), or it is made to crash and to recover (`immediate`)."""
        self._control("restart", "-m", mode, "-o", self._options(), "-l", str(self._log))

    def freeze(self) -> None:
        """Stop every process of it where it stands: connections stay open, new ones are taken, and nobody answers."""
        stopped: set[int] = set()
        while more := [pid for pid in self._processes() if pid not in stopped]:
            for pid in more:
                _signal(pid, signal.SIGSTOP)
            stopped.update(more)

    def thaw(self) -> None:
        for pid in reversed(self._processes()):
            _signal(pid, signal.SIGCONT)

    def runs(self) -> bool:
        """Whether any process of it is there."""
        return bool(self._processes())

    def _options(self) -> str:
        settings = _SETTINGS | {"unix_socket_directories": str(self._sockets), "listen_addresses": self._addresses}
        settings["port"] = str(self.port)
        return " ".join(f"-c {name}='{value}'" for name, value in settings.items())

    def _control(self, verb: str, *words: str) -> None:
        self._run("pg_ctl", verb, "-D", str(self._cluster), "-w", "-t", "60", *words)

    def _run(self, program: str, *words: str) -> None:
        done = self._account.run([str(self._bin / program), *words])
        assert done.returncode == 0, (
            f"{done.stdout} {done.stderr} {self._log.read_text()[-2000:] if self._log.exists() else ''}"
        )

    def _processes(self) -> list[int]:
        """The server first, then its children."""
        try:
            server = int((self._cluster / "postmaster.pid").read_text().split()[0])
        except (OSError, ValueError, IndexError):
            return []
        return [server, *children_of(server)]


def children_of(parent: int) -> list[int]:
    """The processes whose parent it is."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "stat").read_bytes().rpartition(b")")[2].split()
        except OSError:
            continue
        if int(words[1]) == parent and words[0] not in (b"Z", b"X"):
            found.append(int(entry.name))
    return sorted(found)


@contextmanager
def own_postgres(addresses: Sequence[str] = (), *, primary: Postgres | None = None, port: int = PORT) -> Iterator[Postgres]:
    """A new server in a directory that its account may enter, gone in the end."""
    directory = Path(tempfile.mkdtemp(prefix="qf-", dir=fast_place()))
    directory.chmod(0o711)
    server = None
    try:
        server = Postgres(directory, addresses, primary=primary, port=port)
        yield server
    finally:
        if server is not None:
            server.thaw()
            if server.runs():
                server.stop("immediate")
        shutil.rmtree(directory, ignore_errors=True)


def _signal(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def until_gone(pid: int, patience_s: float) -> None:
    """Wait until no process has the number, or it is a zombie."""
    deadline = time.monotonic() + patience_s
    while True:
        try:
            if Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[0] in (b"Z", b"X"):
                return
        except OSError:
            return
        assert time.monotonic() < deadline, f"process {pid} does not end"
        time.sleep(0.01)
