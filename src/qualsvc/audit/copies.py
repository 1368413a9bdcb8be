"""The decisions that were copied for incidents, against the rows they were copied from, as long as the log has these.

What nobody signed yet is proved by this alone: who alters a copy would have to alter the row, too, and its chain.
"""

import json
from collections.abc import Sequence

import asyncpg

from qualsvc.audit.faults import Fault, Faults
from qualsvc.audit.looking import looking_at
from qualsvc.audit.tombstones import Runs, is_given_up
from qualsvc.store.decisions import whole

Place = tuple[str, int]
_INCIDENTS = "SELECT code, answers FROM incident ORDER BY code"
_PARTS = "SELECT part FROM incident_evidence WHERE incident = $1 AND sort = 'decisions' ORDER BY part"
_LINES = "SELECT lines FROM incident_evidence WHERE incident = $1 AND sort = 'decisions' AND part = $2"
_ROWS = """
SELECT boot_id, sequence, payload, decision.hash
FROM unnest($1::text[], $2::bigint[]) copied (boot_id, sequence) JOIN decision USING (boot_id, sequence)
"""


async def check_copies(connection: asyncpg.Connection, runs: Runs, faults: Faults) -> None:
    """Every copy is as its row, which is there or was given up; none is there twice, and as many as the incident says."""
    for code, answers in await connection.fetch(_INCIDENTS):
        async with looking_at(connection, f"incident {code}", faults):
            placed: set[Place] = set()
            copies = 0
            for (part,) in await connection.fetch(_PARTS, code):
                lines = (await connection.fetchval(_LINES, code, part)).split("\n")
                placed |= await _check(connection, code, lines, runs, faults)
                copies += len(lines)
            if not len(placed) == copies == answers:
                text = f"incident {code} has {copies} copies of {len(placed)} decisions, and says that there are {answers}"
                faults.add(Fault("incident_altered", text))


async def _check(connection: asyncpg.Connection, code: str, lines: Sequence[str], runs: Runs, faults: Faults) -> set[Place]:
    copies: list[tuple[Place, str]] = []
    for line in lines:
        told = json.loads(line)
        copies.append(((told["boot_id"], told["sequence"]), line))
    places = {place for place, _ in copies}
    boots, sequences = zip(*places, strict=True)
    there = {(row[0], row[1]): whole(*row) for row in await connection.fetch(_ROWS, boots, sequences)}
    for (boot_id, sequence), line in copies:
        row = there.get((boot_id, sequence))
        if row is None and is_given_up(runs, boot_id, sequence):
            continue
        if row != line:
            what = "is of no row there is" if row is None else "is not as that row is"
            text = f"incident {code}: its copy of row {sequence} of boot {boot_id} {what}"
            faults.add(Fault("incident_altered", text, boot_id, sequence, sequence))
    return places
