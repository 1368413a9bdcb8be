"""Killed at any moment, a process has lost no answer that a client received: each is in the table, once."""

import asyncio
import signal
import sys
import time
from pathlib import Path

import pytest

from tests.cli.commands import PATIENCE_S, serving
from tests.serving import ADMIN_KEY
from tests.shipping.asking import Asking
from tests.shipping.evidence import check, fill

CLIENTS = 3
ENOUGH = 600


@pytest.mark.parametrize("kill", [*range(5), *(pytest.param(kill, marks=pytest.mark.faults) for kill in range(5, 100))])
def test_kill_9_under_load(database_url: str, tmp_path: Path, kill: int) -> None:
    """`kill -9` of the whole service in the midst of answering; its shipper takes the rest along, or the next start does."""
    sync = "fsync" if kill % 3 == 2 else "write"
    given = {"QUALSVC_DATABASE_URL": database_url, "QUALSVC_BOOTSTRAP_API_KEY": ADMIN_KEY, "QUALSVC_DECISION_LOG_SYNC": sync}
    with serving(tmp_path, **given) as (command, base):
        asyncio.run(fill(database_url))
        clients = [Asking(base) for _ in range(CLIENTS)]
        began = time.monotonic()
        for client in clients:
            client.start()
        command.until(lambda: sum(len(client.received) for client in clients) >= ENOUGH)
        rate = sum(len(client.received) for client in clients) / (time.monotonic() - began)
        assert -signal.SIGKILL == command.end(signal.SIGKILL)
        for client in clients:
            client.join(PATIENCE_S)
    sys.stderr.write(f"killed at {rate:,.0f} decisions/s\n")
    if kill % 2:
        with serving(tmp_path, **given):
            asyncio.run(check(database_url, clients))
    asyncio.run(check(database_url, clients))
