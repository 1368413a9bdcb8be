"""`python -m benchmarks.memory PORT PERSONS CERTIFICATES_EACH`: the real ask path over a plant that no database holds.

The service as it is, but for its follower: what it would load and follow is put into memory here, and called fresh. So a
million persons can be asked about without six million rows being written first. Answers go on file as ever; nobody ships them.

A line on stdin has the kernel timed in this process; its figures are a line of JSON on stdout, microseconds a question. The
end of stdin ends it.
"""

import asyncio
import json
import os
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

from benchmarks.kernel import deciding, first, known
from benchmarks.plant import Plant, plant, questions
from benchmarks.service import KEY
from qualsvc.access.keys import Keyring, digest
from qualsvc.app import Service
from qualsvc.cli.serving import listening, server, stop_cleanly
from qualsvc.clocks import SystemClock
from qualsvc.kernel.snapshot import Snapshot
from qualsvc.logs import configure_logs
from qualsvc.replica.held import Held
from qualsvc.replica.lease import Sighting
from qualsvc.replica.replica import Replica
from qualsvc.settings import Settings

ASKED = 5_000
"""Questions of each size alike, asked again and again: what differs is only how much lies around what is looked up."""
_RENEW_S = 0.5
_ROOM_MB = 20_000


class _Filled:
    """Stands where the follower does."""

    def __init__(self, replica: Replica, held: Held) -> None:
        self._replica = replica
        self._held = held

    async def run(self) -> None:
        self._replica.held, clock = self._held, SystemClock()
        while True:
            now = clock.monotonic()
            seen = Sighting(asked=now, answered=now, database_wall=clock.wall(), revision=self._held.snapshot.revision)
            self._replica.lease.renew(seen, on_record=True)
            self._replica.release()
            await asyncio.sleep(_RENEW_S)


class _InMemory(Service):
    def __init__(self, settings: Settings, held: Held) -> None:
        super().__init__(settings, "postgresql://nobody@127.0.0.1:1/nothing")
        self._filled = held

    def _follower(self, boot_id: str) -> Any:  # noqa: ARG002  nobody is told that it answers
        return _Filled(self.replica, self._filled)


def held(snapshot: Snapshot) -> Held:
    """With the one key that may ask."""
    keyring = Keyring()
    keyring.apply("bootstrap", {"scopes": ["admin"], "sha256": digest(KEY), "revoked_at": None})
    snapshot.revision = 1
    return Held(snapshot, keyring, uuid4())


def _time_when_told(plant: Plant, snapshot: Snapshot) -> None:
    asked, instant = questions(plant, min(ASKED, plant.persons * 5)), time.time_ns() // 1000
    again, once = (deciding(answers(snapshot), instant).time for answers in (known, first))
    assert again is not None
    assert once is not None
    again(asked)
    for _ in sys.stdin:
        print(json.dumps({"known_us": again(asked), "first_us": once(asked[: ASKED // 5])}), flush=True)
    os.kill(os.getpid(), signal.SIGTERM)  # whoever measured is gone, however it ended


def main(port: int, persons: int, certificates_each: int) -> None:
    """Serve until told to stop."""
    configure_logs("error")
    stop_cleanly()
    whole = plant(persons=persons, certificates_each=certificates_each)
    snapshot = whole.snapshot()
    with tempfile.TemporaryDirectory(prefix="qualsvc-bench-") as directory:
        service = _InMemory(Settings(data_dir=Path(directory), spool_max_mb=_ROOM_MB), held(snapshot))
        serving = server(service)
        threading.Thread(target=_time_when_told, args=(whole, snapshot), daemon=True).start()
        serving.run([listening("127.0.0.1", port)])


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
