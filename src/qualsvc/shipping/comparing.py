"""What of a boot is still on file here, against what the database says was shipped of it.

Who owns the database can say that more was shipped than was, or put rows of their own where a process is about to. Files are
taken away by that word; so first it is held against them.
"""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import asyncpg

from qualsvc.audit.signing import SigningKey
from qualsvc.audit.standing import given_up
from qualsvc.spool.format import Entry, read_entries, segments
from qualsvc.spool.life import lives
from qualsvc.spool.reading import last_records

_AT_ONCE = 2000
_ROWS = "SELECT sequence, payload FROM decision WHERE boot_id = $1 AND sequence BETWEEN $2 AND $3"
_GAPS = "SELECT payload FROM decision WHERE boot_id = $1 AND kind = 'gap'"


@dataclass(frozen=True, slots=True)
class Differing:
    """In what rows and files differ. Not `is_altered`: that may be honest, a lost file found or a key replaced."""

    told: str
    is_altered: bool = True


async def compared(
    connection: asyncpg.Connection, directory: Path, boot_id: str, shipped: int, key: SigningKey
) -> Differing | None:
    """In what the rows up to `shipped` are not what is on file; None where they are, or nothing of it is on file any more."""
    if ahead := await asyncio.to_thread(_ahead, directory, boot_id, shipped):
        return Differing(ahead)
    found_again: Differing | None = None
    entries = _entries(directory, boot_id, shipped)
    while some := await asyncio.to_thread(lambda: list(islice(entries, _AT_ONCE))):
        there = dict(await connection.fetch(_ROWS, boot_id, some[0].sequence, some[-1].sequence))
        other = [entry.sequence for entry in some if there.get(entry.sequence) not in _payloads(entry)]
        if not other:
            continue
        lost = await _told_as_lost(connection, boot_id)
        again = [row for row in other if any(first <= row <= last for first, last in lost)]
        if again:
            found_again = Differing(
                f"row {again[0]} of boot {boot_id} was told as lost, and is on file again", is_altered=False
            )
        ours, anybodys = [await _given_up(connection, boot_id, whose) for whose in (key, None)]
        for row in (row for row in other if row not in again):
            if row in there:
                return Differing(f"row {row} of boot {boot_id} is not what this host has on file")
            if not any(first <= row <= last for first, last in anybodys):
                return Differing(f"row {row} of boot {boot_id}, which this host has on file, is missing")
            if not any(first <= row <= last for first, last in ours):
                told = f"row {row} of boot {boot_id} was given up by a key that is not trusted here"
                found_again = Differing(told, is_altered=False)
    return found_again


def _ahead(directory: Path, boot_id: str, shipped: int) -> str | None:
    """Of a process that lives nothing is in the database that is not on file yet: the file is written first.

    Of one that is gone there may be: a power loss takes from files what was not synced.
    """
    if not lives(directory, boot_id):
        return None
    last = last_records(directory, boot_id).get(boot_id)
    files = segments(directory).get(boot_id, [])
    end = max([file.first - 1 for file in files] + ([] if last is None else [last.sequence]), default=shipped)
    return f"row {shipped} of boot {boot_id} is there, and this host has answered up to {end} only" if shipped > end else None


async def _told_as_lost(connection: asyncpg.Connection, boot_id: str) -> list[tuple[int, int]]:
    found = []
    for (payload,) in await connection.fetch(_GAPS, boot_id):
        try:
            gap = json.loads(payload)["gap"]
            found.append((int(gap["from"]), int(gap["to"])))
        except (ValueError, TypeError, KeyError, RecursionError):
            continue  # not of ours
    return found


async def _given_up(connection: asyncpg.Connection, boot_id: str, key: SigningKey | None) -> list[tuple[int, int]]:
    """What retention has taken, by a word we trust, or anybody's: a process that answers little has it in its file for long."""
    return [(run.start, run.sequence) for run in (await given_up(connection, key)).get(boot_id, {}).values()]


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
