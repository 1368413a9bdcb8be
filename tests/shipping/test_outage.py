"""With the database away, or the room full, answers stop in time and none is lost; then everything goes on by itself."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from qualsvc.embedded import EmbeddedPostgres
from qualsvc.spool.spool import Spool, SpoolUnavailableError
from tests.audit.log import KEY
from tests.cli.commands import PATIENCE_S, serving, short_directory
from tests.serving import ADMIN_KEY, QUESTION
from tests.shipping.asking import Asking
from tests.shipping.evidence import check, fill

CLIENTS = 2


def until(condition: Callable[[], bool]) -> float:
    """Wait until it holds; answers the seconds that took."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() < began + PATIENCE_S
        time.sleep(0.02)
    return time.monotonic() - began


def asking(base: str) -> list[Asking]:
    """Clients under way, with some answers each."""
    clients = [Asking(base) for _ in range(CLIENTS)]
    for client in clients:
        client.start()
    until(lambda: all(len(client.received) > 50 for client in clients))
    return clients


def stop(clients: list[Asking]) -> None:
    for client in clients:
        client.enough.set()
        client.join(PATIENCE_S)


@pytest.mark.parametrize("seconds", [3, pytest.param(60, marks=pytest.mark.faults)])
def test_database_stopped_under_load(tmp_path: Path, seconds: int) -> None:
    """What was answered before, while the facts were still fresh, and after, is all in the table, once."""
    with short_directory() as directory:
        server = EmbeddedPostgres(directory / "pg")
        url = server.start()
        try:
            given = {"QUALSVC_DATABASE_URL": url, "QUALSVC_BOOTSTRAP_API_KEY": ADMIN_KEY, "QUALSVC_MAX_STALENESS_S": "1"}
            with serving(tmp_path, **given) as (command, base):
                asyncio.run(fill(url))
                clients = asking(base)
                server.stop()
                until(lambda: all(client.refused for client in clients))
                time.sleep(seconds)
                assert url == server.start()
                before = [len(client.received) for client in clients]
                until(lambda: all(len(client.received) > count + 50 for client, count in zip(clients, before, strict=True)))
                stop(clients)
                assert {503} == {status for client in clients for status in client.refused}
            sys.stderr.write("\n".join(command.err))  # shown when an answer is missing
            asyncio.run(check(url, clients))
        finally:
            server.stop()


def test_room_full_under_load(database_url: str, tmp_path: Path) -> None:
    """With nobody shipping, asks are refused within a second of the room being full, none unlogged; shipped, they go on."""
    given = {"QUALSVC_DATABASE_URL": database_url, "QUALSVC_BOOTSTRAP_API_KEY": ADMIN_KEY, "QUALSVC_SPOOL_MAX_MB": "1"}
    with serving(tmp_path, **given) as (_, base):
        asyncio.run(fill(database_url))
        shipper = _shipper(tmp_path / "spool")
        os.kill(shipper, signal.SIGSTOP)
        clients = asking(base)
        until(lambda: all(client.refused for client in clients))
        with httpx.Client(base_url=base, headers={"Authorization": f"Bearer {ADMIN_KEY}"}, trust_env=False) as client:
            refused = client.get("/can-operate", params=QUESTION)
            assert (503, "audit_unavailable") == (refused.status_code, refused.json()["code"])
            assert "bytes wait to be shipped" in refused.json()["detail"]
            assert "audit_unavailable" == client.get("/readyz").json()["code"]
        os.kill(shipper, signal.SIGCONT)
        before = [len(client.received) for client in clients]
        until(lambda: all(len(client.received) > count + 50 for client, count in zip(clients, before, strict=True)))
        stop(clients)
    asyncio.run(check(database_url, clients))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of three megabytes."""
    place = tmp_path / "disk"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "none", place], check=True)
    yield place
    subprocess.run(["umount", place], check=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a disk")
def test_disk_full_under_load(database_url: str, small_disk: Path) -> None:
    """To the last byte: asks are refused, none is unlogged, and once its answers are shipped the service goes on by itself."""
    given = {"QUALSVC_DATABASE_URL": database_url, "QUALSVC_BOOTSTRAP_API_KEY": ADMIN_KEY}
    with serving(small_disk, **given):
        asyncio.run(fill(database_url))
    with serving(small_disk, **given) as (_, base):
        shipper = _shipper(small_disk / "spool")
        os.kill(shipper, signal.SIGSTOP)
        clients = asking(base)
        until(lambda: all(client.refused for client in clients))
        os.kill(shipper, signal.SIGCONT)
        before = [len(client.received) for client in clients]
        until(lambda: all(len(client.received) > count + 50 for client, count in zip(clients, before, strict=True)))
        stop(clients)
        assert {503} == {status for client in clients for status in client.refused}
    asyncio.run(check(database_url, clients))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a disk")
def test_started_on_a_full_disk(database_url: str, small_disk: Path) -> None:
    """What fills it are answers of before: they are shipped, and then there is room to start."""
    spool = Spool(small_disk / "spool", b'{"open":{"started_at":"2026-11-21T03:00:00Z"}}')
    with contextlib.suppress(SpoolUnavailableError):
        while True:
            spool.append([b"x" * 5000])
    spool.close()
    with (small_disk / "filler").open("wb", buffering=0) as filler, contextlib.suppress(OSError):
        while True:
            filler.write(bytes(4096))
    given = {"QUALSVC_DATABASE_URL": database_url, "QUALSVC_BOOTSTRAP_API_KEY": ADMIN_KEY, "QUALSVC_SIGNING_KEY": KEY.seed}
    with serving(small_disk, **given) as (command, _):
        assert any("no_room_for_answers" in line for line in command.err)


def test_started_with_all_room_taken(database_url: str, tmp_path: Path) -> None:
    """As after a long outage of the database: more waits than may wait. It is shipped, and the service answers."""
    spool = Spool(tmp_path / "spool", b'{"open":{"started_at":"2026-11-21T03:00:00Z"}}')
    for _ in range(400):
        spool.append([b"x" * 5000])
    spool.close()
    given = {"QUALSVC_DATABASE_URL": database_url, "QUALSVC_BOOTSTRAP_API_KEY": ADMIN_KEY, "QUALSVC_SPOOL_MAX_MB": "1"}
    with serving(tmp_path, **given) as (command, base):
        asyncio.run(fill(database_url))
        clients = asking(base)
        stop(clients)
        assert any("no_room_for_answers" in line for line in command.err)
    asyncio.run(check(database_url, clients))


def test_a_shipper_that_dies_is_started_again(database_url: str, tmp_path: Path) -> None:
    """Killed with `kill -9`, it comes back and goes on where the table is."""
    given = {"QUALSVC_DATABASE_URL": database_url, "QUALSVC_BOOTSTRAP_API_KEY": ADMIN_KEY}
    with serving(tmp_path, **given) as (command, base):
        asyncio.run(fill(database_url))
        clients = asking(base)
        killed = _shipper(tmp_path / "spool")
        os.kill(killed, signal.SIGKILL)
        command.until(lambda: any("shipper_died" in line for line in command.err))
        until(lambda: _shipper(tmp_path / "spool") not in (0, killed))
        stop(clients)
        asyncio.run(check(database_url, clients))


def _shipper(directory: Path) -> int:
    """The process that ships from the directory; 0 for none."""
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if b"qualsvc.shipping" in words and os.fsencode(directory) in words:
            return int(entry.name)
    return 0
