"""Run as a process of its own: a service whose files may not grow past a limit, and what it says, as JSON lines.

The limit is the process' own RLIMIT_FSIZE (with SIGXFSZ ignored, a write past it fails as on a full disk), so the database,
which is another process, does not feel it.
"""

import asyncio
import json
import resource
import signal
import sys
from pathlib import Path

from qualsvc.spool.format import read_entries
from tests.serving import QUESTION, Running, running


def allow(size: int) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


async def said(plant: Running, what: str) -> None:
    """What an ask, a batch and `/readyz` say now, and how far the log is."""
    ask = await plant.ask(**QUESTION)
    batch = await plant.post({"questions": [QUESTION] * 3}, "/can-operate/batch")
    ready = await plant.client.get("/readyz")
    spool = plant.service.spool()
    line = {
        "what": what,
        "statuses": [each.status_code for each in (ask, batch, ready)],
        "codes": [each.json().get("code") for each in (ask, batch, ready)],
        "sequence": spool.sequence,
        "on_file": [entry.sequence for entry in read_entries(spool.path)],
        "ids": [ask.json().get("decision_id"), *(each["decision_id"] for each in batch.json().get("decisions", []))],
        "boot_id": spool.boot_id,
    }
    tell(line)


def tell(line: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


async def main(database_url: str, directory: str) -> None:
    async with running(database_url, Path(directory)) as plant:
        spool = plant.service.spool()
        await said(plant, "space")
        for room in (0, 1, 24, 300):
            allow(spool.size + room)
            await said(plant, f"{room} bytes left")
        allow(resource.RLIM_INFINITY)
        ready = await plant.client.get("/readyz")
        tell({"what": "ready again", "statuses": [ready.status_code]})
        await said(plant, "space again")


signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
asyncio.run(main(*sys.argv[1:]))
