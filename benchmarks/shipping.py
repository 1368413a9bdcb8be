"""`python -m benchmarks.shipping [ROWS]`: a backlog ships while asks are answered; how fast, and how much slower they get.

A process that died has left the backlog; its files are put beside those of a service that is being asked at a constant rate.
"""

import asyncio
import sys
import tempfile
import time
from pathlib import Path

import asyncpg

from benchmarks.backlog import backlog
from benchmarks.load import constant_rate
from benchmarks.service import asks_of_sample, served

ROWS = 1_000_000
RATE = 500
"""Asks a second."""
QUIET_S = 15.0
CONNECTIONS = 16


def percentile(latencies: list[float], share: float) -> float:
    """In milliseconds."""
    return sorted(latencies)[int(len(latencies) * share)] * 1e3


async def _shipped(url: str, boot_id: str, rows: int) -> float:
    """Wait until it is in the table; seconds from its first row to its last."""
    connection = await asyncpg.connect(url)
    began = None
    try:
        while True:
            there = await connection.fetchval("SELECT sequence FROM decision_boot WHERE boot_id = $1", boot_id)
            if there is not None and began is None:
                began = time.perf_counter()
            if there is not None and began is not None and there >= rows:
                return time.perf_counter() - began
            await asyncio.sleep(0.2)
    finally:
        await connection.close()


async def _measure(port: int, requests: list[bytes], directory: Path, url: str, rows: int) -> None:
    async def asked(meanwhile: asyncio.Task[float]) -> list[float]:
        ending = asyncio.Event()
        meanwhile.add_done_callback(lambda _: ending.set())
        return await constant_rate(port, requests, CONNECTIONS, RATE, ending)

    async def quiet() -> float:
        await asyncio.sleep(QUIET_S)
        return QUIET_S

    print(f"making a backlog of {rows:,}", file=sys.stderr)
    aside = directory / "aside"
    boot_id = await asyncio.to_thread(backlog, aside, rows)
    before = await asked(asyncio.create_task(quiet()))
    print("shipping", file=sys.stderr)
    for file in sorted(aside.iterdir()):
        file.rename(directory / "spool" / file.name)
    under_way = asyncio.create_task(_shipped(url, boot_id, rows))
    during = await asked(under_way)
    after = await asked(asyncio.create_task(quiet()))
    calm = before + after
    print(f"{rows:,} rows in {under_way.result():.1f} s: {rows / under_way.result():,.0f} rows/s")
    for share, name in ((0.5, "p50"), (0.99, "p99"), (0.999, "p99.9")):
        without, with_it = percentile(calm, share), percentile(during, share)
        print(f"{name} at {RATE}/s: {without:.2f} ms without, {with_it:.2f} ms while it ships, {with_it / without:.2f} times")


def main() -> None:
    """Measure, and print."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    with tempfile.TemporaryDirectory(prefix="qualsvc-bench-") as name:
        directory = Path(name)
        directory.chmod(0o711)
        with served(directory) as service:
            asyncio.run(_measure(service.port, asks_of_sample(service), directory, service.database, rows))


if __name__ == "__main__":
    main()
