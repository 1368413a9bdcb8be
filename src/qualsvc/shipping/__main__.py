"""The shipper as a process: `python -m qualsvc.shipping DIRECTORY LEVEL FORMAT`.

On stdin it is given the URL of the database and how the log is kept, a line each: both hold secrets.

It stops when stdin ends, which it does however the process that started it comes to its end; first it ships what is there.
"""

import asyncio
import contextlib
import os
import signal
import sys
from pathlib import Path

from qualsvc.audit.keeping import Keeper, Keeping
from qualsvc.logs import configure_logs
from qualsvc.shipping.shipper import Shipper

_NICE = 10
"""Answers go first; what is on file is safe."""


async def _run(directory: Path, url: str, keeping: Keeping) -> None:
    loop = asyncio.get_running_loop()
    keeper = Keeper(url, keeping)
    shipper = Shipper(directory, url, keeping.key, keeper.contradict)
    loop.add_signal_handler(signal.SIGTERM, shipper.stop)

    def ended() -> None:
        if not os.read(sys.stdin.fileno(), 1024):
            loop.remove_reader(sys.stdin.fileno())
            shipper.stop()

    loop.add_reader(sys.stdin.fileno(), ended)
    kept = asyncio.create_task(keeper.run())
    await shipper.run()
    kept.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await kept
    await keeper.finish()


def main() -> None:
    """Ship until told to stop."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one who started it
    configure_logs(sys.argv[2], sys.argv[3])
    with contextlib.suppress(OSError):
        os.nice(_NICE)
    with os.fdopen(os.dup(sys.stdin.fileno()), "rb", buffering=0) as lines:  # nothing of the end may stay in a buffer
        url = lines.readline().decode().strip()
        keeping = Keeping.read(lines.readline())
    asyncio.run(_run(Path(sys.argv[1]), url, keeping))


main()
