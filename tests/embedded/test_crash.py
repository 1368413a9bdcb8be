"""What a kill -9 leaves behind, at any of the places where it can strike."""

import os
import signal
import subprocess
from pathlib import Path

from qualsvc.embedded import EmbeddedPostgres
from qualsvc.embedded.process import is_alive

from .owners import ask, is_free, owner_of, pretend_server, server_pid, server_uid


def test_adopts_the_server_of_a_killed_owner(place: Path) -> None:
    """After kill -9 of its only user the server runs on; the next start takes it over and stops it in the end."""
    with owner_of(place) as owner:
        owner.kill()
    pid = server_pid(place)
    server = EmbeddedPostgres(place)
    dsn = server.start()
    assert (dsn, server_pid(place), ask(dsn, "select 1")) == (owner.dsn, pid, 1)
    server.stop()
    assert (is_alive(pid), is_free(place / "server.lock")) == (False, True)


def test_recovers_from_a_killed_server(place: Path) -> None:
    """After kill -9 of the postmaster, `start` again waits for its children, starts anew and keeps what was committed."""
    server = EmbeddedPostgres(place)
    dsn = server.start()
    ask(dsn, "create table kept as select 7 as n")
    os.kill(server_pid(place), signal.SIGKILL)
    assert (server.start(), ask(dsn, "select n from kept")) == (dsn, 7)
    server.stop()


def test_stops_though_the_server_was_killed(place: Path) -> None:
    """`stop` after kill -9 of the postmaster waits for its children and raises nothing."""
    server = EmbeddedPostgres(place)
    server.start()
    os.kill(server_pid(place), signal.SIGKILL)
    server.stop()
    assert is_free(place / "server.lock")


def test_does_not_take_a_zombie_for_a_server(place: Path) -> None:
    """A process that has ended and was not reaped counts as gone, though signals still find it."""
    with subprocess.Popen(["true"], user=server_uid(place)) as zombie:
        os.waitid(os.P_PID, zombie.pid, os.WEXITED | os.WNOWAIT)
        pretend_server(place, zombie.pid)
        with EmbeddedPostgres(place) as dsn:
            assert ask(dsn, "select 1") == 1


def test_does_not_take_a_stranger_for_a_server(place: Path) -> None:
    """A process that got the number of a dead server is neither adopted nor stopped."""
    with subprocess.Popen(["sleep", "60"], user=server_uid(place)) as stranger:
        pretend_server(place, stranger.pid)
        with EmbeddedPostgres(place) as dsn:
            assert ask(dsn, "select 1") == 1
        assert stranger.poll() is None
        stranger.kill()


def test_an_interrupted_initdb_is_done_again(open_dir: Path) -> None:
    """Database files that were not finished are thrown away, and the password made for them is kept."""
    place = open_dir / "pg"
    (place / "cluster.part" / "base").mkdir(parents=True)
    (place / "password").write_text("made-before-the-kill")
    with EmbeddedPostgres(place) as dsn:
        assert (ask(dsn, "select 1"), "made-before-the-kill" in dsn) == (1, True)
    assert (place / "cluster.part").exists() is False
