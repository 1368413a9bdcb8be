"""What of a boot is still on file here, against what the database says was shipped of it.

Who owns the database can say that more was shipped than was, or put rows of their own where a process is about to. Files are
taken away by that word; so first it is held against them.
"""

import asyncio
import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Self

import asyncpg

from qualsvc.audit.signing import SigningKey
from qualsvc.audit.standing import given_up
from qualsvc.audit.tombstones import Runs, is_given_up
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
    honest: Differing | None = None
    known: _Known | None = None
    entries = _entries(directory, boot_id, shipped)
    while some := await asyncio.to_thread(lambda: list(islice(entries, _AT_ONCE))):
        there = dict(await connection.fetch(_ROWS, boot_id, some[0].sequence, some[-1].sequence))
        for entry in some:
            row = there.get(entry.sequence)
            if row is not None and _is_of(row, entry):
                continue
            known = known or await _Known.of(connection, boot_id, key)
            found = known.about(entry.sequence, is_there=row is not None)
            if found is not None and found.is_altered:
                return found
            honest = honest or found
    return honest


@dataclass(frozen=True, slots=True)
class _Known:
    """Why rows of a boot may honestly not be there: `lost` from where to where; given up by our word, or anybody's."""

    boot_id: str
    lost: list[tuple[int, int]]
    ours: Runs
    anybodys: Runs

    @classmethod
    async def of(cls, connection: asyncpg.Connection, boot_id: str, key: SigningKey) -> Self:
        lost = []
        for (payload,) in await connection.fetch(_GAPS, boot_id):
            with contextlib.suppress(ValueError, TypeError, KeyError, RecursionError):  # else not of ours
                gap = json.loads(payload)["gap"]
                lost.append((int(gap["from"]), int(gap["to"])))
        return cls(boot_id, lost, await given_up(connection, key), await given_up(connection, None))

    def about(self, row: int, *, is_there: bool) -> Differing | None:
        """What is to be said of a record on file that is not as its row. None: retention has the row, as it should be.

        A process that answers little has in its file for long what retention has taken out of the table.
        """
        if any(first <= row <= last for first, last in self.lost):
            return Differing(f"row {row} of boot {self.boot_id} was told as lost, and is on file again", is_altered=False)
        if is_there:
            return Differing(f"row {row} of boot {self.boot_id} is not what this host has on file")
        if not is_given_up(self.anybodys, self.boot_id, row):
            return Differing(f"row {row} of boot {self.boot_id}, which this host has on file, is missing")
        if not is_given_up(self.ours, self.boot_id, row):
            return Differing(
                f"row {row} of boot {self.boot_id} was given up by a key that is not trusted here", is_altered=False
            )
        return None


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


def _entries(directory: Path, boot_id: str, last: int) -> Iterator[Entry]:
    for file in segments(directory).get(boot_id, []):
        if file.first > last:
            return
        for entry in read_entries(file.path, file.first):
            if entry.sequence > last:
                return
            yield entry


def _is_of(payload: str, entry: Entry) -> bool:
    """Whether a row has this payload for that record: the record itself, or what is no record of ours as bytes."""
    return payload == entry.payload.decode("utf-8", "replace") or payload == json.dumps({"unreadable": entry.payload.hex()})
