"""`python -m benchmarks.verify [ROWS]`: rows a second that `qualsvc audit verify` goes through, beside what one core can hash.

The rows are shipped as ever, from a spool of its own into an embedded PostgreSQL of its own, by several boots.
"""

import asyncio
import os
import sys
import tempfile
import time
from hashlib import sha256
from pathlib import Path

from benchmarks.backlog import answer, backlog
from qualsvc.audit.checkpoints import checkpoint
from qualsvc.audit.signing import SigningKey
from qualsvc.audit.verifying import verify
from qualsvc.embedded import EmbeddedPostgres
from qualsvc.shipping.boot import Boot
from qualsvc.shipping.shipper import Shipper
from qualsvc.store import migrate
from qualsvc.store.engine import connect

ROWS = 1_000_000
BOOTS = 4
ROUNDS = 3


async def _fill(url: str, directory: Path, rows: int) -> None:
    await migrate.upgrade(url)
    for _ in range(BOOTS):
        backlog(directory, rows // BOOTS)
    connection = await connect(url)
    shipper, boots = Shipper(directory, url, SigningKey(bytes(32))), dict[str, Boot]()
    while await shipper.once(connection, boots):
        pass
    await checkpoint(connection, SigningKey(bytes(32)), 0)
    await connection.close()


def _hashed(rows: int) -> float:
    """Rows of this size a second that one core hashes, and does nothing else."""
    lines = [answer(number) for number in range(1000)]
    before, began = bytes(32), time.perf_counter()
    for _ in range(rows // len(lines)):
        for line in lines:
            before = sha256(before + line).digest()
    return rows / (time.perf_counter() - began)


def main(rows: int) -> None:
    """Print what each round measures."""
    with tempfile.TemporaryDirectory(prefix="qualsvc-bench-", dir="/tmp") as made:
        directory = Path(made)
        directory.chmod(0o711)
        with EmbeddedPostgres(directory / "postgres") as url:
            asyncio.run(_fill(url, directory / "spool", rows))
            for _ in range(ROUNDS):
                load = os.getloadavg()[0]
                verdict = asyncio.run(verify(url, [SigningKey(bytes(32)).public]))
                assert verdict.is_sound, verdict.faults.listed
                rate, hashed = verdict.rows / verdict.seconds, _hashed(200_000)
                print(f"{verdict.rows:,} rows in {verdict.seconds:.1f} s: {rate:,.0f} rows/s; load before {load:.1f}")
                print(
                    f"  {rate / hashed:.2f} of the {hashed:,.0f} rows/s that one core hashes and does nothing else", flush=True
                )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS)
