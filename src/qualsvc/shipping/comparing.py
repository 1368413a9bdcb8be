"""What of a boot is still on file here, against what the database says was shipped of it.

Who owns the database can say that more was shipped than was, or put rows of their own where a process is about to. Files are
taken away by that word; so first it is held against them.
"""

import asyncio
import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import asyncpg

from qualsvc.audit.standing import given_up
from qualsvc.spool.format import Entry, read_entries, segments

_AT_ONCE = 2000
_ROWS = "SELECT sequence, payload FROM decision WHERE boot_id = $1 AND sequence BETWEEN $2 AND $3"


async def contradiction(connection: asyncpg.Connection, directory: Path, boot_id: str, shipped: int) -> str | None:
    """In what the rows up to `shipped` are not what is on file; None where they are, or nothing of it is on file any more."""
    entries = _entries(directory, boot_id, shipped)
    while some := await asyncio.to_thread(lambda: list(islice(entries, _AT_ONCE))):
        there = dict(await connection.fetch(_ROWS, boot_id, some[0].sequence, some[-1].sequence))
        for entry in some:
            if entry.sequence in there and there[entry.sequence] not in _payloads(entry):
                return f"row {entry.sequence} of boot {boot_id} is not what this host has on file"
        missing = {entry.sequence for entry in some} - there.keys()
        missing -= await _given_up(connection, boot_id, missing) if missing else set()
        if missing:
            return f"row {min(missing)} of boot {boot_id}, which this host has on file, is missing"
    return None


async def _given_up(connection: asyncpg.Connection, boot_id: str, rows: set[int]) -> set[int]:
    """Those of the rows that retention has taken: a process that answers little has them in its file for long."""
    runs = (await given_up(connection, None)).get(boot_id, {}).values()
    return {row for row in rows if any(run.start <= row <= run.sequence for run in runs)}


def _entries(directory: Path, boot_id: str, last: int) -> Iterator[Entry]:
    for file in segments(directory).get(boot_id, []):
        if file.first > last:
            return
        for entry in read_entries(file.path, file.first):
            if entry.sequence > last:
                return
            yield entry


def _payloads(entry: Entry) -> tuple[str, ...]:
    """As a row has it: what is no record of ours as bytes."""
    text = entry.payload.decode("utf-8", "replace")
    return text, json.dumps({"unreadable": entry.payload.hex()})
