"""The rows of all boots, each against the one before it and the last against what the boot's record says."""

from collections import defaultdict

import asyncpg

from qualsvc.audit.closely import neighbours
from qualsvc.audit.diagnosis import diagnosed
from qualsvc.audit.evidence import Evidence
from qualsvc.audit.faults import Faults, of_boot, of_rows
from qualsvc.audit.looking import looking_at
from qualsvc.audit.scan import NEXT, scan, spans
from qualsvc.audit.tombstones import GREATEST, Runs
from qualsvc.audit.verdict import Progress, Verdict
from qualsvc.audit.walk import CLOSELY, Place, Walked, stepped_over
from qualsvc.store.chain import genesis

_LAST = "SELECT hash FROM decision WHERE boot_id = $1 AND sequence = $2 ORDER BY logged_at DESC LIMIT 1"
_NEGATIVE = "SELECT min(sequence), max(sequence) FROM decision WHERE boot_id = $1 AND sequence < 0"


async def check_rows(
    connection: asyncpg.Connection,
    url: str,
    evidence: Evidence,
    runs: Runs,
    verdict: Verdict,
    progress: Progress,
    processes: int,
) -> None:
    """Walk along all rows that `connection` sees, by several processes, and put down what is wrong with each boot."""
    places: dict[str, list[Place]] = defaultdict(list)
    expected = sum(last + 1 for _, last in evidence.extents.values())

    def seen(boot_id: str, walked: Walked) -> None:
        verdict.rows += walked.rows
        verdict.lost += [(boot_id, first, last) for first, last in walked.lost.kept]
        if walked.lost.left_out:
            verdict.warnings.append(f"boot {boot_id}: {walked.lost.left_out} records more were lost before they were kept")
        places[boot_id] += walked.places
        verdict.faults.add(*(of_rows("missing", boot_id, first, last, "") for first, last in walked.missing.kept))
        verdict.faults.add(*(of_rows("edited", boot_id, first, last, "edited") for first, last in walked.wrong.kept))
        if more := walked.missing.left_out + walked.wrong.left_out:
            verdict.faults.add(of_boot("more", boot_id, f"{more} rows more are missing or edited"))
        if walked.unreadable is not None:
            verdict.faults.add(of_boot("unreadable", boot_id, walked.unreadable))
        progress(verdict.rows, max(expected, verdict.rows))

    snapshot = await connection.fetchval("SELECT pg_export_snapshot()")
    wanted = [
        span
        for boot_id, (_, last) in evidence.extents.items()
        for span in await spans(connection, boot_id, last, runs.get(boot_id, {}))
    ]
    await scan(url, snapshot, wanted, processes, seen)
    for boot_id in evidence.boots:
        _, last = evidence.extents.get(boot_id, (0, -1))
        with_rows = f"boot {boot_id}, of which row {last} is the last one there"
        async with looking_at(connection, with_rows, verdict.faults, boot_id, last):
            await _diagnose(connection, boot_id, evidence, runs, places[boot_id], verdict.faults)


async def _diagnose(
    connection: asyncpg.Connection, boot_id: str, evidence: Evidence, runs: Runs, places: list[Place], faults: Faults
) -> None:
    record, given_up = evidence.records.get(boot_id), runs.get(boot_id, {})
    first, last = evidence.extents.get(boot_id, (0, -1))
    if first < 0:
        low, high = await connection.fetchrow(_NEGATIVE, boot_id)
        faults.add(of_rows("inserted", boot_id, low, high, "inserted: rows are numbered from 0"))
        last = max(last, -1)
    digest = genesis(boot_id) if last < 0 else await connection.fetchval(_LAST, boot_id, last)
    end = stepped_over(given_up, last, digest)
    beyond = GREATEST + 1
    if record is not None and end != (record.sequence, record.hash):
        if end[0] - record.sequence <= CLOSELY:
            places.append(Place(end[0], end[0], min(end[0], record.sequence)))
        else:  # too many to be tried one by one
            beyond = await connection.fetchval(NEXT, boot_id, record.sequence + 1) or end[0]
            why = f"its record ends at row {record.sequence}, unless that was edited"
            faults.add(of_rows("inserted", boot_id, beyond, end[0], "inserted", why))
    if places:
        groups = await neighbours(connection, boot_id, places, list(given_up.values()), record, end[0])
        found = [fault for fault in diagnosed(boot_id, groups) if fault.kind != "inserted" or (fault.first or 0) < beyond]
        faults.add(*found)
        if not found and beyond > GREATEST:  # what nobody can explain is a fault all the same
            faults.add(*(of_rows("unsound", boot_id, one.before, one.sequence, "altered in some way") for one in places))
