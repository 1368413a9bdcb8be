"""The decisions that were copied for incidents, against the rows they were copied from, as long as the log has these.

What nobody signed yet is proved by this alone: who alters a copy would have to alter the row, too, and its chain.
"""

import json

import asyncpg

from qualsvc.audit.faults import Fault, Faults
from qualsvc.audit.looking import looking_at
from qualsvc.store.decisions import whole

_INCIDENTS = "SELECT code, answers FROM incident ORDER BY code"
_PARTS = "SELECT part FROM incident_evidence WHERE incident = $1 AND sort = 'decisions' ORDER BY part"
_LINES = "SELECT lines FROM incident_evidence WHERE incident = $1 AND sort = 'decisions' AND part = $2"
_ROWS = """
SELECT boot_id, sequence, payload, decision.hash
FROM unnest($1::text[], $2::bigint[]) copied (boot_id, sequence) JOIN decision USING (boot_id, sequence)
"""


async def check_copies(connection: asyncpg.Connection, faults: Faults) -> None:
    """Every copy is as its row, and there are as many as the incident says."""
    for code, answers in await connection.fetch(_INCIDENTS):
        async with looking_at(connection, f"incident {code}", faults):
            copies = 0
            for (part,) in await connection.fetch(_PARTS, code):
                lines = (await connection.fetchval(_LINES, code, part)).split("\n")
                copies += len(lines)
                await _check(connection, code, lines, faults)
            if copies != answers:
                faults.add(Fault("incident_altered", f"incident {code} has {copies} copies of {answers} decisions"))


async def _check(connection: asyncpg.Connection, code: str, lines: list[str], faults: Faults) -> None:
    placed: dict[tuple[str, int], str] = {}
    for line in lines:
        told = json.loads(line)
        placed[told["boot_id"], told["sequence"]] = line
    boots, sequences = zip(*placed, strict=True)
    for boot_id, sequence, payload, digest in await connection.fetch(_ROWS, boots, sequences):
        if whole(boot_id, sequence, payload, digest) != placed[boot_id, sequence]:
            text = f"incident {code}: its copy of row {sequence} of boot {boot_id} is not as that row is"
            faults.add(Fault("incident_altered", text, boot_id, sequence, sequence))
