"""Users of an embedded PostgreSQL in processes of their own, and what tests ask of the server."""

import asyncio
import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from qualsvc.embedded.account import account_for
from qualsvc.embedded.locks import Lock
from qualsvc.embedded.process import read_server_file
from qualsvc.embedded.server import halt

OWNER = """
import pathlib, sys
from qualsvc.embedded import EmbeddedPostgres
server = EmbeddedPostgres(pathlib.Path(sys.argv[1]))
print(server.start(), flush=True)
sys.stdin.readline()
server.stop()
"""


@dataclass
class Owner:
    """A process that has started the server and stops it when told."""

    process: subprocess.Popen[str]
    dsn: str

    def leave(self) -> None:
        self.process.communicate("\n")

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


@contextlib.contextmanager
def owner_of(data_dir: Path) -> Iterator[Owner]:
    with subprocess.Popen(
        [sys.executable, "-c", OWNER, str(data_dir)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield Owner(process, process.stdout.readline().strip())
        finally:
            process.kill()


def ask(dsn: str, sql: str) -> object:
    """The one value that the query gives."""

    async def fetch() -> object:
        connection = await asyncpg.connect(dsn)
        try:
            return await connection.fetchval(sql)
        finally:
            await connection.close()

    return asyncio.run(fetch())


def server_pid(place: Path) -> int:
    told = read_server_file(place / "cluster")
    assert told is not None
    return told.pid


def is_free(path: Path) -> bool:
    """Whether nobody holds this lock file."""
    lock = Lock(path)
    try:
        return lock.claim()
    finally:
        lock.close()


def end_server(place: Path) -> None:
    lock = Lock(place / "server.lock")
    try:
        halt(place / "cluster", lock)
    finally:
        lock.close()


def server_uid(place: Path) -> int | None:
    """The uid to pass to `subprocess` for a process of the server's own account; None for our own."""
    account = account_for(place / "cluster")
    return account.uid if account.switched else None


def pretend_server(place: Path, pid: int) -> None:
    """Leave the file of a dead server whose process number now belongs to `pid`."""
    cluster = place / "cluster"
    sockets = place / "run"
    text = f"{pid}\n{cluster}\n1700000000\n5432\n{sockets}\n\n  5432001         0\nready   \n"
    for path in (cluster / "postmaster.pid", sockets / ".s.PGSQL.5432.lock"):
        path.write_text(text)
        if os.geteuid() == 0:
            os.chown(path, cluster.stat().st_uid, cluster.stat().st_gid)
