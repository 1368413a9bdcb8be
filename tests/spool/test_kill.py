"""Killed at any moment, a process has every answer on file that a client received."""

import signal
import threading
from pathlib import Path

import httpx
import pytest

from qualsvc.spool.format import read_entries
from tests.cli.commands import PATIENCE_S, serving
from tests.serving import ADMIN_KEY, QUESTION

CLIENTS = 4
ENOUGH = 60


@pytest.mark.parametrize("kill", [pytest.param(0, marks=pytest.mark.faults), 1, 2])
def test_kill_9_under_load(database_url: str, tmp_path: Path, kill: int) -> None:
    """`kill -9` in the middle of answering: every decision id that arrived anywhere is in the file, with its answer."""
    given = {"QUALSVC_DATABASE_URL": database_url, "QUALSVC_BOOTSTRAP_API_KEY": ADMIN_KEY}
    if kill == 2:
        given["QUALSVC_DECISION_LOG_SYNC"] = "fsync"
    received: list[bytes] = []
    with serving(tmp_path, **given) as (command, base):
        clients = [threading.Thread(target=ask_on, args=(base, received)) for _ in range(CLIENTS)]
        for client in clients:
            client.start()
        command.until(lambda: len(received) >= ENOUGH)
        assert -signal.SIGKILL == command.end(signal.SIGKILL)
        for client in clients:
            client.join(PATIENCE_S)
    (spool,) = (tmp_path / "spool").iterdir()
    entries = list(read_entries(spool))
    assert list(range(len(entries))) == [entry.sequence for entry in entries]
    kept = {entry.payload.partition(b'"answer":')[2][:-1] for entry in entries}
    assert len(received) >= ENOUGH
    assert [] == [answer for answer in received if answer not in kept]


def ask_on(base: str, received: list[bytes]) -> None:
    """Ask until nobody answers any more."""
    headers = {"Authorization": f"Bearer {ADMIN_KEY}"}
    with httpx.Client(headers=headers, timeout=PATIENCE_S, trust_env=False) as client:
        while True:
            try:
                response = client.get(f"{base}/can-operate", params=QUESTION)
            except httpx.HTTPError:
                return
            assert 200 == response.status_code
            received.append(response.content)
