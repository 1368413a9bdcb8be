"""What was frozen for incidents: checkpoints sign it, so that the copies are proved when the log has given up its rows."""

import json
from collections.abc import Iterable
from hashlib import sha256
from typing import Any

import asyncpg

from qualsvc.audit.faults import Fault, Faults
from qualsvc.audit.looking import looking_at
from qualsvc.audit.statements import Statement
from qualsvc.audit.trust import said

_REPORTED = (
    "SELECT code, revision FROM change WHERE kind = 'incident' AND before IS NULL AND revision > $1 ORDER BY revision, ordinal"
)
_INCIDENT = """
SELECT equipment, process, (extract(epoch FROM occurred_at) * 1000000)::bigint AS occurred_at, "window", revision, answers,
    persons::text AS persons, complete, (extract(epoch FROM complete_until) * 1000000)::bigint AS complete_until
FROM incident WHERE code = $1
"""
_PARTS = "SELECT sort, part, lines FROM incident_evidence WHERE incident = $1 ORDER BY sort, part"


async def frozen_since(connection: asyncpg.Connection, told: dict[str, Any]) -> dict[str, Any]:
    """The incidents reported since the checkpoint that told this, with digests; empty when there never was one."""
    before = told.get("incidents")
    upto = before["upto"] if isinstance(before, dict) else 0
    frozen = []
    for code, revision in await connection.fetch(_REPORTED, upto):
        frozen.append([code, await _digest(connection, code)])
        upto = revision
    return {"incidents": {"upto": upto, "frozen": frozen}} if upto else {}


async def check_incidents(connection: asyncpg.Connection, checkpoints: Iterable[Statement], faults: Faults) -> int:
    """Each incident that checkpoints saw is there, frozen as they saw it; answers how many."""
    seen: dict[str, tuple[str, Statement]] = {}
    for each in checkpoints:
        told = said(each).get("incidents")
        try:
            seen |= {str(code): (str(digest), each) for code, digest in (told["frozen"] if told else [])}
        except (TypeError, KeyError, ValueError):
            faults.add(Fault("checkpoint_unreadable", f"checkpoint {each.n} of {each.at} says nothing readable of incidents"))
    for code, (digest, by) in seen.items():
        async with looking_at(connection, f"incident {code}, which checkpoint {by.n} of {by.at} saw,", faults):
            there = await _digest(connection, code)
            if there != digest:
                what = "is missing" if there is None else "is not as it was frozen"
                faults.add(Fault("incident_altered", f"incident {code} {what}; checkpoint {by.n} of {by.at} saw it"))
    return len(seen)


async def _digest(connection: asyncpg.Connection, code: str) -> str | None:
    """SHA-256 over what does not change of an incident, and every line of its evidence; None where there is no such one."""
    incident = await connection.fetchrow(_INCIDENT, code)
    if incident is None:
        return None
    digest = sha256(json.dumps([code, *incident], separators=(",", ":")).encode())
    for sort, part, lines in await connection.fetch(_PARTS, code):
        digest.update(f"\n{sort} {part} {len(lines.encode())}\n{lines}".encode())
    return digest.hexdigest()
