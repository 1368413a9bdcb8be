"""`qualsvc serve` before it can answer, and while it stops: whoever asks is told, and no request fails."""

import asyncio
import json
import signal
import threading
import time
from pathlib import Path

import httpx
import pytest

from qualsvc.embedded import EmbeddedPostgres
from tests.cli.commands import Started, free_port, ready, serving, short_directory, started
from tests.serving import ADMIN_KEY, QUESTION
from tests.shipping.evidence import fill

ADMIN = {"Authorization": f"Bearer {ADMIN_KEY}"}


def answered(base: str, path: str) -> tuple[int, str | None]:
    """Status and problem code, or 0 where nobody listens."""
    try:
        response = httpx.get(f"{base}{path}", headers=ADMIN, trust_env=False, timeout=5)
    except httpx.ConnectError:
        return 0, None
    return response.status_code, response.json().get("code")


def events(lines: list[str]) -> list[str]:
    return [json.loads(line)["event"] for line in lines if line.startswith("{")]


@pytest.mark.parametrize("workers", [1, pytest.param(2, marks=pytest.mark.faults)])
def test_database_away_at_the_start(workers: int, tmp_path: Path) -> None:
    """It waits for its database and says so, in the log and to whoever asks; then it answers, without being started again."""
    with short_directory() as directory:
        postgres = EmbeddedPostgres(directory / "postgres")
        url = postgres.start()
        postgres.stop()
        port = free_port()
        base = f"http://127.0.0.1:{port}"
        given = {"QUALSVC_DATABASE_URL": url, "QUALSVC_BOOTSTRAP_API_KEY": ADMIN_KEY}
        with started(tmp_path, "serve", "--port", str(port), "--workers", str(workers), **given) as command:
            command.until(lambda: "waiting_for_database" in events(command.err))
            assert (200, None) == answered(base, "/livez")
            for path in ("/readyz", "/can-operate?person=E1&equipment=FORK-07&process=LOADING", "/v1/persons"):
                assert (503, "stale") == answered(base, path)
            assert url == postgres.start()
            command.until(lambda: ready(base))
            assert (200, None) == answered(base, "/v1/persons")
            assert 0 == command.end(signal.SIGTERM)
        postgres.stop()


class Door(threading.Thread):
    """Asks all the time on connections that are kept, at the first service that says it is ready, as a balancer would."""

    def __init__(self, bases: list[str]) -> None:
        super().__init__()
        self.bases = bases
        self.failed: list[str] = []
        self.answered: dict[str, int] = dict.fromkeys(bases, 0)
        self.ended = False

    def run(self) -> None:
        with httpx.Client(headers=ADMIN, trust_env=False, timeout=10) as client:
            base, looked_at = self.bases[0], 0.0
            while not self.ended:
                if time.monotonic() - looked_at > 0.2:
                    base, looked_at = next(each for each in self.bases if ready(each)), time.monotonic()
                try:
                    response = client.get(f"{base}/can-operate", params=QUESTION)
                except httpx.HTTPError as error:
                    self.failed.append(f"{base}: {error!r}")
                else:
                    self.answered[base] += response.status_code == 200
                    if response.status_code != 200:
                        self.failed.append(f"{base}: {response.text}")


def asks(client: httpx.Client, base: str) -> httpx.Response:
    return client.get(f"{base}/can-operate", params=QUESTION)


def test_draining(database_url: str, tmp_path: Path) -> None:
    """Told to stop under load, a process says so, has everybody go elsewhere, and ends: no request fails meanwhile."""
    given = {"QUALSVC_DATABASE_URL": database_url, "QUALSVC_BOOTSTRAP_API_KEY": ADMIN_KEY, "QUALSVC_DRAIN_S": "1.5"}
    with (
        serving(tmp_path / "one", "--workers", "2", **given) as (one, first),
        serving(tmp_path / "other", **given | {"QUALSVC_DRAIN_S": "0"}) as (_, second),
    ):
        asyncio.run(fill(database_url))
        doors = [Door([first, second]) for _ in range(4)]
        for door in doors:
            door.start()
        one.until(lambda: all(door.answered[first] > 50 for door in doors))
        one.process.send_signal(signal.SIGTERM)
        one.until(lambda: (503, "draining") == answered(first, "/readyz"))
        with httpx.Client(headers=ADMIN, trust_env=False) as client:
            late = asks(client, first)
        assert (200, "close") == (late.status_code, late.headers["connection"])
        assert 0 == one.wait()
        before = [door.answered[second] for door in doors]
        time.sleep(0.5)
        for door in doors:
            door.ended = True
            door.join()
        assert [] == [failure for door in doors for failure in door.failed]
        assert all(door.answered[second] > count for door, count in zip(doors, before, strict=True))


def stopping_takes(command: Started, *signals: int) -> float:
    began = time.monotonic()
    for number in signals:
        command.process.send_signal(number)
        time.sleep(1.2)
    command.wait()
    return time.monotonic() - began


@pytest.mark.parametrize(
    "signals", [(signal.SIGINT,), pytest.param((signal.SIGTERM, signal.SIGTERM), marks=pytest.mark.faults)]
)
def test_stopping_at_once(database_url: str, tmp_path: Path, signals: tuple[int, ...]) -> None:
    """A second signal, or Ctrl-C, ends the draining."""
    with serving(tmp_path, QUALSVC_DATABASE_URL=database_url, QUALSVC_DRAIN_S="120") as (command, _):
        assert stopping_takes(command, *signals) < 60
