"""The rows around every place where a boot's chain does not hold, for a diagnosis."""

from collections.abc import Iterable, Sequence

import asyncpg

from qualsvc.audit.diagnosis import END
from qualsvc.audit.evidence import Record
from qualsvc.audit.lines import SELECT, Link, copied, parsed
from qualsvc.audit.tombstones import GREATEST
from qualsvc.audit.walk import Place
from qualsvc.store.chain import genesis

_AROUND = 3
_ROWS = f"{SELECT} WHERE boot_id = $1 AND sequence BETWEEN $2 AND $3 ORDER BY sequence, logged_at"


async def neighbours(
    connection: asyncpg.Connection,
    boot_id: str,
    places: Iterable[Place],
    runs: Sequence[Link],
    record: Record | None,
    last: int,
) -> list[list[Link]]:
    """Groups as `diagnosed` wants them. `last` is the greatest sequence there is a row of."""
    groups = []
    for low, high in _windows(places, runs, last):
        blocks: list[bytes] = []

        async def add(block: bytes, blocks: list[bytes] = blocks) -> None:
            blocks.append(block)

        await copied(connection, _ROWS, boot_id, max(low, 0), high, to=add)
        links = [parsed(line) for block in blocks for line in block.split(b"\n")[:-1]]
        links += [run for run in runs if run.sequence >= low and run.start <= high]
        links.sort(key=lambda link: link.sequence)
        if low < 0:
            links.insert(0, Link(-1, -1, genesis(boot_id), "genesis"))
        if high >= last and record is not None:
            links.append(Link(record.sequence + 1, record.sequence + 1, b"", END, None, record.hash))
        groups.append(links)
    return groups


def _windows(places: Iterable[Place], runs: Sequence[Link], last: int) -> list[tuple[int, int]]:
    """From some rows before each place to some rows after it; those that touch each other are one.

    INVARIANT: the first row of a window is not itself a place, for from there a window would begin earlier.
    """
    wide = []
    for place in places:
        low, high = min(place.before, place.sequence) - _AROUND, place.sequence + _AROUND
        for run in sorted(runs, key=lambda run: run.start, reverse=True):
            if run.start <= high and run.sequence >= low:  # a row may be where it was given up
                low = min(low, run.start - _AROUND)
        wide.append((low, GREATEST if high >= last else min(high, GREATEST)))
    found: list[tuple[int, int]] = []
    for low, high in sorted(wide):
        if found and low <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(high, found[-1][1]))
        else:
            found.append((low, high))
    return found
