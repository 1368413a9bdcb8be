"""What stops a start, told in three lines: what, why, what to do. Real servers, real disks, no traceback."""

import asyncio
import os
import shlex
import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from qualsvc.embedded import EmbeddedPostgres
from qualsvc.embedded.account import account_for
from qualsvc.store.engine import connect
from tests.cli.commands import COMMAND, PATIENCE_S, environment, free_port, run, short_directory
from tests.conftest import with_database

SERVE = ("serve", "--port", "0")


def refused(done: "subprocess.CompletedProcess[str]") -> tuple[str, str, str]:
    """The three lines of a start that was refused, and nothing else on standard error."""
    lines = [line for line in done.stderr.splitlines() if not line.startswith(("{", "database: "))]
    assert (1, 3) == (done.returncode, len(lines)), done.stderr
    assert "Traceback" not in done.stderr
    assert (lines[0][:9], lines[1][:7], lines[2][:7]) == ("qualsvc: ", "  why: ", "  do:  ")
    return lines[0][9:], lines[1][7:], lines[2][7:]


def execute(url: str, *statements: str) -> None:
    async def executed() -> None:
        connection = await connect(url)
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()

    asyncio.run(executed())


def test_database_away(tmp_path: Path) -> None:
    """Nobody listens where the database should be: commands say so; the service waits for it."""
    what, why, do = refused(
        run(tmp_path, "db", "upgrade", QUALSVC_DATABASE_URL=f"postgresql://127.0.0.1:{free_port()}/qualsvc")
    )
    assert ("the database does not answer", "start it, or name one that runs in QUALSVC_DATABASE_URL") == (what, do)
    assert "Connect call failed" in why


def test_no_such_database(server_url: str, tmp_path: Path) -> None:
    """The server runs and has no database of that name."""
    what, why, _ = refused(run(tmp_path, *SERVE, QUALSVC_DATABASE_URL=with_database(server_url, "is-not-there")))
    assert ("there is no such database", 'database "is-not-there" does not exist') == (what, why)


def test_wrong_password(server_url: str, tmp_path: Path) -> None:
    """A wrong password is told, and not repeated."""
    parts = urlsplit(server_url)
    url = parts._replace(netloc=f"{parts.username}:hush-hush@{parts.netloc.rpartition('@')[2]}").geturl()
    done = run(tmp_path, *SERVE, QUALSVC_DATABASE_URL=url)
    what, why, _ = refused(done)
    assert "the database refuses the user or the password" == what
    assert f'password authentication failed for user "{parts.username}"' == why
    assert "hush-hush" not in done.stderr


@pytest.mark.parametrize("command", [SERVE, ("db", "upgrade"), ("keys", "list")])
def test_newer_schema(database_url: str, tmp_path: Path, command: tuple[str, ...]) -> None:
    """A database that a newer version has changed is touched by no command of this one."""
    execute(database_url, "UPDATE alembic_version SET version_num = '9999'")
    what, why, _ = refused(run(tmp_path, *command, QUALSVC_DATABASE_URL=database_url))
    assert "the database is of a newer qualsvc" == what
    assert why.startswith("a newer version of qualsvc has brought the schema to 9999")


def test_rights(server_url: str, empty_database_url: str, tmp_path: Path) -> None:
    """A user who may log in and make no tables, as PostgreSQL gives new users by default."""
    role, password = f"clerk_{uuid4().hex}", "a-word-of-its-own"
    execute(server_url, f"CREATE ROLE {role} LOGIN PASSWORD '{password}'")
    parts = urlsplit(empty_database_url)
    url = parts._replace(netloc=f"{role}:{password}@{parts.netloc.rpartition('@')[2]}").geturl()
    what, why, do = refused(run(tmp_path, *SERVE, QUALSVC_DATABASE_URL=url))
    assert f"the database user `{role}` cannot run them" == what
    assert "it lacks the right CREATE on the schema `public`" == why
    assert do.startswith(f"ALTER DATABASE … OWNER TO {role}")
    execute(server_url, f"DROP ROLE {role}")


class OldServer(socketserver.BaseRequestHandler):
    """A server of PostgreSQL 14 as far as one gets before the first query."""

    def handle(self) -> None:
        length = int.from_bytes(self.request.recv(4), "big")
        if length == 8:  # asked whether it speaks TLS
            self.request.recv(4)
            self.request.sendall(b"N")
            length = int.from_bytes(self.request.recv(4), "big")
        self.request.recv(length - 4)
        for kind, body in (
            (b"R", bytes(4)),
            (b"S", b"server_version\x0014.9\x00"),
            (b"S", b"client_encoding\x00UTF8\x00"),
            (b"K", bytes(8)),
            (b"Z", b"I"),
        ):
            self.request.sendall(kind + (len(body) + 4).to_bytes(4, "big") + body)
        self.request.recv(1024)  # the farewell


@pytest.fixture
def old_server() -> Iterator[str]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), OldServer) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"postgresql://qualsvc@127.0.0.1:{server.server_address[1]}/qualsvc"
        server.shutdown()
        thread.join()


def test_old_server(old_server: str, tmp_path: Path) -> None:
    """A server older than PostgreSQL 15 is told by its version, before anything is asked of it."""
    what, why, _ = refused(run(tmp_path, *SERVE, QUALSVC_DATABASE_URL=old_server))
    assert "the database server is too old" == what
    assert "the server is PostgreSQL 14.9; qualsvc takes 15 and newer" == why


@pytest.fixture
def standby() -> Iterator[str]:
    """The address of a PostgreSQL that stands by for a primary (which never comes)."""
    with short_directory() as directory:
        with EmbeddedPostgres(directory / "pg") as url:
            pass
        signal_file = directory / "pg" / "cluster" / "standby.signal"
        signal_file.write_text("")
        account_for(signal_file.parent).own(signal_file)
        with EmbeddedPostgres(directory / "pg") as url:
            yield url


def test_standby(standby: str, tmp_path: Path) -> None:
    """A standby answers every question and takes no writes."""
    what, why, _ = refused(run(tmp_path, *SERVE, QUALSVC_DATABASE_URL=standby))
    assert "the database `postgres` takes no writes" == what
    assert "its server is a standby, a copy that follows a primary" == why


def test_full_disk(database_url: str, tmp_path: Path) -> None:
    """Where no byte of a file can be written, nothing is started that could put no answer on record."""
    command = f"ulimit -f 0; exec {shlex.join([COMMAND, *SERVE])}"
    done = subprocess.run(
        ["/bin/sh", "-c", command],
        env=environment(tmp_path, {"QUALSVC_DATABASE_URL": database_url}),
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )
    what, why, do = refused(done)
    assert "answers cannot be put on record" == what
    assert f"no file can be made in `{tmp_path / 'spool'}`: File too large" == why
    assert "free space there, or set QUALSVC_DATA_DIR to a directory on a larger disk" == do


@pytest.mark.parametrize("command", [SERVE, ("demo", "--port", "0"), ("keys", "list")])
def test_no_data_directory(tmp_path: Path, command: tuple[str, ...]) -> None:
    """A data directory that is none stops everything that would write to it."""
    (tmp_path / "file").write_text("")
    _, why, do = refused(run(tmp_path / "file", *command))
    assert "Not a directory" in why or "it is not a directory" in why
    assert "QUALSVC_DATA_DIR" in do


def test_port_out_of_range(tmp_path: Path) -> None:
    """A number that is no port is refused with the range."""
    done = run(tmp_path, "serve", "--port", "70000")
    assert (2, True) == (done.returncode, "less than or equal to 65535" in done.stderr)


DYING = """
import socket
from qualsvc.cli.refusals import told
from qualsvc.cli.serving import server
from qualsvc.spool.spool import SpoolUnavailableError

async def service(scope, receive, send):
    try:
        raise SpoolUnavailableError("the disk is gone")
    except SpoolUnavailableError:
        await send({"type": "lifespan.startup.failed", "message": "Traceback (most recent call last): …"})
        raise

service.at_once = service.settle = service.settle_if_alone = None

with told(), socket.socket() as bound:
    bound.bind(("127.0.0.1", 0))
    server(service).run([bound])
"""


def test_start_that_dies_late(tmp_path: Path) -> None:
    """What the service dies of while it starts is told in three lines, too, not logged as a traceback."""
    command = [sys.executable, "-c", DYING]
    done = subprocess.run(command, env=environment(tmp_path), capture_output=True, text=True, check=False, timeout=PATIENCE_S)
    lines = done.stderr.splitlines()
    assert (1, "") == (done.returncode, done.stdout)
    assert ["qualsvc: answers cannot be put on record", "  why: the disk is gone"] == lines[-3:-1]
    assert "Traceback" not in done.stderr


def test_old_python(tmp_path: Path) -> None:
    """A Python that will not do says so before anything else can fail."""
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.version_info = (3, 10, 4, 'final', 0)\n")
    what, why, do = refused(run(tmp_path, "doctor", PYTHONPATH=str(tmp_path)))
    assert "this Python cannot run qualsvc" == what
    assert why.endswith(f"`{sys.executable}`")
    assert do.startswith("install qualsvc into a CPython 3.11, 3.12 or 3.13")


def test_no_python_for_make() -> None:
    """`make` without a fitting Python names those it tried, and what to install."""
    script = Path(__file__).parents[2] / "scripts" / "find-python"
    environment = os.environ | {"PYTHON": "is-not-there"}
    done = subprocess.run(["/bin/sh", str(script)], env=environment, capture_output=True, text=True, check=False)
    lines = done.stderr.splitlines()
    assert (1, "") == (done.returncode, done.stdout)
    assert "make: there is no Python here that can run this project" == lines[0]
    assert ("  why: it takes CPython", "       is-not-there: not found") == (lines[1][:23], lines[2])
    assert "  do:  one of these, then make again" == lines[3]
